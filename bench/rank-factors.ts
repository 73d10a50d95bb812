/** NDCG@100 of factors in .npy files, whoever trained them, on what planted-pairs.ts held out. */
import { join } from 'node:path';
import { allocateFactors, factorBytes, paddedDim } from '#dist/core/compute/factors.js';
import { openPool } from '#dist/core/compute/pool.js';
import { readNpy } from '#dist/core/files/npy.js';
import { batchBytes, bestOfMany } from '#dist/core/search/exact-batch.js';
import { metricTables, userMetricNames, userMetricsInto } from '#dist/core/numeric/ranking-metrics.js';

const k = 100;
const usersAtOnce = 256;

interface Rows {
  readonly indptr: Uint32Array;
  readonly item: Uint32Array;
}

/** The rows `train` or `test` of a folder of planted-pairs.ts. */
export function readRows(folder: string, part: 'train' | 'test'): Rows {
  const read = (name: string): Uint32Array =>
    readNpy(join(folder, `${part}-${name}.npy`), { dtype: '<u4', shape: [undefined] }).data;
  return { indptr: read('indptr'), item: read('item') };
}

/** At most `most` users with held-out items, spread evenly over all of them. */
export function usersToRank(test: Rows, most: number): Uint32Array {
  const users: number[] = [];
  for (let u = 0; u + 1 < test.indptr.length; u++)
    if ((test.indptr[u + 1] ?? 0) > (test.indptr[u] ?? 0)) users.push(u);
  const count = Math.min(most, users.length);
  return Uint32Array.from({ length: count }, (_, at) => users[Math.floor((at * users.length) / count)] ?? 0);
}

/**
 * Mean NDCG@100: each user's exact best 100 items, their training items left out, against their held-out items.
 * @param userFile f32 [users.length × dim], row by row those of `users` @param itemFile f32 [items × dim]
 */
export async function ndcgOfFactors(
  userFile: string,
  itemFile: string,
  users: Uint32Array,
  { train, test }: { readonly train: Rows; readonly test: Rows },
  threads: number,
): Promise<number> {
  const [userFactors, itemFactors] = [userFile, itemFile].map((path) =>
    readNpy(path, { dtype: '<f4', shape: [undefined, undefined] }),
  ) as [FactorFile, FactorFile];
  const [numItems = 0, dim = 0] = itemFactors.shape;
  const padded = paddedDim(dim);
  const pool = openPool({
    threads,
    workspaceBytes:
      factorBytes(numItems, padded) +
      factorBytes(usersAtOnce, padded) +
      batchBytes(usersAtOnce, { numRows: numItems, paddedDim: padded }, k, true),
    scratchBytes: 64,
    signal: new AbortController().signal,
  });
  try {
    const { workspace } = pool;
    const put = (address: number, { data }: FactorFile, first: number, numRows: number): void => {
      for (let row = 0; row < numRows; row++)
        workspace
          .f32(address + row * padded * 4, dim)
          .set(data.subarray((first + row) * dim, (first + row + 1) * dim));
    };
    const items = allocateFactors(workspace, numItems, padded);
    put(items.address, itemFactors, 0, numItems);
    const queries = allocateFactors(workspace, usersAtOnce, padded);
    const rowOf = ({ indptr, item }: Rows, u: number): Uint32Array => item.subarray(indptr[u], indptr[u + 1]);
    const tables = metricTables([k], 'min-k');
    const metrics = new Float64Array(userMetricNames.length);
    let total = 0;
    for (let from = 0; from < users.length; from += usersAtOnce) {
      const batch = users.subarray(from, from + usersAtOnce);
      put(queries.address, userFactors, from, batch.length);
      const rankings = await bestOfMany(
        pool,
        { address: queries.address, numRows: batch.length, paddedDim: padded },
        { address: items.address, numRows: numItems, paddedDim: padded },
        k,
        (q) => rowOf(train, batch[q] ?? 0),
      );
      rankings.forEach((ranked, q) => {
        const targets = new Set(rowOf(test, batch[q] ?? 0));
        const hits = ranked.flatMap(({ row }, rank) => (targets.has(row) ? [rank] : []));
        userMetricsInto(tables, hits, hits.length, targets.size, metrics, 0);
        total += metrics[userMetricNames.indexOf('ndcg')] ?? 0;
      });
    }
    return total / users.length;
  } finally {
    await pool.close();
  }
}

interface FactorFile {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}
