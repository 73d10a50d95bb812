/** How well a ranker finds what its users went on to want. */
import type { Count, Pairs, Rank, Ranker, TaskContext } from '../contracts.js';
import { metricColumns, metricTables, userMetricsInto, type RecallOver } from '../numeric/ranking-metrics.js';
import { noDecile, targetDeciles, type TargetDeciles } from '../numeric/target-deciles.js';

/** What is to be found, a row a user, in the order of their histories. */
export interface Targets {
  /** [numUsers + 1] */
  readonly indptr: Uint32Array;
  /** Item rows of the ranker, each once a user. */
  readonly item: Uint32Array;
  /** [numUsers] targets that the ranker has no item for: never found, and in every denominator all the same. */
  readonly unknown: Uint32Array;
}

export interface RankingOptions {
  /** Lengths of rankings that are judged, such as 20 and 100; each ≥ 1. */
  readonly at: readonly number[];
  readonly recallOver: RecallOver;
  /** [numItems] users of each item in training. */
  readonly popularity: Uint32Array;
  /** Items of which coverage is a share; undefined: all. */
  readonly numRanked?: number | undefined;
  /** What progress says is being ranked. */
  readonly phase: string;
}

/**
 * Values by metric@k.
 * @propertyNames {"pattern": "^(recall|ndcg|map|hit-rate|mrr|coverage|popularity|popularity-lift)@[0-9]+$"}
 */
export type RankingMetrics = Readonly<Record<string, number>>;

/** One decile of the targets by their items' popularity; see `targetDeciles`. */
export interface DecileQuality {
  /**
   * 1 (the most popular) … 10.
   * @maximum 10
   */
  readonly decile: Rank;
  /** The fewest and most users in training that an item of a target has. */
  readonly fewestUsers: Count;
  readonly mostUsers: Count;
  readonly targets: Count;
  /** Share of all these targets that stand among the first k, by `recall@k`. */
  readonly metrics: RankingMetrics;
}

export interface RankingQuality {
  /** Users who were measured: those with a target. */
  readonly users: number;
  /** Names of the columns of `perUser`. */
  readonly columns: readonly string[];
  /** [users × columns] */
  readonly perUser: Float64Array;
  /** Means over users of every column; and `coverage@k`, `popularity@k`, `popularity-lift@k` (docs/reference/evaluation.md). */
  readonly metrics: RankingMetrics;
  /** Mean over users of the mean number of users of the items in their histories. */
  readonly historyPopularity: number;
  readonly deciles: readonly DecileQuality[];
}

const decileCount = 10;
/** Users between two reports of progress. */
const reportEvery = 256;

/**
 * Ranks for every history that has a target, its own items left out, and measures. The same numbers at any number of
 * threads. Memory: 40 bytes a user and length of ranking, beside what the ranker takes.
 * @param histories [numUsers] pairs of the ranker's items; every user has a target
 */
export async function evaluateRanker(
  ranker: Omit<Ranker, 'score'>,
  histories: Pairs,
  targets: Targets,
  { at: lengths, recallOver, popularity, numRanked, phase }: RankingOptions,
  context: TaskContext,
): Promise<RankingQuality> {
  const { numItems } = ranker;
  const { numUsers } = histories;
  const at = [...new Set(lengths)].sort((a, b) => a - b);
  const tables = metricTables(at, recallOver);
  const columns = metricColumns(at);
  const longest = at.at(-1) ?? 0;
  const perUser = new Float64Array(numUsers * columns.length);
  const deciles = targetDeciles(popularity, targets.item, sum(targets.unknown));
  const tally = new RankingTally(at, popularity, deciles);
  /** 1 + the user whose target an item was last: the targets of one user at a time. */
  const wantedBy = new Uint32Array(numItems);
  const hitRanks = new Uint32Array(longest);

  const report = (done: number): void =>
    context.onProgress({ kind: 'step', phase, done, total: numUsers, unit: 'users' });
  report(0);
  await ranker.rank(histories, longest, (user, ranked) => {
    const from = targets.indptr[user] ?? 0;
    const to = targets.indptr[user + 1] ?? 0;
    for (let p = from; p < to; p++) wantedBy[targets.item[p] ?? 0] = user + 1;
    let hits = 0;
    for (let rank = 0; rank < ranked.length; rank++) {
      const row = ranked[rank]?.row ?? 0;
      const isHit = wantedBy[row] === user + 1;
      if (isHit) hitRanks[hits++] = rank;
      tally.add(rank, row, isHit);
    }
    tally.endUser(ranked.length);
    const numTargets = to - from + (targets.unknown[user] ?? 0);
    userMetricsInto(tables, hitRanks, hits, numTargets, perUser, user * columns.length);
    if ((user + 1) % reportEvery === 0 || user + 1 === numUsers) report(user + 1);
  });

  const historyPopularity = meanPopularity(histories, popularity);
  return {
    users: numUsers,
    columns,
    perUser,
    metrics: {
      ...meansOf(perUser, columns),
      ...tally.metrics(numUsers, numRanked ?? numItems, historyPopularity),
    },
    historyPopularity,
    deciles: tally.deciles(targets),
  };
}

/** What is counted over all rankings rather than averaged over users. */
class RankingTally {
  readonly #at: readonly number[];
  readonly #popularity: Uint32Array;
  readonly #ofDecile: TargetDeciles;
  /** [numItems] the best rank (from 1) at which an item was ever recommended; 0: never. */
  readonly #bestRank: Uint32Array;
  /** [at.length] sums over users of the mean popularity of their first k. */
  readonly #popular: Float64Array;
  /** [10 × at.length] targets found among the first k. */
  readonly #found: Float64Array;
  /** Of the user at hand: [longest + 1] popularity summed over the first items. */
  readonly #summed: Float64Array;

  constructor(at: readonly number[], popularity: Uint32Array, ofDecile: TargetDeciles) {
    this.#at = at;
    this.#popularity = popularity;
    this.#ofDecile = ofDecile;
    this.#bestRank = new Uint32Array(popularity.length);
    this.#popular = new Float64Array(at.length);
    this.#found = new Float64Array(decileCount * at.length);
    this.#summed = new Float64Array((at.at(-1) ?? 0) + 1);
  }

  /** The item at a rank from 0; ranks of a user come in order. */
  add(rank: number, row: number, isHit: boolean): void {
    const best = this.#bestRank[row] ?? 0;
    if (best === 0 || rank + 1 < best) this.#bestRank[row] = rank + 1;
    this.#summed[rank + 1] = (this.#summed[rank] ?? 0) + (this.#popularity[row] ?? 0);
    if (!isHit) return;
    const decile = this.#ofDecile.ofItem[row] ?? noDecile;
    this.#at.forEach((k, column) => {
      const cell = decile * this.#at.length + column;
      if (rank < k) this.#found[cell] = (this.#found[cell] ?? 0) + 1;
    });
  }

  /** @param count length of the user's ranking */
  endUser(count: number): void {
    this.#at.forEach((k, column) => {
      const shown = Math.min(k, count);
      if (shown > 0)
        this.#popular[column] = (this.#popular[column] ?? 0) + (this.#summed[shown] ?? 0) / shown;
    });
  }

  metrics(numUsers: number, numItems: number, historyPopularity: number): Record<string, number> {
    const result: Record<string, number> = {};
    this.#at.forEach((k, column) => {
      const shown = this.#bestRank.reduce((count, rank) => count + (rank > 0 && rank <= k ? 1 : 0), 0);
      const popular = (this.#popular[column] ?? 0) / Math.max(1, numUsers);
      result[`coverage@${String(k)}`] = shown / Math.max(1, numItems);
      result[`popularity@${String(k)}`] = popular;
      result[`popularity-lift@${String(k)}`] = historyPopularity === 0 ? 0 : popular / historyPopularity - 1;
    });
    return result;
  }

  deciles(targets: Targets): DecileQuality[] {
    const { ofItem, ofUnknown } = this.#ofDecile;
    const unknown = sum(targets.unknown);
    const count = new Float64Array(decileCount);
    const fewest = new Float64Array(decileCount).fill(Infinity);
    const most = new Float64Array(decileCount);
    for (const item of targets.item) {
      const decile = ofItem[item] ?? 0;
      const users = this.#popularity[item] ?? 0;
      count[decile] = (count[decile] ?? 0) + 1;
      fewest[decile] = Math.min(fewest[decile] ?? 0, users);
      most[decile] = Math.max(most[decile] ?? 0, users);
    }
    if (unknown > 0) {
      count[ofUnknown] = (count[ofUnknown] ?? 0) + unknown;
      fewest[ofUnknown] = 0;
    }
    return Array.from(count, (inDecile, decile) => ({
      decile: decile + 1,
      fewestUsers: fewest[decile] ?? 0,
      mostUsers: most[decile] ?? 0,
      targets: inDecile,
      metrics: Object.fromEntries(
        this.#at.map((k, column) => [
          `recall@${String(k)}`,
          (this.#found[decile * this.#at.length + column] ?? 0) / inDecile,
        ]),
      ),
    })).filter(({ targets: inDecile }) => inDecile > 0);
  }
}

/** [users] one of its columns */
export function ofUsers({ perUser, columns }: RankingQuality, name: string): Float64Array {
  const column = columns.indexOf(name);
  return perUser.filter((_, at) => at % columns.length === column);
}

function meansOf(perUser: Float64Array, columns: readonly string[]): Record<string, number> {
  const totals = new Float64Array(columns.length);
  for (let at = 0; at < perUser.length; at++) {
    const column = at % columns.length;
    totals[column] = (totals[column] ?? 0) + (perUser[at] ?? 0);
  }
  const numUsers = Math.max(1, perUser.length / columns.length);
  return Object.fromEntries(columns.map((name, column) => [name, (totals[column] ?? 0) / numUsers]));
}

/** Mean over users with a history of the mean popularity of its items. */
function meanPopularity({ numUsers, indptr, item }: Pairs, popularity: Uint32Array): number {
  let total = 0;
  let withHistory = 0;
  for (let u = 0; u < numUsers; u++) {
    const from = indptr[u] ?? 0;
    const to = indptr[u + 1] ?? from;
    if (to === from) continue;
    let users = 0;
    for (let p = from; p < to; p++) users += popularity[item[p] ?? 0] ?? 0;
    total += users / (to - from);
    withHistory++;
  }
  return withHistory === 0 ? 0 : total / withHistory;
}

function sum(counts: Uint32Array): number {
  return counts.reduce((total, count) => total + count, 0);
}
