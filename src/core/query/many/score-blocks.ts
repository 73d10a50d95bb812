/** What a model scores for users of its snapshot, a block at a time and on several threads: the bits that each gets alone. */
import { setImmediate } from 'node:timers/promises';
import { allocateFactors, factorBytes } from '../../compute/factors.js';
import { openPool } from '../../compute/pool.js';
import { vectorBytes, type VectorFile } from '../../compute/vector-file.js';
import type { OpenRanker, Pairs, RankedItem, TaskContext } from '../../contracts.js';
import { abortError } from '../../errors.js';
import type { SeenItems } from '../../histories/histories.js';
import { hasLikes } from '../../histories/opinions.js';
import { maxRanked } from '../../models/rank-by-inner-product.js';
import { isUnseen } from '../../numeric/pairs.js';
import { bestOfManyCapped } from '../../search/capped-ranking.js';
import { openProductScan, productScanBytes, productScanScratchBytes } from '../../search/product-scan.js';
import type { RankedBatch } from '../../search/ranked-batch.js';
import type { Limits } from '../exclusions.js';
import type { KnownUsers } from '../known-users.js';
import { emptyBatch, packRanking } from './packed-rankings.js';

/** How many users of the snapshot are answered at a time, and on how many threads. */
export interface RowsOptions {
  /** The most users that will be asked about at once. */
  readonly mostUsers: number;
  readonly threads: number;
}

/** What is asked for users a block at a time. */
export interface BlockQuestion extends Limits, RowsOptions {
  readonly users: KnownUsers;
  /** Rows of the kind that have scores. */
  readonly numRows: number;
  /** Rows that a user of a block is not to get, ascending, each once. */
  leaveOut(seen: SeenItems, user: number): Uint32Array;
  /** The answer for one user alone. */
  best(history: Pairs, leaveOut: Iterable<number>): RankedItem[];
  /** Whether nothing in a history says what its user likes. */
  isColdStart(history: Pairs): boolean;
}

/** What the model scores for the users of a block, and what each has seen. */
export interface ScoredBlock {
  /** In memory of its own. */
  readonly ranked: RankedBatch;
  readonly seen: SeenItems;
  /** `isColdStart` of a user of the block. */
  isColdStart(query: number): boolean;
}

export interface BlockScorer {
  /** @param users rows, at most `mostUsers` */
  score(users: Uint32Array): Promise<ScoredBlock>;
  close(): Promise<void>;
}

/** Users' vectors: those that are stored, which are what folding the stored histories in gives, and those of other histories. */
export interface VectorsOfUsers {
  readonly stored: VectorFile;
  /** [dim] */
  vectorOf(history: Pairs): Float32Array;
}

/** The files stay the caller's. */
export async function scoreByVectors(
  found: VectorFile,
  { stored, vectorOf }: VectorsOfUsers,
  { users, leaveOut, k, among, cap, mostUsers, threads }: BlockQuestion,
  { signal }: TaskContext,
): Promise<BlockScorer> {
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
        const { seen, refolded } = users.readSeen(rows);
        visitRuns(rows, users.numStored, (at, from, to) => {
          stored.readRangeInto(workspace, queries.address + vectorBytes(at, dim), from, to);
        });
        for (const [at, history] of refolded) {
          const query = vectorAt(queries.address, at).fill(0);
          query.set(vectorOf(history));
        }
        const zero = new Set<number>();
        for (let q = 0; q < rows.length; q++)
          if (vectorAt(queries.address, q).every((x) => x === 0)) zero.add(q);
        const ranked = await rank(rows.length, seen);
        const isColdStart = (q: number): boolean =>
          zero.has(q) || !(hasLikes(seen, q) || users.isImported(rows[q]!));
        return { ranked, seen, isColdStart };
      },
      close: () => pool.close(),
    };
  } catch (error) {
    await pool.close();
    throw error;
  }
}

/** Whether `scoreByRanker` can answer: no more is asked than the best without a history's own items. */
export function suitsRanker({ k, excluded, includeHeard, among, cap }: Limits): boolean {
  return !includeHeard && among === undefined && cap === undefined && k + excluded.length <= maxRanked;
}

/** By a ranker, which leaves a history's own items out: what is excluded besides is dropped after. Closes it. */
export function scoreByRanker(ranker: OpenRanker, question: BlockQuestion): BlockScorer {
  const { users, k, numRows, excluded } = question;
  const dropped = new Set(excluded);
  const longest = Math.min(k, numRows);
  return {
    async score(rows) {
      const ranked = emptyBatch(rows.length, longest);
      const seen = users.readMany(rows);
      await ranker.rank(seen, k + dropped.size, (u, ranking) => {
        const kept = dropped.size === 0 ? ranking : ranking.filter(({ row }) => !dropped.has(row));
        packRanking(ranked, u, kept.slice(0, longest));
      });
      // The ranker would leave out, too, what they only like the artist or album of.
      for (const [u, row] of rows.entries())
        if (hasUnseen(seen, u))
          packRanking(ranked, u, question.best(users.historyOf(row), question.leaveOut(seen, u)));
      return { ranked, seen, isColdStart: blankIn(rows, ranked, seen, question) };
    },
    close: () => ranker.close(),
  };
}

function hasUnseen({ indptr, flags }: SeenItems, user: number): boolean {
  return flags.subarray(indptr[user], indptr[user + 1]).some(isUnseen);
}

/** Users that are asked about before signals are let through. */
const usersATurn = 256;

export function scoreOneByOne(question: BlockQuestion, { signal }: TaskContext): BlockScorer {
  const { users, k, numRows, leaveOut } = question;
  return {
    async score(rows) {
      const ranked = emptyBatch(rows.length, Math.min(k, numRows));
      const { seen } = users.readSeen(rows);
      for (const [at, row] of rows.entries()) {
        if (at % usersATurn === 0) {
          await setImmediate();
          if (signal.aborted) throw abortError(signal);
        }
        packRanking(ranked, at, question.best(users.historyOf(row), leaveOut(seen, at)));
      }
      return { ranked, seen, isColdStart: blankIn(rows, ranked, seen, question) };
    },
    close: () => Promise.resolve(),
  };
}

/** Asks the scorer of those alone who like nothing, or for whom no score says anything. */
function blankIn(
  rows: Uint32Array,
  { k, scores, counts }: RankedBatch,
  seen: SeenItems,
  { users, isColdStart }: BlockQuestion,
): ScoredBlock['isColdStart'] {
  return (q) =>
    (!hasLikes(seen, q) || scores.subarray(q * k, q * k + counts[q]!).every((score) => score === 0)) &&
    isColdStart(users.historyOf(rows[q]!));
}

/** Calls `each` for every run of neighbouring rows below numRows: the place of its first, and the rows from … to − 1. */
function visitRuns(
  rows: Uint32Array,
  numRows: number,
  each: (at: number, from: number, to: number) => void,
): void {
  for (let at = 0; at < rows.length;) {
    if (rows[at]! >= numRows) {
      at++;
      continue;
    }
    let count = 1;
    while (at + count < rows.length && rows[at + count] === rows[at]! + count && rows[at]! + count < numRows)
      count++;
    each(at, rows[at]!, rows[at]! + count);
    at += count;
  }
}
