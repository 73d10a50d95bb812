import type { Pairs, Ranker } from '../contracts.js';
import { seededRandom, sampleRows } from '../numeric/random.js';
import { discounts, ndcg, recall } from '../numeric/ranking-metrics.js';
import { usersAt } from '../numeric/split-pairs.js';

const ndcgAt = 100;
const recallsAt = [20, 50] as const;
/** Users measured at most: enough for a standard error below half a percent. */
const maxUsers = 10_000;

/**
 * How well a model ranks what was held out: each user's exact top 100, folded in from their training items and those
 * left out, against their held-out items; mean over users that have some (a seeded sample of 10,000 of them).
 */
export async function holdoutMetrics(
  ranker: Ranker,
  { train, test }: { readonly train: Pairs; readonly test: Pairs },
  seed: number,
): Promise<Record<string, number>> {
  const withTargets: number[] = [];
  for (let u = 0; u < test.numUsers; u++)
    if ((test.indptr[u + 1] ?? 0) > (test.indptr[u] ?? 0)) withTargets.push(u);
  const chosen = [...sampleRows(seededRandom(seed), maxUsers, withTargets.length)].map(
    (at) => withTargets[at] ?? 0,
  );
  const discount = discounts(ndcgAt);
  const totals = new Map([
    [`ndcg@${String(ndcgAt)}`, 0],
    ...recallsAt.map((k) => [`recall@${String(k)}`, 0] as const),
  ]);
  const add = (name: string, value: number): Map<string, number> =>
    totals.set(name, (totals.get(name) ?? 0) + value);
  await ranker.rank(usersAt(train, chosen), ndcgAt, (at, ranked) => {
    const rows = ranked.map(({ row }) => row);
    const u = chosen[at] ?? 0;
    const targets = new Set(test.item.subarray(test.indptr[u], test.indptr[u + 1]));
    add(`ndcg@${String(ndcgAt)}`, ndcg(rows, targets, discount));
    for (const k of recallsAt) add(`recall@${String(k)}`, recall(rows, targets, k));
  });
  return Object.fromEntries([...totals].map(([name, total]) => [name, total / Math.max(1, chosen.length)]));
}
