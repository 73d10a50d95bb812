import { expect, it } from 'vitest';
import { Closers, PartsOnDemand } from '#dist/core/closers.js';

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
