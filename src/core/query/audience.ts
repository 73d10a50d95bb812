/**
 * Whom an item suits best: the users of the largest inner product of their stored vector with the item's, which is the score
 * that `recommend` gives it. Exact: all users' vectors are compared. Whom an item is kept away from, the exclusions decide.
 */
import { setImmediate } from 'node:timers/promises';
import { Closers, closing } from '../closers.js';
import { openVectorFile, readVectorRows, vectorBytes, type VectorFile } from '../compute/vector-file.js';
import type { Count, ItemRecord, Rank, SnapshotId, TaskContext, Text } from '../contracts.js';
import { AppError, abortError } from '../errors.js';
import type { AsOfMark } from '../feedback/follow-ledger.js';
import { isUnseen } from '../numeric/pairs.js';
import type { RankedRow } from '../numeric/top-k.js';
import type { Asked } from '../options/option.js';
import type { audienceQuery } from '../options/queries.js';
import { openExactSearch } from '../search/exact-search.js';
import type { NeighbourSearch } from '../search/neighbour-search.js';
import { hasRow, type RowSet } from '../search/row-set.js';
import { trainedKind } from '../snapshot/layout.js';
import { requireVectors } from '../snapshot/scorer.js';
import { openStoredVectors } from '../snapshot/users/stored-arrays.js';
import { openStoredIds } from '../snapshot/users/stored-ids.js';
import { toldOfFew, type TooFewEvents } from './filters/enough-events.js';
import { findEntity, recordOf, type Entity } from './find-entities.js';
import type { KnownUsers } from './known-users.js';
import { mostBytesInMemory } from './open-items-by-product.js';
import type { Recommender } from './open-recommender.js';
import type { RankedKind } from './ranked-kind.js';

type AudienceQuestion = Asked<typeof audienceQuery.options>;

export interface ListenerOfItem {
  readonly rank: Rank;
  readonly id: Text;
  readonly score: number;
  /** Events of theirs with the item, or with the items of the artist or album: where those who have seen it are kept. */
  readonly events?: Count;
}

export interface AudienceResult {
  readonly snapshot: SnapshotId;
  /** What is no item says of which `kind` it is. */
  readonly item: ItemRecord;
  /** Users of the snapshot. */
  readonly of: Count;
  /** Users who would stand above the last of these, and have seen it, disliked or banned it; forgotten ones are not counted. */
  readonly leftOut: Count;
  /** Likewise those who have too few events, where there are any. */
  readonly tooFewEvents?: TooFewEvents;
  /** The largest score first, then by row. Fewer than k only where fewer are left. */
  readonly listeners: readonly ListenerOfItem[];
}

/** Bytes of vectors between two turns of the event loop: some 50 ms. */
const turnBytes = 2 ** 28;
/** Users that are ranked at first: what is left of them is mostly enough. Then eight times as many. */
const firstRanked = 1024;
const growth = 8;
/** Histories that are read at a time. */
const readAtOnce = 256;

/** What compares items with users: opens nothing before the first query. Close it before the recommender. */
export function openAudiences(recommender: Recommender): Audiences {
  return new Audiences(recommender);
}

/** Calls may overlap. */
export class Audiences {
  readonly #recommender: Recommender;
  readonly #opened = new Closers();
  #search: NeighbourSearch | undefined;

  constructor(recommender: Recommender) {
    this.#recommender = recommender;
  }

  /** @throws AppError as `findEntity`; 'item-without-vector'; 'missing-part' for a model or snapshot without users' vectors */
  async of(question: AudienceQuestion & AsOfMark, context: TaskContext): Promise<AudienceResult> {
    const { snapshot } = this.#recommender;
    requireVectors(snapshot, 'no user has one to compare with an item’s');
    const catalogue = this.#recommender.catalogue();
    const entity = findEntity(snapshot, catalogue, question.item, trainedKind);
    const item = recordOf(catalogue, entity);
    const kind = this.#recommender.kind(entity.kind);
    const direction = vectorOf(kind, entity, item);
    const search = (this.#search ??= this.#opened.keep(this.#openSearch()));
    const users = await this.#recommender.users(question);
    const enough = this.#recommender.kept.enough('users', question);
    const asked = { kind, entity, question, users, enough };
    const { found, leftOut, tooFew } = await this.#walk(search, direction, asked, context);
    const tooFewEvents = toldOfFew(tooFew, 'users of a higher score', question, context);
    const ids = this.#idsOf(found);
    return {
      snapshot: snapshot.id,
      item,
      of: search.numRows,
      leftOut,
      ...(tooFewEvents && { tooFewEvents }),
      listeners: found.map(({ row, score }, at) => {
        const listener = { rank: at + 1, id: ids[at] ?? '', score };
        return question.includeHeard ? { ...listener, events: eventsWith(row, asked) } : listener;
      }),
    };
  }

  close(): void {
    this.#opened.close();
  }

  #openSearch(): NeighbourSearch {
    const { snapshot, ways } = this.#recommender;
    const file: VectorFile = openStoredVectors(snapshot);
    const isKept = ways.inMemory && vectorBytes(file.numRows, file.dim) <= mostBytesInMemory;
    return openExactSearch(file, {
      ...ways,
      measure: 'inner-product',
      inMemory: isKept,
      maxK: Infinity,
    });
  }

  /** The best users whom the item is not kept away from; as many are ranked as that takes. */
  async #walk(
    search: NeighbourSearch,
    direction: Float32Array,
    { kind, entity, question, users, enough }: Walk,
    context: TaskContext,
  ): Promise<{ readonly found: RankedRow[]; readonly leftOut: number; readonly tooFew: number }> {
    const { k, includeHeard } = question;
    const rules = { includeHeard, excluded: new Uint32Array(0) };
    const found: RankedRow[] = [];
    let [walked, leftOut, tooFew] = [0, 0, 0];
    for (let wanted = Math.max(firstRanked, 2 * k); ; wanted *= growth) {
      const ranked = await bestUsers(search, direction, wanted, context);
      while (walked < ranked.length) {
        const part = ranked.slice(walked, walked + readAtOnce);
        // Users next to each other are read at once.
        const rows = Uint32Array.from(part, ({ row }) => row).sort();
        const { seen } = users.readSeen(rows);
        const places = new Map(Array.from(rows, (row, at) => [row, at] as const));
        for (const user of part) {
          if (found.length === k) return { found, leftOut, tooFew };
          walked += 1;
          const { own } = kind.exclusions.of(seen, rules, places.get(user.row));
          if (own.includes(entity.row)) leftOut += 1;
          else if (users.hasForgottenVector(user.row)) continue;
          else if (enough !== undefined && !hasRow(enough, user.row)) tooFew += 1;
          else found.push(user);
        }
        await this.#turn(context);
      }
      if (found.length === k || ranked.length < wanted) return { found, leftOut, tooFew };
    }
  }

  async #turn({ signal }: TaskContext): Promise<void> {
    await setImmediate();
    if (signal.aborted) throw abortError(signal);
  }

  #idsOf(users: readonly RankedRow[]): string[] {
    return closing(openStoredIds(this.#recommender.snapshot), (file) => {
      const ids = file.readRows(Uint32Array.from(users, ({ row }) => row));
      return users.map((_, at) => ids.at(at));
    });
  }
}

interface Walk {
  readonly kind: RankedKind;
  readonly entity: Entity;
  readonly question: AudienceQuestion;
  /** With what the ledger says of them. */
  readonly users: KnownUsers;
  /** Who may be found; undefined: all. */
  readonly enough: RowSet | undefined;
}

/** Events of a user with the item, or with those of the artist or album. */
function eventsWith(user: number, { kind, entity, users }: Walk): number {
  const history = users.historyOf(user);
  const seen = kind.exclusions.pairsWith(entity.row, history).filter((p) => !isUnseen(history.flags[p] ?? 0));
  return seen.reduce((sum, p) => sum + (history.count[p] ?? 0), 0);
}

/**
 * The `wanted` rows of the largest score, or all: some vectors at a time, so that a call can be stopped.
 * @param bytesAtOnce of vectors in kernel memory
 */
export async function bestUsers(
  search: NeighbourSearch,
  direction: Float32Array,
  wanted: number,
  { signal, onProgress }: TaskContext,
  bytesAtOnce = turnBytes,
): Promise<readonly RankedRow[]> {
  const { numRows, dim } = search;
  // Whole bytes of the sets of rows.
  const atOnce = Math.max(8, 8 * Math.floor(bytesAtOnce / vectorBytes(8, dim)));
  if (numRows <= atOnce) return search.best(direction, wanted, []);
  let best: RankedRow[] = [];
  for (let from = 0; from < numRows; from += atOnce) {
    onProgress({ kind: 'step', phase: 'comparing users', done: from, total: numRows, unit: 'users' });
    await setImmediate();
    if (signal.aborted) throw abortError(signal);
    const part = search.best(direction, wanted, [], rowsBetween(numRows, from, from + atOnce));
    best = [...best, ...part].sort((a, b) => b.score - a.score || a.row - b.row).slice(0, wanted);
  }
  onProgress({ kind: 'step', phase: 'comparing users', done: numRows, total: numRows, unit: 'users' });
  return best;
}

/** @param from a multiple of 8 @param to likewise, or past the end */
function rowsBetween(numRows: number, from: number, to: number): RowSet {
  const bits = new Uint8Array(Math.ceil(numRows / 8));
  bits.fill(0xff, from / 8, to / 8);
  if (to >= numRows && numRows % 8 !== 0) bits[bits.length - 1] = (1 << (numRows % 8)) - 1;
  return { numRows, bits, count: Math.min(numRows, to) - from };
}

/** [dim]. AppError 'item-without-vector', also for a vector of zeros, which suits everyone alike. */
function vectorOf({ snapshot, files, numRows }: RankedKind, { row }: Entity, item: ItemRecord): Float32Array {
  const without = (why: string): AppError =>
    new AppError(
      'item-without-vector',
      `nobody ${why} "${item.name}": no user is nearer to it than another`,
      {
        suggestions: ['name another one, or train on events that hold it'],
        details: { id: item.id },
      },
    );
  if (row >= numRows) throw without('played');
  return closing(openVectorFile(snapshot.file(files.vectors)), (file) => {
    const vector = readVectorRows(file, [row]).values.slice(0, file.dim);
    if (vector.every((x) => x === 0)) throw without('liked');
    return vector;
  });
}
