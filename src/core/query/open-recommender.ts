/**
 * What an open snapshot recommends: items, artists or albums, to its users, to a new user, or to whoever has a vector, exactly
 * by the model's own score. Everything is opened once, when it is first needed, and answers many queries.
 */
import type { ItemRecord, WithRank, RankedItem, SnapshotId, Some, TaskContext } from '../contracts.js';
import { Closers } from '../closers.js';
import { AppError } from '../errors.js';
import { emptyHistory, hasLikes } from '../histories/opinions.js';
import type { SearchWays } from '../search/search-thread.js';
import { snapshotFile, trainedKind, type GroupedKind } from '../snapshot/layout.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { requireVectors } from '../snapshot/scorer.js';
import { openCatalogue, type Catalogue } from '../store/catalogue.js';
import type { Asked } from '../options/option.js';
import type { recommendQuery } from '../options/queries.js';
import { distinctRows, type Limits } from './exclusions.js';
import type { Explanation, ScoredBy } from './explain-recommendations.js';
import {
  KeptRows,
  selectRows,
  type Filtered,
  type Selection,
  type SelectionOptions,
} from './filters/selection.js';
import {
  listenersNamed,
  markedUnknown,
  type Listener,
  type ListenerNames,
  type NameSources,
  type UnknownUser,
} from './find-listeners.js';
import type { UserRanker } from './many/rank-users.js';
import type { RowsOptions } from './many/score-blocks.js';
import type { AsOfMark, FeedbackOptions } from '../feedback/follow-ledger.js';
import type { KnownUsers } from './known-users.js';
import { openUsers, type OpenUsers } from './open-users.js';
import type { VectorOwner } from './owned-vector.js';
import { firstAllowed, type PopularItems } from './popular-items.js';
import { RankedKind } from './ranked-kind.js';
import type { Why, WhyOptions } from './why.js';
import type { WhyNot } from './why-not.js';

/** One query; the next may differ in all of it. */
export type RecommendQuestion = Asked<typeof recommendQuery.options>;

/** What may be recommended, and how much of it. */
export type RecommendLimits = Pick<
  RecommendQuestion,
  'k' | 'kind' | 'includeHeard' | 'maxPerArtist' | keyof SelectionOptions
>;

export type Recommendation = WithRank & ItemRecord & { readonly score: number };

export interface RecommendResult {
  readonly snapshot: SnapshotId;
  /** null for a new user. */
  readonly user: string | null;
  /** Where filters were given: how many items they leave. */
  readonly filtered?: Filtered;
  /** What is recommended, where that is not items. */
  readonly kind?: GroupedKind;
  /** Whose vector it was, where one was given. */
  readonly vector?: VectorOwner;
  /** Only where nobody knows the user, and `fallback` answers. */
  readonly unknownUser?: UnknownUser;
  /** With what explains each, where that was asked for and their own items do. */
  readonly recommendations: readonly (Recommendation & Partial<Explanation>)[];
  /**
   * Only where nothing is known that they like: what is there instead, the same for everyone. The score of an item is
   * then the number of its events.
   */
  readonly fallback?: 'popularity';
  /** What explains the scores, where that was asked for. */
  readonly scoredBy?: ScoredBy;
  /** Of a blend, where that was asked for: what its members' means add to every score beside the contributions. */
  readonly baseline?: number;
  /** The items that were asked about, in that order. */
  readonly whyNot?: Some<WhyNot & Partial<Explanation>>;
}

/** The items of the popularity fallback, as a recipe. */
export const popularRecipe = 'popular';

/** What a recipe gives to a user whom nobody knows; undefined where the popularity fallback answers, or their likes do. */
type ByFallback = (user: Listener, question: RecommendQuestion) => Promise<RecommendResult | undefined>;

/** What a query asks, its names found and its filters read. */
interface ReadQuery {
  readonly kind: RankedKind;
  readonly limits: Limits;
  readonly selection: Selection;
  readonly why: Why | undefined;
}

/** A user to recommend to. */
interface Asker extends Listener {
  /** Whose vector `history` brings along, where nothing else is known of them. */
  readonly owner?: VectorOwner;
}

/** Close it before the snapshot. @param ways.inMemory many answers will be asked for: what is searched is kept in memory */
export function openRecommender(snapshot: OpenSnapshot, ways: SearchWays): Recommender {
  return new Recommender(snapshot, ways);
}

/** Any number of queries, each of which may ask for something else. */
export class Recommender implements NameSources {
  readonly snapshot: OpenSnapshot;
  readonly numItems: number;
  readonly ways: SearchWays;
  readonly #opened = new Closers();
  readonly kept: KeptRows;
  readonly #kinds = new Map<string, RankedKind>();
  #catalogue: Catalogue | undefined;
  #users: OpenUsers | undefined;

  constructor(snapshot: OpenSnapshot, ways: SearchWays) {
    this.snapshot = snapshot;
    this.numItems = snapshot.manifest.inputs.interactions.items;
    this.ways = ways;
    this.kept = new KeptRows(snapshot);
  }

  catalogue(): Catalogue {
    return (this.#catalogue ??= this.#opened.keep(openCatalogue(this.snapshot.file(snapshotFile.itemStore))));
  }

  /** As of now: to be asked once a query. Errors as `openUsers`. */
  async users(asked: FeedbackOptions & AsOfMark): Promise<KnownUsers> {
    return this.openUsers().asOfNow(asked);
  }

  /** AppError 'missing-part' where the snapshot was made without users. */
  openUsers(): OpenUsers {
    return (this.#users ??= this.#opened.keep(
      openUsers(this.snapshot, this.numItems, () => this.catalogue()),
    ));
  }

  /** What recommends a kind. AppError 'missing-part' for one that the snapshot has no vectors of. */
  kind(name: string = trainedKind): RankedKind {
    const known = this.#kinds.get(name);
    if (known !== undefined) return known;
    const kind = this.#opened.keep(new RankedKind(this.snapshot, name, this.ways));
    this.#kinds.set(name, kind);
    return kind;
  }

  /**
   * One result a user, in the order given; a single one for a new user. Fewer than k only where fewer are left.
   * @throws AppError 'bad-usage' for options that exclude each other, and where nobody is named; 'user-not-found'; as
   *   `prepare`
   */
  async recommend(
    question: RecommendQuestion,
    context: TaskContext,
    byFallback?: ByFallback,
  ): Promise<RecommendResult[]> {
    this.kind(question.kind);
    const askers = await this.#askers(question, context);
    const prepared = await this.prepare(question, context);
    const results: RecommendResult[] = [];
    for (const asker of askers) {
      const byRecipe = asker.closest && (await byFallback?.(asker, question));
      const result = byRecipe ?? (await prepared.forListener(asker));
      const popular = result.fallback === undefined ? null : popularRecipe;
      const recipe = byRecipe === undefined ? popular : question.fallback!;
      results.push(markedUnknown(result, asker, recipe, context));
    }
    return results;
  }

  /**
   * Reads the filters and finds the names of a query, to ask it for one user after the other.
   * @throws AppError as `selectRows`, `artistCap` and `openWhy`
   */
  async prepare(
    question: RecommendLimits & Partial<WhyOptions & ListenerNames>,
    context: TaskContext,
  ): Promise<PreparedQuery> {
    const kind = this.kind(question.kind);
    const catalogue = this.catalogue();
    const selection = await selectRows(
      this.snapshot,
      kind.name,
      catalogue,
      kind.numRows,
      question,
      context,
      this.kept,
    );
    const limits: Limits = {
      ...{ k: question.k, includeHeard: question.includeHeard, among: selection.among },
      excluded: distinctRows(selection.leaveOut),
      cap: await kind.cap(question.maxPerArtist),
    };
    const why = asksWhy(question) ? await openWhyOf(kind, catalogue, question) : undefined;
    return new PreparedQuery(this, { kind, limits, selection, why }, context);
  }

  close(): void {
    this.#opened.close();
  }

  /** The owner of the vector that was given; else the listeners who are named. */
  async #askers(question: RecommendQuestion, context: TaskContext): Promise<Asker[]> {
    const { vector: path, users, like, dislike, includeHeard } = question;
    if (path === undefined) return listenersNamed(this, question, this.numItems);
    requireNoWhy(question);
    requireVectors(this.snapshot, 'there is nothing to compare a vector with');
    if (users.length + like.length + dislike.length > 0) {
      throw new AppError(
        'bad-usage',
        '`vector` already is the user: it cannot be given with USER, `like` or `dislike`',
        { suggestions: ['leave `vector` out: a USER of the snapshot has a vector there'] },
      );
    }
    const { readOwnedVector } = await import('./owned-vector.js');
    const { dim } = this.snapshot.manifest.model;
    const { values: vector, owner } = await readOwnedVector(path, this.snapshot, dim, context);
    const message = 'a vector has no history: no seen items are left out';
    if (!includeHeard) context.onProgress({ kind: 'note', message });
    return [{ user: owner.user, history: { ...emptyHistory(this.numItems), vector }, owner }];
  }
}

/** A query that can be asked for any user. */
export class PreparedQuery {
  readonly kind: RankedKind;
  readonly limits: Limits;
  readonly selection: Selection;
  readonly #recommender: Recommender;
  readonly #why: Why | undefined;
  readonly #context: TaskContext;

  constructor(recommender: Recommender, read: ReadQuery, context: TaskContext) {
    this.kind = read.kind;
    this.limits = read.limits;
    this.selection = read.selection;
    this.#recommender = recommender;
    this.#why = read.why;
    this.#context = context;
  }

  async forListener(asker: Asker): Promise<RecommendResult> {
    const { user, history, owner } = asker;
    const { kind, limits, selection } = this;
    const { own, all } = kind.exclusions.of(history, limits);
    const best = kind.best(history, all, limits);
    const popular = owner === undefined ? await this.#fallbackFor(asker, best) : undefined;
    const ranked = popular === undefined ? best : firstAllowed(popular.ranked, all, limits);
    selection.warnTooFew(ranked.length, limits.k, own, 'heard');
    const { filters, filtered, hidden } = selection;
    const answered = { ...limits, listener: asker, popular, ranked, leftOut: all, filters, hidden };
    const { explanations, ...whys } = this.#why?.about(answered) ?? {};
    const catalogue = this.#recommender.catalogue();
    const recommendations = ranked.map(({ row, score }, at) => {
      const found: Recommendation = { rank: at + 1, ...catalogue.record(kind.name, row), score };
      return Object.assign(found, explanations?.[at]);
    });
    return recommendResult(kind, { user, owner, filtered, popular, recommendations, whys });
  }

  /**
   * The rankings of `forListener`, to the bit, for many users of the snapshot at a time, by their rows. Close it before the
   * recommender. AppError 'too-large' where what is searched does not fit into memory.
   */
  async forRows(users: KnownUsers, options: RowsOptions): Promise<UserRanker> {
    const { openUserRanker } = await import('./many/rank-users.js');
    return openUserRanker(this.kind, users, { ...this.limits, ...options }, this.#context);
  }

  /** The popularity fallback, for a user of whom no like is known; undefined for all others. */
  async #fallbackFor(
    { user, history }: Listener,
    best: readonly RankedItem[],
  ): Promise<PopularItems | undefined> {
    // Asking the scorer costs a fold-in, which only a user without a single score other than 0 may need.
    if (hasLikes(history) && best.some(({ score }) => score !== 0)) return undefined;
    if (!this.kind.scorer.isColdStart(history)) return undefined;
    const popular = await this.kind.popular();
    const who = user ?? 'a new user';
    const why = hasLikes(history)
      ? `nothing that ${who} likes gives another item a score`
      : `${who} has no known likes`;
    const message = `popularity fallback: ${why}, so these are the ${this.kind.name}s with the most events`;
    this.#context.onProgress({ kind: 'warning', message });
    return popular;
  }
}

/** The answer of a user, with its keys in their order: of one alone, and of many. */
export function recommendResult(
  kind: RankedKind,
  found: Pick<RecommendResult, 'user' | 'recommendations'> & {
    readonly filtered: Filtered | undefined;
    readonly owner?: VectorOwner | undefined;
    /** Where it is the fallback. */
    readonly popular?: unknown;
    readonly whys?: Pick<RecommendResult, 'scoredBy' | 'baseline' | 'whyNot'>;
  },
): RecommendResult {
  const { user, owner, filtered, popular, recommendations, whys } = found;
  return {
    snapshot: kind.snapshot.id,
    user,
    ...(kind.name === trainedKind ? {} : { kind: kind.name }),
    ...(owner === undefined ? {} : { vector: owner }),
    ...(filtered && { filtered }),
    ...(popular === undefined ? {} : { fallback: 'popularity' }),
    recommendations,
    ...whys,
  };
}

export function asksWhy({ explain, whyNot = [] }: WhyOptions): boolean {
  return explain === true || whyNot.length > 0;
}

async function openWhyOf(
  kind: RankedKind,
  catalogue: Catalogue,
  { like = [], ...options }: WhyOptions & Partial<ListenerNames>,
): Promise<Why> {
  const [{ openWhy }, { readAddedFeatures }] = await Promise.all([
    import('./why.js'),
    import('../snapshot/added-features.js'),
  ]);
  const added = options.explain === true ? await readAddedFeatures(kind.snapshot) : undefined;
  return openWhy(kind, catalogue, { ...options, like }, added);
}

/** AppError 'bad-usage' where a vector is asked about: what explains a score are the items of a history. */
function requireNoWhy(question: WhyOptions): void {
  if (!asksWhy(question)) return;
  const asked = question.explain === true ? '`explain`' : '`whyNot`';
  throw new AppError('bad-usage', `${asked} explains scores by a user's history, and a vector has none`, {
    suggestions: [`leave ${asked} out`, 'name a USER of the snapshot, or what they like: `like` ITEM'],
  });
}
