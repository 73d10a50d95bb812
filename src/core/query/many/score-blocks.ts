/** What a model scores for users of its snapshot, a block at a time and on several threads: the bits that each gets alone. */
import { setImmediate } from 'node:timers/promises';
import { vectorBytes, type VectorFile } from '../../compute/vector-file.js';
import { openWorkspace } from '../../compute/workspace.js';
import type { OpenRanker, Pairs, RankedItem, TaskContext } from '../../contracts.js';
import { abortError } from '../../errors.js';
import type { SeenItems } from '../../histories/histories.js';
import { hasLikes } from '../../histories/opinions.js';
import { maxRanked } from '../../models/rank-by-inner-product.js';
import { isUnseen } from '../../numeric/pairs.js';
import { scoreRankingLayout } from '../../search/best-of-scores.js';
import { bestCapped } from '../../search/capped-ranking.js';
import { emptyBatch, packRanking, type RankedBatch } from '../../search/ranked-batch.js';
import type { Limits } from '../exclusions.js';
import type { KnownUsers } from '../known-users.js';
import { openBlockSearch, type OpenBlockSearch } from './block-search.js';

/** How many users of the snapshot are answered at a time, and on how many threads. */
export interface RowsOptions {
  /** The most users that will be asked about at once. */
  readonly mostUsers: number;
  readonly threads: number;
  /** Where vectors are searched, if not on this machine. */
  readonly openSearch?: OpenBlockSearch | undefined;
}

/** What is asked for users a block at a time. */
export interface BlockQuery extends Limits, RowsOptions {
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
  question: BlockQuery,
  { signal }: TaskContext,
): Promise<BlockScorer> {
  const { users, leaveOut, openSearch = openBlockSearch } = question;
  const { dim, paddedDim } = found;
  const search = await openSearch(found, question, signal);
  const { workspace, queries } = search;
  const vectorAt = (at: number): Float32Array => workspace.f32(queries + vectorBytes(at, dim), paddedDim);
  return {
    async score(rows) {
      const { seen, refolded } = users.readSeen(rows);
      visitRuns(rows, users.numStored, (at, from, to) => {
        stored.readRangeInto(workspace, queries + vectorBytes(at, dim), from, to);
      });
      for (const [at, history] of refolded) vectorAt(at).fill(0).set(vectorOf(history));
      const zero = new Set<number>();
      for (let q = 0; q < rows.length; q++) if (vectorAt(q).every((x) => x === 0)) zero.add(q);
      const ranked = await search.rank(rows.length, (q) => leaveOut(seen, q));
      const isColdStart = (q: number): boolean =>
        zero.has(q) || !(hasLikes(seen, q) || users.isImported(rows[q]!));
      return { ranked, seen, isColdStart };
    },
    close: () => search.close(),
  };
}

/** Whether `scoreByRanker` can answer: no more is asked than the best without a history's own items. */
export function suitsRanker({ k, excluded, includeHeard, among, cap }: Limits): boolean {
  return !includeHeard && among === undefined && cap === undefined && k + excluded.length <= maxRanked;
}

/** By a ranker, which leaves a history's own items out: what is excluded besides is dropped after. Closes it. */
export function scoreByRanker(ranker: OpenRanker, question: BlockQuery): BlockScorer {
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

/** By all scores that a ranker gives: whatever may be found of them. Closes it. */
export function scoreByScores(ranker: OpenRanker, question: BlockQuery): BlockScorer {
  const { users, k, numRows, leaveOut, among, cap } = question;
  const layout = scoreRankingLayout(numRows, Infinity);
  const workspace = openWorkspace(layout.bytes);
  const { scores: address, best } = layout.allocate(workspace);
  return {
    async score(rows) {
      const ranked = emptyBatch(rows.length, Math.min(k, numRows));
      const seen = users.readMany(rows);
      await ranker.score(seen, (u, scores) => {
        workspace.f32(address, numRows).set(scores);
        const out = leaveOut(seen, u);
        const limited = (count: number, without: Iterable<number>): RankedItem[] =>
          best(count, without, among);
        packRanking(ranked, u, cap === undefined ? limited(k, out) : bestCapped(limited, k, out, cap));
      });
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

export function scoreOneByOne(question: BlockQuery, { signal }: TaskContext): BlockScorer {
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
  { users, isColdStart }: BlockQuery,
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
