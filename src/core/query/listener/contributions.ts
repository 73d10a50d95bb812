/** Which of a user's own items make their recommendations, and so which artists and albums do. */
import type { Count, ItemRecord, Pairs, Positive, Rank, Text } from '../../contracts.js';
import { trainedKind, type GroupedKind } from '../../snapshot/layout.js';
import { kindNames, numRanked } from '../../snapshot/kinds.js';
import { opinionOf, type Opinion } from '../explain-recommendations.js';
import { ItemsOfGroups } from '../item-groups.js';
import type { Recommender } from '../open-recommender.js';

/** Recommendations whose scores are taken apart. */
const explainedRecommendations = 50;

/** What one of their items, or all of theirs of an artist or album, add to the scores of their recommendations. */
export type Contribution = ItemRecord & {
  readonly rank: Rank;
  /** Of the sum of these scores; below 0 where it takes away. */
  readonly share: number;
};

export type ItemContribution = Contribution & {
  readonly opinion: Opinion;
  /** Their events with it. */
  readonly plays: Count;
  /** ISO 8601 UTC of the latest one; absent where it has no time. */
  readonly last?: Text;
};

export interface Contributions {
  /** Recommendations whose scores were taken apart: the first 50, seen items left out. */
  readonly recommendations: Positive;
  /** The largest shares, either way, first. */
  readonly items: readonly ItemContribution[];
  /** Where the snapshot has artists, or albums. */
  readonly artists?: readonly Contribution[];
  readonly albums?: readonly Contribution[];
}

/** Adds up what makes recommendations; what it reads of a snapshot is read once. Cost: that of explaining 50 recommendations. */
export class OwnContributions {
  readonly #recommender: Recommender;
  readonly #groups: ItemsOfGroups;

  constructor(recommender: Recommender) {
    this.#recommender = recommender;
    this.#groups = new ItemsOfGroups(recommender.snapshot);
  }

  /**
   * With each item's part (of a blend: parts) of a score as `recommend --explain` has it, its share is Σ parts / Σ (scores − baseline) over the recommendations.
   * null where scores are the same for everyone, where a vector was imported, and where nothing is known that they like.
   */
  of(history: Pairs, k: number): Contributions | null {
    const { snapshot } = this.#recommender;
    const kind = this.#recommender.kind();
    if (history.vector !== undefined || kind.scorer.isColdStart(history)) return null;
    const parts = kind.scorer.explain(history).parts();
    if (parts === undefined) return null;
    const none = new Uint32Array(0);
    const limits = { k: explainedRecommendations, includeHeard: false, excluded: none };
    const { all } = kind.exclusions.of(history, limits);
    const ranked = kind.best(history, all, { ...limits, among: undefined, cap: undefined });
    const sums = new Float64Array(parts.items.length);
    for (const { row } of ranked) parts.of(row).forEach((part, p) => (sums[p]! += part));
    const { baseline = 0 } = parts;
    const total = ranked.reduce((sum, { score }) => sum + score - baseline, 0);
    if (total <= 0) return null;
    const places = new Map(Array.from(history.item, (row, at) => [row, at] as const));
    const catalogue = this.#recommender.catalogue();
    const shares = new Map<number, number>();
    for (const [p, row] of parts.items.entries()) shares.set(row, (shares.get(row) ?? 0) + sums[p]! / total);
    const items = largest(shares, k).map(([row, share], at): ItemContribution => {
      const { opinion, plays, lastAt } = opinionOf(history, places.get(row) ?? 0, false);
      const found = { ...catalogue.record(trainedKind, row), rank: at + 1, share, opinion, plays };
      return lastAt === null ? found : { ...found, last: lastAt };
    });
    const ofKind = (name: GroupedKind): Contribution[] => {
      const { groupOf, numItems } = this.#groups.groups(name, numRanked(snapshot, name));
      const sumOf = new Map<number, number>();
      for (const [row, share] of shares) {
        const group = groupOf[row] ?? numItems.length;
        if (group < numItems.length) sumOf.set(group, (sumOf.get(group) ?? 0) + share);
      }
      return largest(sumOf, k).map(([row, share], at) => ({
        ...catalogue.record(name, row),
        ...{ rank: at + 1, share },
      }));
    };
    const kinds = kindNames(snapshot);
    return {
      recommendations: ranked.length,
      items,
      ...(kinds.includes('artist') ? { artists: ofKind('artist') } : {}),
      ...(kinds.includes('album') ? { albums: ofKind('album') } : {}),
    };
  }
}

/** The k of the largest numbers, either way; of equal ones the lower row. */
function largest(numbers: ReadonlyMap<number, number>, k: number): [number, number][] {
  return [...numbers].sort(([a, x], [b, y]) => Math.abs(y) - Math.abs(x) || a - b).slice(0, k);
}
