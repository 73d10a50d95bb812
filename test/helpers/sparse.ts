import { allocateSparseRows, type SparseRows } from '#dist/core/numeric/csr.js';
import type { Pairs } from '#dist/core/contracts.js';
import { seededRandom } from '#dist/core/numeric/random.js';

/** One row a user: [item, signed weight] pairs, items ascending. */
export type Entries = (readonly [item: number, weight: number])[][];

export function sparseRows(entries: Entries): SparseRows {
  const rows = allocateSparseRows(entries.length, entries.flat().length);
  let p = 0;
  entries.forEach((row, u) => {
    for (const [item, weight] of row) {
      rows.idx[p] = item;
      rows.weight[p] = weight;
      p++;
    }
    rows.indptr[u + 1] = p;
  });
  return rows;
}

/**
 * Seeded preferences with planted groups: a user of group g takes mostly items of group g. A share of the pairs are
 * dislikes; some users and items may have none.
 */
export function plantedEntries(
  numUsers: number,
  numItems: number,
  { groups = 3, perUser = 6, dislikes = 0, seed = 1 } = {},
): Entries {
  const random = seededRandom(seed);
  return Array.from({ length: numUsers }, (_, u) => {
    const items = new Map<number, number>();
    for (let j = 0; j < perUser; j++) {
      let item = random.nextBelow(numItems);
      if (random.nextFraction() < 0.8) item = item - (item % groups) + (u % groups);
      if (item >= numItems) continue;
      const weight = Math.fround(1 + random.nextFraction());
      items.set(item, random.nextFraction() < dislikes ? -weight : weight);
    }
    return [...items].sort(([a], [b]) => a - b);
  });
}

/** Those entries as the rows 0, `apart`, 2 · `apart`, … of `numRows`, of items as far apart: large sides with little to do. */
export function spreadEntries(entries: Entries, apart: number, numRows: number): Entries {
  const spread: Entries = Array.from({ length: numRows }, () => []);
  entries.forEach((row, u) => (spread[u * apart] = row.map(([item, weight]) => [item * apart, weight])));
  return spread;
}

/** The same as contracts.ts's Pairs, as events would have given them: one event a pair, no times. */
export function pairsOf(entries: Entries, numItems: number): Pairs {
  const rows = sparseRows(entries);
  const nnz = rows.idx.length;
  return {
    numUsers: entries.length,
    numItems,
    indptr: rows.indptr,
    item: rows.idx,
    weight: BigInt64Array.from(rows.weight, (w) => BigInt(Math.round(Math.abs(w) * 1e9))),
    count: new Uint32Array(nnz).fill(1),
    lastAt: new BigInt64Array(nnz).fill(-(2n ** 63n)),
    flags: Uint8Array.from(rows.weight, (w) => (w > 0 ? 1 : 0)),
  };
}
