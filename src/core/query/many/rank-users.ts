/** The best items, artists or albums for many users of a snapshot at a time, by whatever its model scores with. */
import { setImmediate } from 'node:timers/promises';
import { allocateFactors, factorBytes } from '../../compute/factors.js';
import { openPool } from '../../compute/pool.js';
import { openVectorFile, vectorBytes } from '../../compute/vector-file.js';
import type { TaskContext } from '../../contracts.js';
import { abortError } from '../../errors.js';
import type { SeenItems } from '../../histories/histories.js';
import { hasLikes } from '../../histories/opinions.js';
import { maxRanked } from '../../models/rank-by-inner-product.js';
import { bestOfManyCapped } from '../../search/capped-ranking.js';
import { openProductScan, productScanBytes, productScanScratchBytes } from '../../search/product-scan.js';
import type { RankedBatch } from '../../search/ranked-batch.js';
import { snapshotFile } from '../../snapshot/layout.js';
import { scorerOf } from '../../snapshot/scorer.js';
import type { OpenUsers } from '../open-users.js';
import { firstAllowed } from '../popular-items.js';
import type { Limits, RankedKind } from '../ranked-kind.js';
import { openSnapshotRanker } from '../snapshot-ranker.js';
import { emptyBatch, packRanking } from './packed-rankings.js';

export interface RankedUsers {
  /** In memory of its own. */
  readonly ranked: RankedBatch;
  /** Queries of users of whom nothing is known that they like: they have what is popular, as `recommend` gives it. */
  readonly blank: readonly number[];
}

export interface UserRanker {
  /**
   * The best k rows for each of these users, as they are recommended to each alone, to the bit.
   * @param users rows, at most `mostUsers`
   */
  rank(users: Uint32Array): Promise<RankedUsers>;
  close(): Promise<void>;
}

/** How many users of the snapshot are answered at a time, and on how many threads. */
export interface RowsOptions {
  /** The most users that will be asked about at once. */
  readonly mostUsers: number;
  readonly threads: number;
}

/** Who is ranked for, and what. */
interface Asked {
  readonly kind: RankedKind;
  readonly users: OpenUsers;
  readonly options: Limits & RowsOptions;
  /** Rows that a user of a block is not to get, ascending, each once. */
  leaveOut(seen: SeenItems, user: number): Uint32Array;
}

/** What the model scores for some users, and whether that means anything. */
interface Scored {
  readonly ranked: RankedBatch;
  readonly seen: SeenItems;
  /** Whether every score is 0 for want of anything that the model knows; asked of those who like something. */
  isColdStart(query: number): boolean;
}

interface BlockScorer {
  score(users: Uint32Array): Promise<Scored>;
  close(): Promise<void>;
}

/** Close it before the recommender. AppError 'too-large' where what is searched does not fit. */
export async function openUserRanker(
  kind: RankedKind,
  users: OpenUsers,
  options: Limits & RowsOptions,
  context: TaskContext,
): Promise<UserRanker> {
  const isAlike = scorerOf(kind.snapshot) === 'constant';
  const leaveOut: Asked['leaveOut'] = (seen, user) => kind.exclusions.of(seen, options, user).all;
  const scorer = await openBlockScorer({ kind, users, options, leaveOut }, context);
  return {
    async rank(rows) {
      const { ranked, seen, isColdStart } = await scorer.score(rows);
      const blank: number[] = [];
      for (let q = 0; q < rows.length && !isAlike; q++) {
        if ((hasLikes(seen, q) || users.isImported(rows[q]!)) && !isColdStart(q)) continue;
        blank.push(q);
        const popular = await kind.popular();
        packRanking(ranked, q, firstAllowed(popular.ranked, leaveOut(seen, q), options));
      }
      return { ranked, blank };
    },
    close: () => scorer.close(),
  };
}

function openBlockScorer(asked: Asked, context: TaskContext): Promise<BlockScorer> {
  const scorer = scorerOf(asked.kind.snapshot);
  if (scorer === 'inner-product') return scoreByVectors(asked, context);
  const { k, excluded, includeHeard, among, cap } = asked.options;
  const isPlain = !includeHeard && among === undefined && cap === undefined;
  const leavesOutHistories = isPlain && k + excluded.length <= maxRanked;
  return scorer === 'item-item' && leavesOutHistories
    ? scoreByRanker(asked, context)
    : Promise.resolve(scoreOneByOne(asked, context));
}

/** A stored vector is what folding the stored history in gives. */
async function scoreByVectors(
  { kind: { snapshot, files }, users, options, leaveOut }: Asked,
  { signal }: TaskContext,
): Promise<BlockScorer> {
  const { k, mostUsers, among, cap, threads } = options;
  const found = openVectorFile(snapshot.file(files.vectors));
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
      const rank = async (numQueries: number, seen: SeenItems): Promise<RankedBatch> => {
        const outOf = (q: number): Uint32Array => leaveOut(seen, q);
        if (capped === undefined) {
          const block = { address: queries.address, numRows: numQueries, paddedDim };
          return scan.best(block, k, { leaveOut: outOf, among });
        }
        const { address } = capped.block;
        const best: Parameters<typeof bestOfManyCapped>[0] = (some, count, out) => {
          some.forEach((q, at) => vectorAt(address, at).set(vectorAt(queries.address, q)));
          const block = { address, numRows: some.length, paddedDim };
          return scan.best(block, count, { leaveOut: out, among });
        };
        const ranked = emptyBatch(numQueries, Math.min(k, numRows));
        const rankings = await bestOfManyCapped(best, numQueries, k, outOf, capped.cap);
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
          const seen = users.histories.readSeen(rows);
          const ranked = await rank(rows.length, seen);
          return { ranked, seen, isColdStart: (q) => blank.has(q) };
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
  { kind: { snapshot, scorer }, users, options: { k, excluded, threads } }: Asked,
  context: TaskContext,
): Promise<BlockScorer> {
  const ranker = await openSnapshotRanker(snapshot, threads, context);
  const dropped = new Set(excluded);
  const longest = Math.min(k, ranker.numItems);
  return {
    async score(rows) {
      const ranked = emptyBatch(rows.length, longest);
      const seen = users.histories.readMany(rows);
      await ranker.rank(seen, k + dropped.size, (u, ranking) => {
        const kept = dropped.size === 0 ? ranking : ranking.filter(({ row }) => !dropped.has(row));
        packRanking(ranked, u, kept.slice(0, longest));
      });
      const isColdStart = (q: number): boolean =>
        isZero(ranked, q) && scorer.isColdStart(users.histories.read(rows[q]!));
      return { ranked, seen, isColdStart };
    },
    close: () => ranker.close(),
  };
}

/** Users that are asked about before signals are let through. */
const usersATurn = 256;

function scoreOneByOne({ kind, users, options, leaveOut }: Asked, { signal }: TaskContext): BlockScorer {
  const { scorer } = kind;
  return {
    async score(rows) {
      const ranked = emptyBatch(rows.length, Math.min(options.k, scorer.numRows));
      const seen = users.histories.readSeen(rows);
      for (const [at, row] of rows.entries()) {
        if (at % usersATurn === 0) {
          await setImmediate();
          if (signal.aborted) throw abortError(signal);
        }
        packRanking(ranked, at, kind.best(users.histories.read(row), leaveOut(seen, at), options));
      }
      const isColdStart = (q: number): boolean =>
        isZero(ranked, q) && scorer.isColdStart(users.histories.read(rows[q]!));
      return { ranked, seen, isColdStart };
    },
    close: () => Promise.resolve(),
  };
}

/** Whether no score says anything, of as many as there are. */
function isZero({ k, scores, counts }: RankedBatch, query: number): boolean {
  return scores.subarray(query * k, query * k + counts[query]!).every((score) => score === 0);
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
