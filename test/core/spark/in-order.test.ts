import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { inOrder } from '#dist/core/spark/in-order.js';

it('gives results in the order of the items, with no more under way than it may', async () => {
  let underWay = 0;
  let most = 0;
  const run = async (item: number): Promise<number> => {
    most = Math.max(most, ++underWay);
    await setTimeout((item * 7) % 5);
    underWay--;
    return item;
  };
  const items = Array.from({ length: 20 }, (_, at) => at);
  const got: number[] = [];
  for await (const item of inOrder(items, run, () => 4)) got.push(item);
  expect(got).toEqual(items);
  expect(most).toBe(4);
});

it('ends with the first failure in that order, and takes no further item', async () => {
  const taken: number[] = [];
  const run = (item: number): Promise<number> => {
    taken.push(item);
    return item === 2 ? Promise.reject(new Error('no')) : Promise.resolve(item);
  };
  const got: number[] = [];
  const read = async (): Promise<void> => {
    for await (const item of inOrder([0, 1, 2, 3, 4, 5, 6, 7], run, () => 2)) got.push(item);
  };
  await expect(read()).rejects.toThrow('no');
  expect(got).toEqual([0, 1]);
  expect(taken).toEqual([0, 1, 2, 3]);
});
