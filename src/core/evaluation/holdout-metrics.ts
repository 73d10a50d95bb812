import type { Factors } from '../compute/factors.js';
import type { ComputePool } from '../compute/pool.js';
import { batchBytes, bestOfMany } from '../index/exact-batch.js';
import type { HeldOut } from '../numeric/holdout.js';
import { seededRandom, sampleRows } from '../numeric/random.js';
import { discounts, ndcg, recall } from '../numeric/ranking-metrics.js';

const ndcgAt = 100;
const recallsAt = [20, 50] as const;
/** Users measured at most: enough for a standard error below half a percent. */
const maxUsers = 10_000;
/** Users whose rankings are found at once. */
const usersAtOnce = 256;

/** Bytes of workspace that `holdoutMetrics` allocates. @param dim padded */
export function holdoutBytes(numItems: number, dim: number): number {
  return (
    batchBytes(usersAtOnce, { numRows: numItems, paddedDim: dim }, ndcgAt, true) + usersAtOnce * dim * 4 + 64
  );
}

/**
 * How well the vectors rank what was held out: each user's exact top 100 by inner product, their training items left
 * out, against their held-out items; mean over users that have some (a seeded sample of 10,000 of them).
 * @param users made from `heldOut.train` alone
 */
export async function holdoutMetrics(
  pool: ComputePool,
  users: Factors,
  items: Factors,
  { train, test }: HeldOut,
  seed: number,
): Promise<Record<string, number>> {
  const { workspace } = pool;
  const withTargets: number[] = [];
  for (let u = 0; u < test.numRows; u++)
    if ((test.indptr[u + 1] ?? 0) > (test.indptr[u] ?? 0)) withTargets.push(u);
  const chosen = [...sampleRows(seededRandom(seed), maxUsers, withTargets.length)].map(
    (at) => withTargets[at] ?? 0,
  );
  const rowOf = ({ indptr, idx }: typeof train, u: number): Uint32Array =>
    idx.subarray(indptr[u], indptr[u + 1]);

  const discount = discounts(ndcgAt);
  const totals = new Map([
    [`ndcg@${String(ndcgAt)}`, 0],
    ...recallsAt.map((k) => [`recall@${String(k)}`, 0] as const),
  ]);
  const add = (name: string, value: number): Map<string, number> =>
    totals.set(name, (totals.get(name) ?? 0) + value);
  const mark = workspace.mark();
  const queries = workspace.allocate(usersAtOnce * users.dim * 4);
  for (let from = 0; from < chosen.length; from += usersAtOnce) {
    const batch = chosen.slice(from, from + usersAtOnce);
    batch.forEach((u, q) => {
      const vector = workspace.f32(users.address + u * users.dim * 4, users.dim);
      workspace.f32(queries + q * users.dim * 4, users.dim).set(vector);
    });
    const rankings = await bestOfMany(
      pool,
      { address: queries, numRows: batch.length, paddedDim: users.dim },
      { address: items.address, numRows: items.numRows, paddedDim: items.dim },
      ndcgAt,
      (q) => rowOf(train, batch[q] ?? 0),
    );
    rankings.forEach((ranked, q) => {
      const rows = ranked.map(({ row }) => row);
      const targets = new Set(rowOf(test, batch[q] ?? 0));
      add(`ndcg@${String(ndcgAt)}`, ndcg(rows, targets, discount));
      for (const k of recallsAt) add(`recall@${String(k)}`, recall(rows, targets, k));
    });
  }
  workspace.release(mark);
  return Object.fromEntries([...totals].map(([name, total]) => [name, total / Math.max(1, chosen.length)]));
}
