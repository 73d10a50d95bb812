import { describe, expect, it } from 'vitest';
import { historiesIn, historyBlobs, historyBounds } from '#dist/core/spark/history-chunks.js';
import { seededRandom } from '#dist/core/numeric/random.js';
import { usersOf } from '#dist/core/numeric/split-pairs.js';
import type { Pairs } from '#dist/core/contracts.js';

function someHistories(sizes: readonly number[]): Pairs {
  const indptr = Uint32Array.from([0, ...sizes]);
  for (let u = 1; u < indptr.length; u++) indptr[u]! += indptr[u - 1]!;
  const nnz = indptr.at(-1)!;
  const random = seededRandom(3);
  return {
    ...{ numUsers: sizes.length, numItems: 99, indptr },
    item: Uint32Array.from({ length: nnz }, () => random.nextBelow(99)),
    weight: BigInt64Array.from({ length: nnz }, () => BigInt(random.nextUint32())),
    count: new Uint32Array(nnz).fill(2),
    lastAt: BigInt64Array.from({ length: nnz }, () => -BigInt(random.nextUint32())),
    flags: Uint8Array.from({ length: nnz }, () => random.nextBelow(8)),
  };
}

describe('the bounds of chunks', () => {
  it.each([1, 2, 3, 7, 40])('hold every user once, in at least %i chunks', (parts) => {
    const histories = someHistories(Array.from({ length: 40 }, (_, u) => (u * 13) % 11));
    const bounds = historyBounds(histories, parts);
    expect(bounds[0]).toBe(0);
    expect(bounds.at(-1)).toBe(40);
    expect(bounds.length - 1).toBeGreaterThanOrEqual(parts);
    expect(bounds).toEqual([...new Set(bounds)].sort((a, b) => a - b));
  });

  it('give a user with more pairs than a chunk has one of their own', () => {
    const numPairs = 300_000;
    const indptr = Uint32Array.of(0, 10, 10 + numPairs, 20 + numPairs, 30 + numPairs);
    expect(historyBounds({ numUsers: 4, indptr }, 1)).toEqual([0, 1, 2, 4]);
  });

  it('are none for nobody', () => {
    expect(historyBounds({ numUsers: 0, indptr: Uint32Array.of(0) }, 4)).toEqual([0]);
  });
});

it('histories come out of their blobs as they went in', () => {
  const histories = someHistories([3, 0, 5, 1]);
  expect(historiesIn(historyBlobs(histories, 1, 4), 99)).toEqual({ ...usersOf(histories, 1, 4) });
});
