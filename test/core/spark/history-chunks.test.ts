import { describe, expect, it } from 'vitest';
import { historyBounds, rowBlobs, rowsIn } from '#dist/core/spark/history-chunks.js';

function histories(sizes: readonly number[]): { numUsers: number; indptr: Uint32Array } {
  const indptr = Uint32Array.from([0, ...sizes]);
  for (let u = 1; u < indptr.length; u++) indptr[u]! += indptr[u - 1]!;
  return { numUsers: sizes.length, indptr };
}

describe('the bounds of chunks', () => {
  it.each([1, 2, 3, 7, 40])('hold every user once, in at least %i chunks', (parts) => {
    const sizes = Array.from({ length: 40 }, (_, u) => (u * 13) % 11);
    const bounds = historyBounds(histories(sizes), parts);
    expect(bounds[0]).toBe(0);
    expect(bounds.at(-1)).toBe(40);
    expect(bounds.length - 1).toBeGreaterThanOrEqual(parts);
    expect(bounds).toEqual([...new Set(bounds)].sort((a, b) => a - b));
  });

  it('give a user with more pairs than a chunk has one of their own', () => {
    const numPairs = 2_100_000;
    const indptr = Uint32Array.of(0, 10, 10 + numPairs, 20 + numPairs, 30 + numPairs);
    expect(historyBounds({ numUsers: 4, indptr }, 1)).toEqual([0, 1, 2, 4]);
  });

  it('are none for nobody', () => {
    expect(historyBounds({ numUsers: 0, indptr: Uint32Array.of(0) }, 4)).toEqual([0]);
  });
});

it('weighed histories come out of their blobs as they went in', () => {
  const rows = {
    numRows: 3,
    indptr: Uint32Array.of(0, 2, 2, 3),
    idx: Uint32Array.of(4, 9, 1),
    weight: Float32Array.of(0.5, -2, 1e-9),
  };
  const got = rowsIn(rowBlobs(rows));
  expect({ ...got, indptr: [...got.indptr], idx: [...got.idx], weight: [...got.weight] }).toEqual({
    ...{ numRows: 3, indptr: [...rows.indptr], idx: [...rows.idx], weight: [...rows.weight] },
  });
  expect(() => rowsIn([])).toThrow('histories in 0 arrays');
});
