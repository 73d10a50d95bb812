/** The best items for many users of a snapshot at a time, by whatever its model scores with. */
import { setImmediate } from 'node:timers/promises';
import { allocateFactors, factorBytes } from '../compute/factors.js';
import { openPool } from '../compute/pool.js';
import type { TaskContext } from '../contracts.js';
import { abortError } from '../errors.js';
import { openProductScan, productScanBytes, productScanScratchBytes } from '../index/product-scan.js';
import type { RankedBatch } from '../index/ranked-batch.js';
import type { RowSet } from '../index/row-set.js';
import { firstBut } from '../index/score-ranking.js';
import { maxRanked } from '../models/rank-by-inner-product.js';
import { banned, preferred } from '../numeric/pairs.js';
import { snapshotFile } from '../snapshot/layout.js';
import { openScorer } from '../snapshot/open-scorer.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import type { OpenUsers } from '../snapshot/open-users.js';
import { popularItems, type PopularItems } from '../snapshot/popular-items.js';
import { scorerOf } from '../snapshot/scorer.js';
import type { HeardItems } from '../users/histories.js';
import { openVectorFile, vectorBytes } from '../vectors/vector-file.js';
import { emptyBatch, packRanking } from './packed-rankings.js';
import { openSnapshotRanker } from './snapshot-ranker.js';

export interface RankedUsers {
  /** In memory of its own. */
  readonly ranked: RankedBatch;
  /** Queries of users of whom nothing is known that they like: they have what is popular, as `recommend` gives it. */
  readonly blank: readonly number[];
}

export interface UserRanker {
  /**
   * The best k items for each of these users, as they are recommended to each alone, to the bit.
   * @param users rows, at most `mostUsers`
   */
  rank(users: Uint32Array): Promise<RankedUsers>;
  close(): Promise<void>;
}

export interface RankUsersOptions {
  readonly k: number;
  /** The most users that will be asked about at once. */
  readonly mostUsers: number;
  /** [distinct] item rows that nobody is to get, ascending. */
  readonly excluded: Uint32Array;
  /** Keep what they have heard; bans and dislikes still hold. */
  readonly includeHeard: boolean;
  /** The only items that anybody is to get; undefined: all. */
  readonly among: RowSet | undefined;
  readonly threads: number;
}

/** What the model scores for some users, and whether that means anything. */
interface Scored {
  readonly ranked: RankedBatch;
  readonly heard: HeardItems;
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
  const { k, excluded, includeHeard, among } = options;
  const numItems = snapshot.manifest.inputs.interactions.items;
  const isAlike = scorerOf(snapshot) === 'constant';
  const scorer = await openScoring(snapshot, users, options, context);
  let popular: PopularItems | undefined;
  return {
    async rank(rows) {
      const { ranked, heard, isBlank } = await scorer.score(rows);
      const blank: number[] = [];
      for (let q = 0; q < rows.length && !isAlike; q++) {
        if ((likesSomething(heard, q) || users.isImported(rows[q]!)) && !isBlank(q)) continue;
        blank.push(q);
        popular ??= await popularItems(snapshot, numItems);
        const unwanted = unwantedBy(heard, q, includeHeard, excluded);
        packRanking(ranked, q, firstBut(popular.ranked, unwanted, k, among));
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
  context: TaskContext,
): Promise<Scorer> {
  const scorer = scorerOf(snapshot);
  if (scorer === 'inner-product') return scoreByVectors(snapshot, users, options, context);
  const { k, excluded, includeHeard, among } = options;
  const leavesOutHistories = !includeHeard && among === undefined && k + excluded.length <= maxRanked;
  return scorer === 'item-item' && leavesOutHistories
    ? scoreByRanker(snapshot, users, options, context)
    : Promise.resolve(scoreOneByOne(snapshot, users, options, context));
}

/** A stored vector is what folding the stored history in gives. */
async function scoreByVectors(
  snapshot: OpenSnapshot,
  users: OpenUsers,
  { k, mostUsers, excluded, includeHeard, among, threads }: RankUsersOptions,
  { signal }: TaskContext,
): Promise<Scorer> {
  const itemVectors = openVectorFile(snapshot.file(snapshotFile.itemVectors));
  const userVectors = openVectorFile(snapshot.file(snapshotFile.userVectors));
  const closeFiles = (): void => {
    itemVectors.close();
    userVectors.close();
  };
  try {
    const { numRows, dim, paddedDim } = itemVectors;
    const pool = openPool({
      ...{ threads, signal, scratchBytes: productScanScratchBytes(paddedDim) },
      workspaceBytes:
        factorBytes(numRows, paddedDim) +
        factorBytes(mostUsers, paddedDim) +
        productScanBytes(numRows, paddedDim),
    });
    try {
      const { workspace } = pool;
      const items = allocateFactors(workspace, numRows, paddedDim);
      itemVectors.readAllInto(workspace, items.address);
      const queries = allocateFactors(workspace, mostUsers, paddedDim);
      const scan = await openProductScan(pool, { address: items.address, numRows, paddedDim });
      const vectorOf = (at: number): Float32Array =>
        workspace.f32(queries.address + vectorBytes(at, dim), dim);
      return {
        async score(rows) {
          visitRuns(rows, (at, from, to) => {
            userVectors.readRangeInto(workspace, queries.address + vectorBytes(at, dim), from, to);
          });
          const blank = new Set<number>();
          for (let q = 0; q < rows.length; q++) if (vectorOf(q).every((x) => x === 0)) blank.add(q);
          const heard = users.histories.readHeard(rows);
          const leaveOut = (q: number): Uint32Array => unwantedBy(heard, q, includeHeard, excluded);
          const block = { address: queries.address, numRows: rows.length, paddedDim };
          const ranked = await scan.best(block, k, { leaveOut, among });
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
  { k, excluded, includeHeard, among }: RankUsersOptions,
  { signal }: TaskContext,
): Scorer {
  const scorer = openScorer(snapshot, { maxK: k, inMemory: true });
  return {
    async score(rows) {
      const ranked = emptyBatch(rows.length, Math.min(k, scorer.numItems));
      const heard = users.histories.readHeard(rows);
      for (const [at, row] of rows.entries()) {
        if (at % usersATurn === 0) {
          await setImmediate();
          if (signal.aborted) throw abortError(signal);
        }
        const leaveOut = unwantedBy(heard, at, includeHeard, excluded);
        packRanking(ranked, at, scorer.best(users.histories.read(row), k, leaveOut, among));
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

/** As `hasLikes` of a single history: neither a dislike, nor a ban and nothing else. */
function likesSomething({ indptr, weight, flags }: HeardItems, user: number): boolean {
  for (let p = indptr[user]!; p < indptr[user + 1]!; p++)
    if (weight[p]! > 0n && (flags[p]! & preferred) !== 0) return true;
  return false;
}

/** Whether no score says anything, of as many as there are. */
function isZero({ k, scores, counts }: RankedBatch, query: number): boolean {
  return scores.subarray(query * k, query * k + counts[query]!).every((score) => score === 0);
}

/**
 * What someone has heard, unless that is wanted; what they disliked or banned in any case; what is excluded for all:
 * ascending, each once.
 */
function unwantedBy(
  { indptr, item, flags }: HeardItems,
  user: number,
  includeHeard: boolean,
  excluded: Uint32Array,
): Uint32Array {
  const from = indptr[user]!;
  const to = indptr[user + 1]!;
  let own = item.subarray(from, to);
  if (includeHeard) {
    own = own.filter((_, at) => {
      const flag = flags[from + at]!;
      return (flag & banned) !== 0 || (flag & preferred) === 0;
    });
  }
  if (excluded.length === 0) return own;
  return Uint32Array.from(new Set([...own, ...excluded])).sort();
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
