/**
 * `recommend` where scores are looked up by vector alone: artists and albums for listeners, and anything for a vector
 * from elsewhere. A score is the inner product with the thing's vector: for an artist the mean of its tracks' scores, each
 * weighed by its events.
 */
import type { ItemRecord, Pairs, TaskContext } from '../contracts.js';
import { AppError } from '../errors.js';
import { bestCapped } from '../search/capped-ranking.js';
import { openExactSearch } from '../search/exact-search.js';
import type { RankedRow } from '../numeric/top-k.js';
import { artistCap } from './artists-of-rows.js';
import { distinctRows, exclusionsOf } from './exclusions.js';
import { readItemGroups } from './item-groups.js';
import { findListeners, type ListenerNames } from './find-listeners.js';
import { requireKind, type Kind } from '../snapshot/kinds.js';
import { snapshotFile, trainedKind } from '../snapshot/layout.js';
import { openModel } from './open-model.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { requireVectors } from '../snapshot/scorer.js';
import { openCatalogue } from '../store/catalogue.js';
import { emptyHistory, hasLikes } from '../histories/opinions.js';
import { openVectorFile } from '../compute/vector-file.js';
import { readOwnedVector, type VectorOwner } from './owned-vector.js';
import { firstAllowed, insteadOfNothing } from './popular-instead.js';
import type { Explanation, ScoredBy } from './explain-recommendations.js';
import type { Why, WhyQuestions, Whys } from './why.js';
import { selectRows, type Filtered, type SelectionOptions } from './filters/selection.js';

/** What is asked for beside the items for a listener. */
export interface VectorQuestions {
  /** Kind of thing to recommend; items without it. */
  readonly kind?: string | undefined;
  /** A file with somebody's vector, or `-`, in place of users and opinions. */
  readonly vector?: string | undefined;
  /** Most answers by one artist. */
  readonly maxPerArtist?: number | undefined;
}

interface ByVectorOptions extends ListenerNames, SelectionOptions, VectorQuestions, WhyQuestions {
  readonly includeHeard: boolean;
  readonly k: number;
}

type Found = ItemRecord & { readonly rank: number; readonly score: number };

interface ByVectorResult {
  readonly snapshot: string;
  readonly user: string | null;
  /** What is recommended, where that is not items. */
  readonly kind?: Kind;
  /** Whose vector it was, where one was given. */
  readonly vector?: VectorOwner;
  readonly filtered?: Filtered;
  readonly fallback?: 'popularity';
  readonly recommendations: readonly (Found & Partial<Explanation>)[];
  readonly scoredBy?: ScoredBy;
  readonly whyNot?: NonNullable<Whys['whyNot']>;
}

/** Someone by their vector. */
interface Asker {
  readonly user: string | null;
  readonly vector: Float32Array;
  /** What they heard; undefined where nobody knows. */
  readonly history: Pairs | undefined;
  readonly owner?: VectorOwner;
}

export async function recommendByVector(
  snapshot: OpenSnapshot,
  options: ByVectorOptions,
  context: TaskContext,
): Promise<ByVectorResult[]> {
  const opened: { close(): void }[] = [];
  const keep = <T extends { close(): void }>(part: T): T => {
    opened.push(part);
    return part;
  };
  try {
    const kind = requireKind(snapshot, options.kind ?? trainedKind);
    requireNoWhy(options);
    requireVectors(snapshot, 'there is nothing to compare a vector with');
    const catalogue = keep(openCatalogue(snapshot.file(snapshotFile.itemStore)));
    const askers = await askersOf(snapshot, options, context);
    const { k, maxPerArtist, includeHeard } = options;
    const search = keep(
      openExactSearch(openVectorFile(snapshot.file(kind.vectors)), {
        measure: 'inner-product',
        maxK: maxPerArtist === undefined ? k : Infinity,
        inMemory: askers.length > 1,
      }),
    );
    const cap = await artistCap(snapshot, kind, maxPerArtist, search.numRows);
    const selection = await selectRows(snapshot, kind.name, catalogue, search.numRows, options, context);
    const { among, filtered } = selection;
    const excluded = distinctRows(selection.leaveOut);
    const groups =
      kind.name === trainedKind ? undefined : readItemGroups(snapshot, kind.name, search.numRows);
    const exclusions = exclusionsOf(groups);
    let why: Why | undefined;
    if (options.explain === true || (options.whyNot ?? []).length > 0) {
      const { openWhy } = await import('./why.js');
      why = keep(openWhy(snapshot, kind, options, catalogue, exclusions));
    }
    const answer = async ({ user, vector, history, owner }: Asker): Promise<ByVectorResult> => {
      const of = history ?? emptyHistory(0);
      const { own, all: leaveOut } = exclusions.of(of, { includeHeard, excluded });
      const best = (count: number, out: Iterable<number>): readonly RankedRow[] =>
        search.best(vector, count, out, among);
      const byScore = cap === undefined ? best(k, leaveOut) : bestCapped(best, k, leaveOut, cap);
      const blankness = { isBlank: (of: Pairs) => !hasLikes(of) || vector.every((x) => x === 0) };
      const popularFor = insteadOfNothing(snapshot, kind, search.numRows, blankness, context);
      const popular = history === undefined ? undefined : await popularFor({ user, history }, byScore);
      const ranked = popular === undefined ? byScore : firstAllowed(popular.ranked, leaveOut, k, among, cap);
      selection.explainShortage(ranked.length, k, own, 'heard');
      const listener = { user, history: of };
      const asked = { listener, popular, k, includeHeard, excluded, leftOut: leaveOut };
      const { filters } = selection;
      const { explanations, ...told } = why?.about({ ...asked, ranked, among, filters, cap }) ?? {};
      return {
        snapshot: snapshot.id,
        user,
        ...(kind.name === trainedKind ? {} : { kind: kind.name }),
        ...(owner === undefined ? {} : { vector: owner }),
        ...(filtered && { filtered }),
        ...(popular === undefined ? {} : { fallback: 'popularity' }),
        recommendations: ranked.map(({ row, score }, at) => {
          const found: Found = { rank: at + 1, ...catalogue.record(kind.name, row), score };
          return Object.assign(found, explanations?.[at]);
        }),
        ...told,
      };
    };
    const results: ByVectorResult[] = [];
    for (const asker of askers) results.push(await answer(asker));
    return results;
  } finally {
    for (const part of opened.reverse()) part.close();
  }
}

/** AppError 'bad-usage' where a vector is asked about: what explains a score are the items of a history. */
function requireNoWhy({
  explain,
  whyNot = [],
  vector,
}: Pick<ByVectorOptions, 'explain' | 'whyNot' | 'vector'>): void {
  const asked = explain === true ? '--explain' : whyNot.length > 0 ? '--why-not' : undefined;
  if (asked === undefined || vector === undefined) return;
  throw new AppError(
    'bad-usage',
    `${asked} explains scores by somebody's history: not by a vector, whose history nobody knows`,
    { suggestions: [`leave ${asked} out`, 'name a USER of the snapshot, or what they like: --like ITEM'] },
  );
}

/** The vector that was given; else those of the listeners that are named. */
async function askersOf(
  snapshot: OpenSnapshot,
  options: ByVectorOptions,
  context: TaskContext,
): Promise<Asker[]> {
  const { vector: path, users, like, dislike } = options;
  const model = openModel(snapshot);
  const { itemVectors } = model;
  try {
    if (path === undefined) {
      const fold = model.fold();
      return findListeners(snapshot, options, itemVectors.numRows).map(({ user, history }) => {
        return { user, history, vector: fold.one(history, itemVectors).vector };
      });
    }
    if (users.length + like.length + dislike.length > 0) {
      throw new AppError(
        'bad-usage',
        '--vector is somebody by itself: it goes with no USER, --like or --dislike',
        { suggestions: ['leave --vector out: a USER of the snapshot has a vector there'] },
      );
    }
    const { values, owner } = await readOwnedVector(path, snapshot, itemVectors.dim, context);
    const message = 'nobody knows what the owner of the vector has heard: nothing is left out for it';
    if (!options.includeHeard) context.onProgress({ kind: 'note', message });
    return [{ user: owner.user, vector: values, history: undefined, owner }];
  } finally {
    model.close();
  }
}
