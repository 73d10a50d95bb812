import type { Pairs, Ranker, TaskContext } from '../contracts.js';
import { measuredUsers } from '../numeric/split-pairs.js';
import { evaluateRanker, type RankingQuality } from './evaluate-ranker.js';
import { usersOfItems } from './measured-split.js';

/** What `train --holdout` reports, as Liang et al. 2018 do. */
const reported = ['ndcg@100', 'recall@20', 'recall@50'] as const;
const at = [20, 50, 100];
/** Users measured at most: enough for a standard error below half a percent. */
const maxUsers = 10_000;

interface HeldOut {
  readonly train: Pairs;
  readonly test: Pairs;
}

/**
 * How well a model ranks what was held out: each user's exact top 100, folded in from their training items and those
 * left out, against their held-out items; mean over users that have some (a seeded sample of 10,000 of them).
 */
export async function holdoutMetrics(
  ranker: Ranker,
  heldOut: HeldOut,
  seed: number,
  context: TaskContext,
): Promise<Record<string, number>> {
  const { metrics } = await heldOutMeasure(heldOut, at, seed)(ranker, context);
  return Object.fromEntries(reported.map((name) => [name, metrics[name] ?? 0]));
}

/** The same measurement, to be taken again and again of the same users: all that `evaluateRanker` says at `lengths`. */
export function heldOutMeasure(
  { train, test }: HeldOut,
  lengths: readonly number[],
  seed: number,
  mostUsers = maxUsers,
): (ranker: Pick<Ranker, 'numItems' | 'rank'>, context: TaskContext) => Promise<RankingQuality> {
  const { histories, targets: held } = measuredUsers({ train, test }, mostUsers, seed);
  const targets = { indptr: held.indptr, item: held.item, unknown: new Uint32Array(held.numUsers) };
  const options = {
    at: lengths,
    recallOver: 'min-k',
    popularity: usersOfItems(train),
    phase: 'measuring',
  } as const;
  return (ranker, context) => evaluateRanker(ranker, histories, targets, options, context);
}
