/** Two rankers as one: each member's scores standardised over all items, and weighed (kernels/blend.ts). */
import { blendQueryBytes } from '../../compute/kernel-exports.js';
import { inOwnPool, type ComputePool, type PoolSizes } from '../../compute/pool.js';
import { inScope, layoutOf } from '../../compute/workspace.js';
import type { OpenRanker, Pairs, RankedItem, Ranker, TaskContext } from '../../contracts.js';
import { evenRanges } from '../../numeric/csr.js';
import { firstItemsOf, usersOf } from '../../numeric/split-pairs.js';
import { rankHeap } from '../../numeric/top-k.js';
import { maxRanked } from '../rank-by-inner-product.js';

/** The option of a blend, and of its parameters what was chosen: the share of the second member. */
export const blendWeight = 'blend-weight';

/** Scores of a member that are there at once, and users that they are of at most. */
const scoresAtOnce = 2 ** 23;
const usersAtOnce = 256;
/** A history has every item at most once. */
const pairsAtOnce = 2 ** 18;

/** Both members, in the order of the blend's name. */
export interface Members<T> {
  readonly first: T;
  readonly second: T;
}

/** A blend whose share is decided when it is asked. */
export interface BlendRanker {
  readonly numItems: number;
  /** As `Ranker.rank`, by each of several shares of the second member: its scores are found once. */
  rank(
    histories: Pairs,
    k: number,
    shares: readonly number[],
    each: (user: number, share: number, items: readonly RankedItem[]) => void,
  ): Promise<void>;
  score(histories: Pairs, share: number, each: Parameters<Ranker['score']>[1]): Promise<void>;
}

function usersOfBlock(numItems: number): number {
  return Math.max(1, Math.min(usersAtOnce, Math.floor(scoresAtOnce / numItems)));
}

function blockLayout(numItems: number) {
  const users = usersOfBlock(numItems);
  const scores = 4 * users * numItems;
  return layoutOf({
    ...{ first: scores, second: scores, heaps: 8 * users * Math.min(maxRanked, numItems) },
    ...{ means: blendQueryBytes * users, indptr: 4 * (users + 1), idx: 4 * Math.max(pairsAtOnce, numItems) },
  });
}

/** Workspace and scratch of a pool for `rankBlend`: 64 MiB, or 8 bytes an item where those are more. */
export function blendSizes(numItems: number): PoolSizes {
  return {
    workspaceBytes: blockLayout(numItems).bytes,
    scratchBytes: blendQueryBytes + 4 * numItems + Math.ceil(numItems / 8),
  };
}

/** The members stay the caller's, and keep memory of their own. @param pool with `blendSizes` */
export function rankBlend(pool: ComputePool, { first, second }: Members<Ranker>): BlendRanker {
  const { workspace } = pool;
  const { numItems } = first;
  // Items that were added after training are the first member's alone: the second gives them nothing.
  const { numItems: numTrained } = second;
  const most = usersOfBlock(numItems);
  type Block = ReturnType<ReturnType<typeof blockLayout>['allocate']>;
  /** Finds the members' scores of a block of users at a time; `use` gets its first user and its end. */
  const inBlocks = async (
    histories: Pairs,
    use: (block: Block, from: number, to: number) => Promise<void>,
  ): Promise<void> =>
    inScope(workspace, async () => {
      const block = blockLayout(numItems).allocate(workspace);
      const into = (address: number) => (user: number, scores: Float32Array) => {
        const row = workspace.f32(address + 4 * user * numItems, numItems);
        row.set(scores);
        row.fill(0, scores.length);
      };
      for (let from = 0, to: number; from < histories.numUsers; from = to) {
        to = blockEnd(histories, from, most, Math.max(pairsAtOnce, numItems));
        const users = usersOf(histories, from, to);
        await first.score(users, into(block.first));
        await second.score(firstItemsOf(users, numTrained), into(block.second));
        workspace.u32(block.indptr, users.indptr.length).set(users.indptr);
        workspace.u32(block.idx, users.item.length).set(users.item);
        await use(block, from, to);
      }
    });
  return {
    numItems,
    async rank(histories, k, shares, each) {
      const count = Math.min(k, numItems);
      await inBlocks(histories, async ({ first: one, second: other, heaps, indptr, idx }, from, to) => {
        for (const share of shares) {
          await pool.run({
            kernel: 'rankBlends',
            bounds: evenRanges(to - from, 4),
            args: [one, other, numItems, numTrained, share, indptr, idx, count, heaps, 'scratch'],
          });
          for (let u = from; u < to; u++) {
            const heap = heaps + 8 * (u - from) * count;
            each(u, share, rankHeap(workspace.f32(heap, 2 * count), workspace.u32(heap, 2 * count)));
          }
        }
      });
    },
    async score(histories, share, each) {
      await inBlocks(histories, async ({ first: one, second: other, means }, from, to) => {
        await pool.run({
          kernel: 'blendScores',
          bounds: evenRanges(to - from, 4),
          args: [one, other, numItems, numTrained, share, means, one],
        });
        for (let u = from; u < to; u++) each(u, workspace.f32(one + 4 * (u - from) * numItems, numItems));
      });
    },
  };
}

/** The blend by one share, to rank by. */
function withShare(blend: BlendRanker, share: number): Ranker {
  return {
    numItems: blend.numItems,
    rank: (histories, k, each) =>
      blend.rank(histories, k, [share], (user, _, items) => {
        each(user, items);
      }),
    score: (histories, each) => blend.score(histories, share, each),
  };
}

/** Both members as one, with which they are closed. @param share of the second one */
export async function openBlendRanker(
  { first, second }: Members<OpenRanker>,
  share: number,
  threads: number,
  { signal }: Pick<TaskContext, 'signal'>,
): Promise<OpenRanker> {
  const blend = await inOwnPool({ threads, ...blendSizes(first.numItems), signal }, (pool) =>
    withShare(rankBlend(pool, { first, second }), share),
  );
  return {
    ...blend,
    async close() {
      await blend.close();
      await second.close();
      await first.close();
    },
  };
}

/** The end of a block of users that starts at `from`: as many as fit, at least one. */
function blockEnd({ numUsers, indptr }: Pairs, from: number, mostUsers: number, mostPairs: number): number {
  let to = from + 1;
  while (to < numUsers && to - from < mostUsers && (indptr[to + 1] ?? 0) - (indptr[from] ?? 0) <= mostPairs)
    to++;
  return to;
}
