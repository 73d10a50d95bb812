/**
 * Nearest neighbours in one snapshot: whatever their queries need is opened when the first one needs it, and kept for all
 * that follow, each of which may ask otherwise.
 */
import { Closers } from '../closers.js';
import { openVectorFile } from '../compute/vector-file.js';
import type { Cosine, ItemRecord, WithRank, SnapshotId, Some, TaskContext } from '../contracts.js';
import type { RankedRow } from '../numeric/top-k.js';
import { catalogue as declared } from '../options/catalogue.js';
import type { Asked } from '../options/option.js';
import type { similarAll, similarQuery } from '../options/queries.js';
import { isSelective } from '../search/among-scan.js';
import { bestCapped, RowsOfGroups } from '../search/capped-ranking.js';
import { openExactSearch } from '../search/exact-search.js';
import type { NeighbourSearch } from '../search/neighbour-search.js';
import type { SearchWays } from '../search/search-thread.js';
import { complement, rowSetOf, type RowSet } from '../search/row-set.js';
import { requireKind, type FoundKind, type Kind } from '../snapshot/kinds.js';
import { snapshotFile, trainedKind, type GroupedKind } from '../snapshot/layout.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { openCatalogue, type Catalogue } from '../store/catalogue.js';
import { artistsOfRows } from './artists-of-rows.js';
import { bothOf, countTooFew, toldOfFew } from './filters/enough-events.js';
import type { EventsOptions, TooFewEvents } from './filters/enough-events.js';
import {
  KeptRows,
  selectRows,
  type Filtered,
  type Selection,
  type SelectionOptions,
} from './filters/selection.js';
import type { UnknownUser, WithFallback } from './find-listeners.js';
import type { OpenUsers } from './open-users.js';
import type { NeighbourRanker, OpenNeighbourRanker } from './many/rank-neighbours.js';
import { openItemSearch, payingIndex, warnOfUnreadIndex, type SearchMethod } from './open-item-search.js';
import type { VectorOwner } from './owned-vector.js';
import { readSimilarQuery, requireItemsOrVector, UnitVectorsByKind } from './similar-query.js';

export type SimilarQuestion = Asked<typeof similarQuery.options> & WithFallback;

export type SimilarItem = WithRank & ItemRecord & { readonly similarity: Cosine };

export interface SimilarResult {
  readonly snapshot: SnapshotId;
  /** For whom, where a user was named. */
  readonly for?: string;
  /** Only where nobody knows the user, and all are answered: nothing is left out for them. */
  readonly unknownUser?: UnknownUser;
  /** What was looked among, where that is not items. */
  readonly kind?: GroupedKind;
  /** What is no item says of which `kind` it is. */
  readonly query: readonly ItemRecord[];
  readonly minus: readonly ItemRecord[];
  readonly tooFewEvents?: TooFewEvents;
  /** Where filters were given: how many items they leave. */
  readonly filtered?: Filtered;
  /** Of everything that was added up and taken away, in that order, where any were given. */
  readonly weights?: Some<number>;
  /** Whose vector was added, where one was given. */
  readonly vector?: VectorOwner;
  /** The nearest first; at equal similarity the item with more events. Fewer than k only where fewer are left. */
  readonly neighbours: readonly SimilarItem[];
  readonly search: SearchMethod;
}

/** For several queries, what is searched as a whole is kept in memory, as far as it is not too large. */
export interface NeighboursOptions extends SearchWays {
  /** And the index with its vectors, which takes longer to load than some thousand answers take without. */
  readonly indexInMemory?: boolean;
}

/** One kind, open to be searched by cosine. */
export interface KindSearch {
  readonly kind: FoundKind;
  readonly search: NeighbourSearch;
  /** How it answers for the k nearest. */
  searched(k: number): SearchMethod;
}

/** What `similar --all` asks. */
export interface AllNeighboursQuestion extends Pick<
  Asked<typeof similarAll.options>,
  'k' | 'kind' | 'exact' | 'threads' | 'minEvents' | keyof SelectionOptions
> {
  /** Where neighbours are found, if not on this machine. */
  readonly openRanker?: OpenNeighbourRanker | undefined;
}

export interface AllNeighbours {
  readonly kind: FoundKind;
  /** How many have neighbours. */
  readonly numRows: number;
  readonly filtered: Filtered | undefined;
  /** The only rows that may be found; undefined: all. */
  readonly among: RowSet | undefined;
  readonly search: SearchMethod;
  /** Close it before what it comes from. */
  readonly ranker: NeighbourRanker;
}

type NearestItems = (row: number, k: number, leaveOut?: Iterable<number>) => readonly RankedRow[];

export interface OpenNeighbours {
  readonly snapshot: OpenSnapshot;
  readonly catalogue: Catalogue;
  /**
   * What was asked about is not among the answers; that it is by an artist, or on an album, puts those nowhere. Calls may
   * overlap. AppErrors as `readSimilarQuery`, `selectRows` and `artistsOfRows`; 'missing-part' for a kind that the
   * snapshot does not have, or a model without neighbours.
   */
  similar(question: SimilarQuestion, context: TaskContext): Promise<SimilarResult>;
  /** For whom a query may be asked. AppError 'missing-part' where the snapshot was made without users. */
  users(): Promise<OpenUsers>;
  /** What `similar` searches. Once it warns of an index that is not read. */
  among(kind: string, exact: boolean, context: TaskContext): Promise<KindSearch>;
  /** The same for every row of a kind, on several threads. */
  ofAll(question: AllNeighboursQuestion, context: TaskContext): Promise<AllNeighbours>;
  /** The nearest items of one, as `similar` finds them: none of a zero vector. */
  nearestItems(exact: boolean, options: Partial<EventsOptions>, context: TaskContext): Promise<NearestItems>;
  /** Once no call is going on. The snapshot stays open. */
  close(): void;
}

/** Opens nothing yet. */
export function openNeighbours(snapshot: OpenSnapshot, options: NeighboursOptions): OpenNeighbours {
  return new SnapshotNeighbours(snapshot, options);
}

class SnapshotNeighbours implements OpenNeighbours {
  readonly snapshot: OpenSnapshot;
  readonly #options: NeighboursOptions;
  readonly #opened = new Closers();
  readonly #searches = new Map<string, Promise<KindSearch>>();
  readonly #kept: KeptRows;
  readonly #artists = new Map<Kind, Promise<ArtistsOfKind>>();
  #catalogue: Catalogue | undefined;
  #users: OpenUsers | undefined;
  #vectors: UnitVectorsByKind | undefined;
  #hasWarned = false;

  constructor(snapshot: OpenSnapshot, options: NeighboursOptions) {
    this.snapshot = snapshot;
    this.#options = options;
    this.#kept = new KeptRows(snapshot);
  }

  get catalogue(): Catalogue {
    this.#catalogue ??= this.#opened.keep(openCatalogue(this.snapshot.file(snapshotFile.itemStore)));
    return this.#catalogue;
  }

  among(name: string, exact: boolean, context: TaskContext): Promise<KindSearch> {
    const kind = requireKind(this.snapshot, name);
    const isFast = !exact && kind.name === trainedKind;
    const usesIndex = isFast && payingIndex(this.snapshot) !== null;
    if (isFast && !this.#hasWarned) warnOfUnreadIndex(this.snapshot, context);
    this.#hasWarned ||= isFast;
    return once(this.#searches, `${usesIndex ? 'index' : 'exact'}:${kind.name}`, async () => {
      const ways = { ...this.#options, maxK: Infinity, exact: !usesIndex };
      if (kind.name === trainedKind) {
        const { search, searched } = await openItemSearch(this.snapshot, ways);
        return { kind, search: this.#opened.keep(search), searched };
      }
      const vectors = openVectorFile(this.snapshot.file(kind.vectors));
      const search = this.#opened.keep(openExactSearch(vectors, { ...ways, measure: 'cosine' }));
      return { kind, search, searched: () => ({ method: 'exact' }) };
    });
  }

  async similar(question: SimilarQuestion, context: TaskContext): Promise<SimilarResult> {
    requireItemsOrVector(question);
    const { snapshot, catalogue } = this;
    const { k, maxPerArtist, weights, exact } = question;
    const { kind, search, searched } = await this.among(question.kind, exact, context);
    this.#vectors ??= this.#opened.keep(new UnitVectorsByKind(snapshot, catalogue));
    const query = await readSimilarQuery(this.#vectors, kind.name, search, question, context);
    const { plus, minus, owner, direction, asked } = query;
    const { numRows } = search;
    const selection = await this.#select(kind, numRows, question, context);
    const { leaveOut, filtered } = selection;
    const enough = this.#kept.enough(kind, question);
    const among = bothOf(selection.among, enough);
    const { notShown, unknownUser } = await this.#notShown(kind, numRows, question);
    const bestAmong = (rows?: RowSet) => (count: number, out: Iterable<number>) =>
      search.best(direction, count, out, rows);
    const best = bestAmong(among);
    const artists = maxPerArtist === undefined ? undefined : await this.#artistsOf(kind, numRows);
    const out = [...asked, ...leaveOut, ...notShown];
    const ranked =
      artists === undefined || maxPerArtist === undefined
        ? best(k, out)
        : bestCapped(best, k, out, { ...artists, most: maxPerArtist }, artists.rows);
    selection.warnTooFew(ranked.length, k, asked, 'asked about');
    const bestOfFew = (few: RowSet) => bestAmong(bothOf(selection.among, few))(k, out);
    const numFew = countTooFew(ranked, k, enough, bestOfFew);
    const tooFewEvents = toldOfFew(numFew, `of the ${k} nearest`, question, context);
    return similarResult(snapshot.id, kind.name, {
      ...{ for: question.for, unknownUser, query: plus, minus, weights, owner, filtered, tooFewEvents },
      neighbours: ranked.map(({ row, score }, at) => ({
        rank: at + 1,
        ...catalogue.record(kind.name, row),
        similarity: score,
      })),
      search: searchedAmong(among, searched(maxPerArtist === undefined ? k : Infinity)),
    });
  }

  async ofAll(question: AllNeighboursQuestion, context: TaskContext): Promise<AllNeighbours> {
    const { snapshot } = this;
    const kind = requireKind(snapshot, question.kind);
    const { countWithNeighbours, openNeighbourRanker } = await import('./many/rank-neighbours.js');
    const numRows = countWithNeighbours(snapshot, kind);
    const selection = await this.#select(kind, numRows, question, context);
    const { filtered } = selection;
    const excluded = selection.leaveOut;
    const others = excluded.length === 0 ? undefined : complement(rowSetOf(numRows, excluded));
    const enough = this.#kept.enough(kind, question);
    const among = [others, enough].reduce(bothOf, selection.among);
    toldOfFew(numRows - (enough?.count ?? numRows), `of ${numRows} ${kind.name}s`, question, context);
    const { k, exact, threads, openRanker = openNeighbourRanker } = question;
    const ranker = await openRanker(snapshot, kind, { k, among, exact, threads }, context);
    return { kind, numRows, filtered, among, ranker, search: searchedAmong(among, ranker.searched) };
  }

  async nearestItems(
    exact: boolean,
    { minEvents = declared.minEvents.fallback() }: Partial<EventsOptions>,
    context: TaskContext,
  ): Promise<NearestItems> {
    const { kind, search } = await this.among(trainedKind, exact, context);
    const enough = this.#kept.enough(kind, { minEvents });
    return (row, k, leaveOut = []) => {
      const vector = search.vectorOf(row);
      return Number.isNaN(vector[0]) ? [] : search.best(vector, k, [row, ...leaveOut], enough);
    };
  }

  close(): void {
    this.#opened.close();
  }

  async users(): Promise<OpenUsers> {
    const { openUsers } = await import('./open-users.js');
    const numItems = this.snapshot.manifest.inputs.interactions.items;
    return (this.#users ??= this.#opened.keep(openUsers(this.snapshot, numItems, () => this.catalogue)));
  }

  #select(
    { name }: FoundKind,
    numRows: number,
    options: SelectionOptions,
    context: TaskContext,
  ): Promise<Selection> {
    return selectRows(this.snapshot, name, this.catalogue, numRows, options, context, this.#kept);
  }

  async #notShown(
    kind: FoundKind,
    numRows: number,
    question: SimilarQuestion,
  ): Promise<{ readonly notShown: Iterable<number>; readonly unknownUser?: UnknownUser }> {
    const { for: user, includeHeard } = question;
    if (user === undefined) return { notShown: [] };
    const { rowsNotShown } = await import('./exclusions-for-user.js');
    const users = await (await this.users()).asOfNow(question);
    if (question.fallback !== undefined && users.findRow(user) === undefined)
      return { notShown: [], unknownUser: { recipe: null, closest: users.closest(user) } };
    return { notShown: rowsNotShown(users, user, kind, numRows, this.#kept.groups, includeHeard) };
  }

  #artistsOf(kind: FoundKind, numRows: number): Promise<ArtistsOfKind> {
    return once(this.#artists, kind.name, async () => {
      const groupOf = (await artistsOfRows(this.snapshot, kind)).subarray(0, numRows);
      return { groupOf, rows: new RowsOfGroups({ groupOf }) };
    });
  }
}

/** The answer to a query, with its keys in their order: of one alone, and of many. */
export function similarResult(
  snapshot: string,
  kind: Kind,
  found: Pick<SimilarResult, 'query' | 'minus' | 'neighbours' | 'search'> & {
    readonly owner?: VectorOwner | undefined;
  } & {
    readonly [K in 'for' | 'unknownUser' | 'weights' | 'filtered' | 'tooFewEvents']?:
      SimilarResult[K] | undefined;
  },
): SimilarResult {
  const { for: user, unknownUser, query, minus, weights, owner, filtered, tooFewEvents } = found;
  return {
    snapshot,
    ...(user === undefined ? {} : { for: user }),
    ...(unknownUser && { unknownUser }),
    ...(kind === trainedKind ? {} : { kind }),
    ...{ query, minus },
    ...(weights === undefined ? {} : { weights }),
    ...(owner === undefined ? {} : { vector: owner }),
    ...(filtered && { filtered }),
    ...(tooFewEvents && { tooFewEvents }),
    ...{ neighbours: found.neighbours, search: found.search },
  };
}

interface ArtistsOfKind {
  readonly groupOf: Uint32Array;
  readonly rows: RowsOfGroups;
}

/** What `open` gave the first time; where that failed, it is tried again. */
function once<K, T>(known: Map<K, Promise<T>>, key: K, open: () => Promise<T>): Promise<T> {
  const before = known.get(key);
  if (before !== undefined) return before;
  const opening = open();
  known.set(key, opening);
  opening.catch(() => known.delete(key));
  return opening;
}

/** Where filters leave little, all of it is compared with, index or not. */
function searchedAmong(among: RowSet | undefined, searched: SearchMethod): SearchMethod {
  return among !== undefined && isSelective(among) ? { method: 'exact' } : searched;
}
