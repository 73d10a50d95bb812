import { expect, it } from 'vitest';
import { KeptWorkspace } from '#dist/core/compute/kept-workspace.js';

it('gives the same memory as long as it is large enough', () => {
  const memory = new KeptWorkspace();
  const first = memory.take(64);
  const address = first.allocate(64);
  first.u8(address, 64).fill(7);
  const second = memory.take(64);
  expect(second).toBe(first);
  expect(second.allocate(64)).toBe(address);
  const third = memory.take(2 ** 20);
  expect(third).not.toBe(first);
  third.allocate(2 ** 20);
  const fourth = memory.take(2 ** 19);
  expect(fourth).toBe(third);
  expect(fourth.u8(fourth.allocate(2 ** 19), 2 ** 19)).toHaveLength(2 ** 19);
});
