/** The facts of a listener: what makes their recommendations, whom and what they are near to, and how that changes. */
import { Closers, closing } from '../../closers.js';
import type {
  Cosine,
  Count,
  ItemRecord,
  Pairs,
  Rank,
  SnapshotId,
  TaskContext,
  Text,
} from '../../contracts.js';
import { banned, isTime, preferred } from '../../numeric/pairs.js';
import type { RankedRow } from '../../numeric/top-k.js';
import type { Asked } from '../../options/option.js';
import type { listenerQuery } from '../../options/queries.js';
import { openExactSearch } from '../../search/exact-search.js';
import type { NeighbourSearch } from '../../search/neighbour-search.js';
import { unitOf } from '../../search/weighted-direction.js';
import { trainedKind } from '../../snapshot/layout.js';
import { hasVectors } from '../../snapshot/scorer.js';
import { openStoredVectors } from '../../snapshot/users/stored-arrays.js';
import { openStoredIds } from '../../snapshot/users/stored-ids.js';
import { bestUsers } from '../audience.js';
import type { KnownUsers } from '../known-users.js';
import type { OpenNeighbours } from '../open-neighbours.js';
import type { Recommender } from '../open-recommender.js';
import { openUserVectors, type OpenUserVectors } from '../user-vectors.js';
import { OwnContributions, type Contributions } from './contributions.js';
import { comparedWith, movedTaste, surroundingsOf, type MovedTaste } from './moved.js';
import { recentTaste, type RecentTaste } from './recent.js';
import { Tastes, type Taste } from './taste.js';

type ListenerQuestion = Asked<typeof listenerQuery.options>;

export type NearItem = ItemRecord & {
  readonly rank: Rank;
  readonly similarity: Cosine;
  /** Their events with it; 0 where it is not in their history. */
  readonly plays: Count;
};

export interface NearUser {
  readonly rank: Rank;
  readonly id: Text;
  readonly similarity: Cosine;
}

export interface ListenerFacts {
  readonly snapshot: SnapshotId;
  readonly user: Text;
  readonly events: Count;
  /** Items of the history. */
  readonly items: Count;
  /** The earliest and the latest of the items' latest events, ISO 8601; null without times. */
  readonly firstAt: string | null;
  readonly lastAt: string | null;
  /** null where scores are the same for everyone, the vector was imported, or nothing is known that they like. */
  readonly contributions: Contributions | null;
  /** By the cosine to their vector, exactly; null for a model whose users have none, and for a zero vector. */
  readonly nearest: { readonly items: readonly NearItem[]; readonly users: readonly NearUser[] } | null;
  /** null where they played nothing that they do not dislike. */
  readonly taste: Taste | null;
  /** null without times, without vectors, and where the vector was imported. */
  readonly recent: RecentTaste | null;
  /** null where there is nothing to compare with, the user is not in it, or nothing is known that they like. */
  readonly moved: MovedTaste | null;
  /** By row. */
  readonly banned: readonly ItemRecord[];
  readonly disliked: readonly ItemRecord[];
}

/** Opens nothing before the first query. Close it before the recommender and the neighbours. */
export function openListeners(root: string, recommender: Recommender, neighbours: OpenNeighbours): Listeners {
  return new Listeners(root, recommender, neighbours);
}

/** Calls may overlap. */
export class Listeners {
  readonly #root: string;
  readonly #recommender: Recommender;
  readonly #neighbours: OpenNeighbours;
  readonly #contributions: OwnContributions;
  readonly #tastes: Tastes;
  readonly #opened = new Closers();
  readonly #vectors: () => OpenUserVectors;
  readonly #users: () => NeighbourSearch;

  constructor(root: string, recommender: Recommender, neighbours: OpenNeighbours) {
    const { snapshot, ways } = recommender;
    this.#root = root;
    this.#recommender = recommender;
    this.#neighbours = neighbours;
    this.#contributions = new OwnContributions(recommender);
    this.#tastes = new Tastes(recommender);
    this.#vectors = this.#opened.lazy(() => openUserVectors(snapshot));
    this.#users = this.#opened.lazy(() =>
      openExactSearch(openStoredVectors(snapshot), {
        ...{ ...ways, measure: 'cosine', inMemory: false, maxK: Infinity },
      }),
    );
  }

  /** @throws AppError 'user-not-found'; 'missing-part' where the snapshot was made without users; 'bad-usage' for a half-life */
  async of(question: ListenerQuestion, context: TaskContext): Promise<ListenerFacts> {
    const { user, k, halfLife } = question;
    const recommender = this.#recommender;
    const { snapshot } = recommender;
    const users = await recommender.users(question);
    const row = users.rowOf(user);
    const history = users.historyOf(row);
    const [folded] = hasVectors(snapshot) ? this.#vectors().of([{ user, history }], undefined) : [];
    const vector = folded && Float32Array.from(folded.vector);
    const hasDirection = vector?.some((x) => x !== 0) === true;
    const recentOf = (lifetime: Float32Array): Promise<RecentTaste | null> => {
      const sources = { snapshot, neighbours: this.#neighbours, vectors: this.#vectors() };
      return recentTaste(sources, history, lifetime, { k, halfLife }, context);
    };
    return {
      snapshot: snapshot.id,
      user,
      ...summaryOf(history),
      contributions: this.#contributions.of(history, k),
      nearest: hasDirection ? await this.#nearest(users, row, unitOf(vector), k, context) : null,
      taste: await this.#tastes.of(history, users, question),
      recent: hasDirection ? await recentOf(vector) : null,
      moved: await this.#moved(question, history, vector, context),
      banned: this.#itemsWhere(history, (flags) => (flags & banned) !== 0),
      disliked: this.#itemsWhere(history, (flags) => (flags & (banned | preferred)) === 0),
    };
  }

  close(): void {
    this.#opened.close();
  }

  async #nearest(
    known: KnownUsers,
    row: number,
    unit: Float32Array,
    k: number,
    context: TaskContext,
  ): Promise<ListenerFacts['nearest']> {
    const { snapshot } = this.#recommender;
    const catalogue = this.#recommender.catalogue();
    const { search } = await this.#neighbours.among(trainedKind, true, context);
    const history = known.historyOf(row);
    const playsOf = new Map(Array.from(history.item, (item, at) => [item, history.count[at] ?? 0] as const));
    const items = search.best(unit, k, []).map((one, at): NearItem => ({
      ...catalogue.record(trainedKind, one.row),
      ...{ rank: at + 1, similarity: one.score, plays: playsOf.get(one.row) ?? 0 },
    }));
    const others = await this.#otherUsers(known, row, unit, k, context);
    return closing(openStoredIds(snapshot), (file) => {
      const ids = file.readRows(Uint32Array.from(others, (other) => other.row));
      const users = others.map(({ score }, at) => ({ rank: at + 1, id: ids.at(at), similarity: score }));
      return { items, users };
    });
  }

  /** The k nearest; nobody whose vector is of what they asked to be forgotten. */
  async #otherUsers(
    known: KnownUsers,
    row: number,
    unit: Float32Array,
    k: number,
    context: TaskContext,
  ): Promise<RankedRow[]> {
    for (let wanted = k + 1; ; wanted *= 2) {
      const ranked = await bestUsers(this.#users(), unit, wanted, context);
      const others = ranked.filter((other) => other.row !== row && !known.hasForgottenVector(other.row));
      if (others.length >= k || ranked.length < wanted) return others.slice(0, k);
    }
  }

  async #moved(
    question: ListenerQuestion,
    history: Pairs,
    vector: Float32Array | undefined,
    context: TaskContext,
  ): Promise<MovedTaste | null> {
    const since = comparedWith(this.#root, this.#recommender.snapshot);
    // Without a like the order of items means nothing.
    if (since === undefined || this.#recommender.kind().scorer.isColdStart(history)) return null;
    const now = await surroundingsOf(this.#recommender, this.#neighbours, history, vector, context);
    return movedTaste(this.#root, since, question, now, context);
  }

  #itemsWhere({ item, flags }: Pairs, matches: (flags: number) => boolean): ItemRecord[] {
    const catalogue = this.#recommender.catalogue();
    const rows = [...item].filter((_, p) => matches(flags[p] ?? 0));
    return rows.map((row) => catalogue.record(trainedKind, row));
  }
}

function summaryOf({
  item,
  count,
  weight,
  lastAt,
}: Pairs): Pick<ListenerFacts, 'events' | 'items' | 'firstAt' | 'lastAt'> {
  const times = [...lastAt]
    .filter((at, p) => isTime(at) && weight[p]! > 0n)
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const said = (time: bigint | undefined): string | null =>
    time === undefined ? null : new Date(Number(time)).toISOString();
  return {
    events: count.reduce((sum, events) => sum + events, 0),
    items: item.length,
    firstAt: said(times[0]),
    lastAt: said(times.at(-1)),
  };
}
