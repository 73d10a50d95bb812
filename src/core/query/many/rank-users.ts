/** The best items, artists or albums for many users of a snapshot at a time, by whatever its model scores with. */
import { setImmediate } from 'node:timers/promises';
import { allocateFactors, factorBytes } from '../../compute/factors.js';
import { openPool } from '../../compute/pool.js';
import type { RankedItem, TaskContext } from '../../contracts.js';
import { abortError } from '../../errors.js';
import { bestCapped, bestOfManyCapped, type Cap } from '../../search/capped-ranking.js';
import { openProductScan, productScanBytes, productScanScratchBytes } from '../../search/product-scan.js';
import type { RankedBatch } from '../../search/ranked-batch.js';
import type { RowSet } from '../../search/row-set.js';
import { maxRanked } from '../../models/rank-by-inner-product.js';
import { numRanked, type FoundKind } from '../../snapshot/kinds.js';
import { snapshotFile, trainedKind } from '../../snapshot/layout.js';
import { openScorer } from '../open-scorer.js';
import type { OpenSnapshot } from '../../snapshot/open-snapshot.js';
import type { OpenUsers } from '../open-users.js';
import { popularItems, type PopularItems } from '../popular-items.js';
import { exclusionsOf } from '../exclusions.js';
import { readItemGroups } from '../item-groups.js';
import { scorerOf } from '../../snapshot/scorer.js';
import type { SeenItems } from '../../histories/histories.js';
import { hasLikes } from '../../histories/opinions.js';
import { openVectorFile, vectorBytes } from '../../compute/vector-file.js';
import { emptyBatch, packRanking } from './packed-rankings.js';
import { firstAllowed } from '../popular-instead.js';
import { openSnapshotRanker } from '../snapshot-ranker.js';

export interface RankedUsers {
  /** In memory of its own. */
  readonly ranked: RankedBatch;
  /** Queries of users of whom nothing is known that they like: they have what is popular, as `recommend` gives it. */
  readonly blank: readonly number[];
}

export interface UserRanker {
  /**
   * The best k things for each of these users, as they are recommended to each alone, to the bit.
   * @param users rows, at most `mostUsers`
   */
  rank(users: Uint32Array): Promise<RankedUsers>;
  close(): Promise<void>;
}

export interface RankUsersOptions {
  readonly k: number;
  /** The most users that will be asked about at once. */
  readonly mostUsers: number;
  /** What they are to get. */
  readonly kind: FoundKind;
  /** [distinct] rows of that kind that nobody is to get, ascending. */
  readonly excluded: Uint32Array;
  /** Keep what they have heard; bans and dislikes still hold. */
  readonly includeHeard: boolean;
  /** The only rows that anybody is to get; undefined: all. */
  readonly among: RowSet | undefined;
  /** How often an artist may stand in a ranking; undefined: as often as it does. */
  readonly cap: Cap | undefined;
  readonly threads: number;
}

/** What the model scores for some users, and whether that means anything. */
interface Scored {
  readonly ranked: RankedBatch;
  readonly heard: SeenItems;
  /** Whether every score is 0 for want of anything that the model knows; asked of those who like something. */
  isBlank(query: number): boolean;
}

interface Scorer {
  score(users: Uint32Array): Promise<Scored>;
  close(): Promise<void>;
}

/** Close it before the snapshot. AppError 'too-large' where what is searched does not fit. */
export async function openUserRanker(
  snapshot: OpenSnapshot,
  users: OpenUsers,
  options: RankUsersOptions,
  context: TaskContext,
): Promise<UserRanker> {
  const { k, kind, among, cap } = options;
  const isAlike = scorerOf(snapshot) === 'constant';
  const unwanted = unwantedOf(snapshot, options);
  const scorer = await openScoring(snapshot, users, options, unwanted, context);
  let popular: PopularItems | undefined;
  return {
    async rank(rows) {
      const { ranked, heard, isBlank } = await scorer.score(rows);
      const blank: number[] = [];
      for (let q = 0; q < rows.length && !isAlike; q++) {
        if ((hasLikes(heard, q) || users.isImported(rows[q]!)) && !isBlank(q)) continue;
        blank.push(q);
        popular ??= await popularItems(snapshot, kind, numRanked(snapshot, kind.name));
        packRanking(ranked, q, firstAllowed(popular.ranked, unwanted(heard, q), k, among, cap));
      }
      return { ranked, blank };
    },
    close: () => scorer.close(),
  };
}

function openScoring(
  snapshot: OpenSnapshot,
  users: OpenUsers,
  options: RankUsersOptions,
  unwanted: Unwanted,
  context: TaskContext,
): Promise<Scorer> {
  const scorer = scorerOf(snapshot);
  if (scorer === 'inner-product') return scoreByVectors(snapshot, users, options, unwanted, context);
  const { k, excluded, includeHeard, among, cap } = options;
  const isPlain = !includeHeard && among === undefined && cap === undefined;
  const leavesOutHistories = isPlain && k + excluded.length <= maxRanked;
  return scorer === 'item-item' && leavesOutHistories
    ? scoreByRanker(snapshot, users, options, context)
    : Promise.resolve(scoreOneByOne(snapshot, users, options, unwanted, context));
}

/** A stored vector is what folding the stored history in gives. */
async function scoreByVectors(
  snapshot: OpenSnapshot,
  users: OpenUsers,
  { k, kind, mostUsers, among, cap, threads }: RankUsersOptions,
  unwanted: Unwanted,
  { signal }: TaskContext,
): Promise<Scorer> {
  const found = openVectorFile(snapshot.file(kind.vectors));
  const userVectors = openVectorFile(snapshot.file(snapshotFile.userVectors));
  const closeFiles = (): void => {
    found.close();
    userVectors.close();
  };
  try {
    const { numRows, dim, paddedDim } = found;
    const blocks = cap === undefined ? 1 : 2;
    const pool = openPool({
      ...{ threads, signal, scratchBytes: productScanScratchBytes(paddedDim) },
      workspaceBytes:
        factorBytes(numRows, paddedDim) +
        blocks * factorBytes(mostUsers, paddedDim) +
        productScanBytes(numRows, paddedDim),
    });
    try {
      const { workspace } = pool;
      const items = allocateFactors(workspace, numRows, paddedDim);
      found.readAllInto(workspace, items.address);
      const queries = allocateFactors(workspace, mostUsers, paddedDim);
      const scan = await openProductScan(pool, { address: items.address, numRows, paddedDim });
      const vectorAt = (address: number, at: number): Float32Array =>
        workspace.f32(address + vectorBytes(at, dim), paddedDim);
      const capped =
        cap === undefined ? undefined : { cap, block: allocateFactors(workspace, mostUsers, paddedDim) };
      const rank = async (numQueries: number, leaveOut: (q: number) => Uint32Array): Promise<RankedBatch> => {
        if (capped === undefined)
          return scan.best({ address: queries.address, numRows: numQueries, paddedDim }, k, {
            leaveOut,
            among,
          });
        const { address } = capped.block;
        const best: Parameters<typeof bestOfManyCapped>[0] = (some, count, out) => {
          some.forEach((q, at) => vectorAt(address, at).set(vectorAt(queries.address, q)));
          const block = { address, numRows: some.length, paddedDim };
          return scan.best(block, count, { leaveOut: out, among });
        };
        const ranked = emptyBatch(numQueries, Math.min(k, numRows));
        const rankings = await bestOfManyCapped(best, numQueries, k, leaveOut, capped.cap);
        rankings.forEach((ranking, q) => packRanking(ranked, q, ranking));
        return ranked;
      };
      return {
        async score(rows) {
          visitRuns(rows, (at, from, to) => {
            userVectors.readRangeInto(workspace, queries.address + vectorBytes(at, dim), from, to);
          });
          const blank = new Set<number>();
          for (let q = 0; q < rows.length; q++)
            if (vectorAt(queries.address, q).every((x) => x === 0)) blank.add(q);
          const heard = users.histories.readSeen(rows);
          const ranked = await rank(rows.length, (q) => unwanted(heard, q));
          return { ranked, heard, isBlank: (q) => blank.has(q) };
        },
        async close() {
          await pool.close();
          closeFiles();
        },
      };
    } catch (error) {
      await pool.close();
      throw error;
    }
  } catch (error) {
    closeFiles();
    throw error;
  }
}

/** By the ranker that evaluates models, which leaves a history's own items out: what is excluded besides is dropped after. */
async function scoreByRanker(
  snapshot: OpenSnapshot,
  users: OpenUsers,
  { k, excluded, threads }: RankUsersOptions,
  context: TaskContext,
): Promise<Scorer> {
  const ranker = await openSnapshotRanker(snapshot, threads, context);
  const scorer = openScorer(snapshot, { maxK: k, inMemory: false });
  const dropped = new Set(excluded);
  const longest = Math.min(k, ranker.numItems);
  return {
    async score(rows) {
      const ranked = emptyBatch(rows.length, longest);
      const heard = users.histories.readMany(rows);
      await ranker.rank(heard, k + dropped.size, (u, ranking) => {
        const kept = dropped.size === 0 ? ranking : ranking.filter(({ row }) => !dropped.has(row));
        packRanking(ranked, u, kept.slice(0, longest));
      });
      const isBlank = (q: number): boolean =>
        isZero(ranked, q) && scorer.isBlank(users.histories.read(rows[q]!));
      return { ranked, heard, isBlank };
    },
    async close() {
      scorer.close();
      await ranker.close();
    },
  };
}

/** Users that are asked about before signals are let through. */
const usersATurn = 256;

function scoreOneByOne(
  snapshot: OpenSnapshot,
  users: OpenUsers,
  { k, among, cap }: RankUsersOptions,
  unwanted: Unwanted,
  { signal }: TaskContext,
): Scorer {
  const scorer = openScorer(snapshot, { maxK: cap === undefined ? k : Infinity, inMemory: true });
  return {
    async score(rows) {
      const ranked = emptyBatch(rows.length, Math.min(k, scorer.numItems));
      const heard = users.histories.readSeen(rows);
      for (const [at, row] of rows.entries()) {
        if (at % usersATurn === 0) {
          await setImmediate();
          if (signal.aborted) throw abortError(signal);
        }
        const history = users.histories.read(row);
        const leaveOut = unwanted(heard, at);
        const best = (count: number, out: Iterable<number>): RankedItem[] =>
          scorer.best(history, count, out, among);
        packRanking(ranked, at, cap === undefined ? best(k, leaveOut) : bestCapped(best, k, leaveOut, cap));
      }
      const isBlank = (q: number): boolean =>
        isZero(ranked, q) && scorer.isBlank(users.histories.read(rows[q]!));
      return { ranked, heard, isBlank };
    },
    close() {
      scorer.close();
      return Promise.resolve();
    },
  };
}

/** Whether no score says anything, of as many as there are. */
function isZero({ k, scores, counts }: RankedBatch, query: number): boolean {
  return scores.subarray(query * k, query * k + counts[query]!).every((score) => score === 0);
}

/** Rows that one of several people is not to get, ascending, each once. */
type Unwanted = (heard: SeenItems, user: number) => Uint32Array;

function unwantedOf(snapshot: OpenSnapshot, { kind, includeHeard, excluded }: RankUsersOptions): Unwanted {
  const groups =
    kind.name === trainedKind
      ? undefined
      : readItemGroups(snapshot, kind.name, numRanked(snapshot, kind.name));
  const exclusions = exclusionsOf(groups);
  return (heard, user) => exclusions.of(heard, { includeHeard, excluded }, user).all;
}

/** Calls `each` for every run of neighbouring rows: the place of its first, and the rows from … to − 1. */
function visitRuns(rows: Uint32Array, each: (at: number, from: number, to: number) => void): void {
  for (let at = 0; at < rows.length;) {
    let count = 1;
    while (at + count < rows.length && rows[at + count] === rows[at]! + count) count++;
    each(at, rows[at]!, rows[at]! + count);
    at += count;
  }
}
