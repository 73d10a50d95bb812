import { expect, it } from 'vitest';
import {
  Closers,
  closing,
  handingOn,
  keeping,
  opening,
  PartsOnDemand,
  releasing,
} from '#dist/core/closers.js';

it('opens a lazy part once, when it is first asked for, and closes only what was opened, the last first', () => {
  const calls: string[] = [];
  const opened = new Closers();
  const part = (name: string) => () => {
    calls.push(`open ${name}`);
    return { name, close: () => calls.push(`close ${name}`) };
  };
  const [first, second, never] = ['first', 'second', 'never'].map((name) => opened.lazy(part(name)));
  expect(calls).toEqual([]);
  expect(second!()).toBe(second!());
  expect(first!().name).toBe('first');
  opened.close();
  opened.close();
  expect(never).toBeDefined();
  expect(calls).toEqual(['open second', 'open first', 'close first', 'close second']);
});

it('parts are opened when they are asked for, and those kept open that were asked for last', () => {
  const calls: string[] = [];
  const parts = new PartsOnDemand((part) => {
    calls.push(`open ${part}`);
    return { part, close: () => calls.push(`close ${part}`) };
  }, 2);
  expect([0, 1, 0].map((part) => parts.at(part).part)).toEqual([0, 1, 0]);
  expect(calls).toEqual(['open 0', 'open 1']);
  // 0 was asked for after 1.
  parts.at(2);
  expect(calls.slice(2)).toEqual(['close 1', 'open 2']);
  parts.at(0);
  parts.close();
  parts.close();
  expect(calls.slice(4).sort()).toEqual(['close 0', 'close 2']);
});

it('what was opened is closed after its use: of a promise once it has settled, and also when something throws', async () => {
  const calls: string[] = [];
  const part = (name: string) => ({
    close: () => void calls.push(`close ${name}`),
    release: () => void calls.push(`release ${name}`),
  });
  const use = (what: string) => () => calls.push(what);
  closing(part('a'), use('use a'));
  expect(() => closing(part('b'), () => expect.fail('b'))).toThrow('b');
  const later = closing(part('c'), async () => {
    await Promise.resolve();
    calls.push('use c');
    throw new Error('c');
  });
  calls.push('wait');
  await expect(later).rejects.toThrow('c');
  expect(releasing(undefined, () => 1)).toBe(1);
  await releasing(part('d'), async () =>
    keeping(async (opened) => {
      opened.keep(part('e'));
      opened.keep(part('f'));
      await Promise.resolve();
    }),
  );
  expect(calls.join(', ')).toBe('use a, close a, close b, wait, use c, close c, close f, close e, release d');
});

it('what is handed on stays open, and is closed where what it is for cannot be opened', async () => {
  const calls: string[] = [];
  const part = (name: string) => ({
    close: async () => {
      await Promise.resolve();
      calls.push(`close ${name}`);
    },
  });
  expect(handingOn(part('a'), () => 'made')).toBe('made');
  await expect(handingOn(part('b'), async () => Promise.resolve('made'))).resolves.toBe('made');
  const fails = handingOn(part('c'), async () => Promise.reject(new Error('c')));
  await expect(fails).rejects.toThrow('c');
  expect(calls).toEqual(['close c']);
  const open = (): never =>
    opening((opened) => {
      opened.keep({ close: () => calls.push('close d') });
      throw new Error('d');
    });
  expect(open).toThrow('d');
  expect(calls).toEqual(['close c', 'close d']);
});
