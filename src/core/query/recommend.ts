/** `segue recommend`: the items of largest inner product with someone's vector, exactly. */
import type { ItemRecord, RankedItem, TaskContext } from '../contracts.js';
import { bestCapped } from '../search/capped-ranking.js';
import { artistCap } from './artists-of-rows.js';
import { findListeners, type Listener, type ListenerNames } from './find-listeners.js';
import { requireKind, type Kind } from '../snapshot/kinds.js';
import { snapshotFile, trainedKind } from '../snapshot/layout.js';
import { openScorer } from './open-scorer.js';
import { openForReading } from '../snapshot/open-snapshot.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { openCatalogue } from '../store/catalogue.js';
import type { Explanation, ScoredBy } from './explain-recommendations.js';
import type { VectorOwner } from './owned-vector.js';
import { distinctRows, exclusionsOf } from './exclusions.js';
import { firstAllowed, insteadOfNothing } from './popular-instead.js';
import type { VectorQuestions } from './recommend-by-vector.js';
import type { Why, WhyQuestions } from './why.js';
import type { WhyNot } from './why-not.js';
import { selectRows, type Filtered, type SelectionOptions } from './filters/selection.js';

export interface RecommendOptions extends ListenerNames, SelectionOptions, WhyQuestions, VectorQuestions {
  readonly root: string;
  readonly snapshot?: string | undefined;
  /** Keep what they have heard; bans, dislikes and filters still hold. */
  readonly includeHeard: boolean;
  readonly k: number;
}

export type Recommendation = ItemRecord & { readonly rank: number; readonly score: number };

export interface RecommendResult {
  readonly snapshot: string;
  /** null for someone new. */
  readonly user: string | null;
  /** What is recommended, where that is not items. */
  readonly kind?: Kind;
  /** Whose vector it was, where one was given. */
  readonly vector?: VectorOwner;
  /** Where filters were given: how many items they leave. */
  readonly filtered?: Filtered;
  /**
   * Only where nothing is known that they like: what is there instead, the same for everyone. The score of an item is
   * then the number of its events.
   */
  readonly fallback?: 'popularity';
  /** What explains the scores, where that was asked for. */
  readonly scoredBy?: ScoredBy;
  /** With what explains each, where that was asked for and their own items do. */
  readonly recommendations: readonly (Recommendation & Partial<Explanation>)[];
  /** The items that were asked about, in that order. */
  readonly whyNot?: readonly (WhyNot & Partial<Explanation>)[];
}

/** One result a user, in the order given; a single one for someone new. Fewer than k only where fewer are left. */
export async function recommend(options: RecommendOptions, context: TaskContext): Promise<RecommendResult[]> {
  const snapshot = await openForReading(options.root, options.snapshot, context);
  try {
    return await recommendIn(snapshot, options, context);
  } finally {
    snapshot.close();
  }
}

/** The same in a snapshot that is open, which stays open. */
export async function recommendIn(
  snapshot: OpenSnapshot,
  options: Omit<RecommendOptions, 'root' | 'snapshot'>,
  context: TaskContext,
): Promise<RecommendResult[]> {
  const { k, maxPerArtist, kind = trainedKind } = options;
  if (kind !== trainedKind || options.vector !== undefined) {
    const { recommendByVector } = await import('./recommend-by-vector.js');
    return recommendByVector(snapshot, options, context);
  }
  const opened: { close(): void }[] = [];
  const keep = <T extends { close(): void }>(part: T): T => {
    opened.push(part);
    return part;
  };
  try {
    const { includeHeard } = options;
    const maxK = maxPerArtist === undefined ? k : Infinity;
    const scorer = keep(openScorer(snapshot, { maxK, inMemory: options.users.length > 1 }));
    const listeners = findListeners(snapshot, options, scorer.numItems);
    const catalogue = keep(openCatalogue(snapshot.file(snapshotFile.itemStore)));
    const selection = await selectRows(snapshot, trainedKind, catalogue, scorer.numItems, options, context);
    const { among, filters, filtered } = selection;
    const exclusions = exclusionsOf(undefined);
    const excluded = distinctRows(selection.leaveOut);
    const ofItems = requireKind(snapshot, kind);
    const cap = await artistCap(snapshot, ofItems, maxPerArtist, scorer.numItems);
    const popularFor = insteadOfNothing(snapshot, ofItems, scorer.numItems, scorer, context);
    let why: Why | undefined;
    if (options.explain === true || (options.whyNot?.length ?? 0) > 0) {
      const { openWhy } = await import('./why.js');
      why = keep(openWhy(snapshot, ofItems, options, catalogue, exclusions));
    }

    const answer = async (listener: Listener): Promise<RecommendResult> => {
      const { own, all: leftOut } = exclusions.of(listener.history, { includeHeard, excluded });
      const bestBut = (count: number, out: Iterable<number>): RankedItem[] =>
        scorer.best(listener.history, count, out, among);
      const best = cap === undefined ? bestBut(k, leftOut) : bestCapped(bestBut, k, leftOut, cap);
      const popular = await popularFor(listener, best);
      const ranked = popular === undefined ? best : firstAllowed(popular.ranked, leftOut, k, among, cap);
      selection.explainShortage(ranked.length, k, own, 'heard');
      const asked = { listener, popular, k, includeHeard, excluded, leftOut };
      const { explanations, ...told } = why?.about({ ...asked, ranked, among, filters, cap }) ?? {};
      return {
        snapshot: snapshot.id,
        user: listener.user,
        ...(filtered && { filtered }),
        ...(popular === undefined ? {} : { fallback: 'popularity' }),
        recommendations: ranked.map(({ row, score }, at) => {
          const item: Recommendation = { rank: at + 1, ...catalogue.record(trainedKind, row), score };
          return Object.assign(item, explanations?.[at]);
        }),
        ...told,
      };
    };
    const results: RecommendResult[] = [];
    for (const listener of listeners) results.push(await answer(listener));
    return results;
  } finally {
    for (const part of opened.reverse()) part.close();
  }
}
