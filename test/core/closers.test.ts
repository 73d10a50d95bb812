import { expect, it } from 'vitest';
import { Closers } from '#dist/core/closers.js';

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
