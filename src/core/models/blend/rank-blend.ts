/** Two rankers as one: each member's scores standardised over all items, and weighed (kernels/blend.ts). */
import { blendQueryBytes } from '../../compute/kernel-exports.js';
import { inOwnPool, type ComputePool, type PoolSizes } from '../../compute/pool.js';
import { inScope, layoutOf } from '../../compute/workspace.js';
import type { OpenRanker, Pairs, RankedItem, Ranker, TaskContext } from '../../contracts.js';
import { evenRanges } from '../../numeric/csr.js';
import { firstItemsOf } from '../../numeric/split-pairs.js';
import { blockParts, blocksOf, eachRanking, usersAtOnce } from '../item-item/history-blocks.js';
import { maxRanked } from '../rank-by-inner-product.js';

/** The option of a blend, and of its parameters what was chosen: the share of the second member. */
export const blendWeight = 'blend-weight';

/** Scores of a member that are there at once. */
const scoresAtOnce = 2 ** 23;

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
    ...{ means: blendQueryBytes * users, ...blockParts(users, numItems) },
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
  /** Finds the members' scores of a block of users at a time; `use` gets how many, and its first user. */
  const inBlocks = async (
    histories: Pairs,
    use: (block: Block, numUsers: number, from: number) => Promise<void>,
  ): Promise<void> =>
    inScope(workspace, async () => {
      const block = blockLayout(numItems).allocate(workspace);
      const into = (address: number) => (user: number, scores: Float32Array) => {
        const row = workspace.f32(address + 4 * user * numItems, numItems);
        row.set(scores);
        row.fill(0, scores.length);
      };
      for (const [users, from] of blocksOf(histories, numItems, most)) {
        await first.score(users, into(block.first));
        await second.score(firstItemsOf(users, numTrained), into(block.second));
        workspace.u32(block.indptr, users.indptr.length).set(users.indptr);
        workspace.u32(block.idx, users.item.length).set(users.item);
        await use(block, users.numUsers, from);
      }
    });
  return {
    numItems,
    async rank(histories, k, shares, each) {
      const count = Math.min(k, numItems);
      await inBlocks(histories, async ({ first: one, second: other, heaps, indptr, idx }, numUsers, from) => {
        for (const share of shares) {
          await pool.run({
            kernel: 'rankBlends',
            bounds: evenRanges(numUsers, 4),
            args: [one, other, numItems, numTrained, share, indptr, idx, count, heaps, 'scratch'],
          });
          eachRanking(workspace, heaps, count, numUsers, (u, ranking) => {
            each(from + u, share, ranking);
          });
        }
      });
    },
    async score(histories, share, each) {
      await inBlocks(histories, async ({ first: one, second: other, means }, numUsers, from) => {
        await pool.run({
          kernel: 'blendScores',
          bounds: evenRanges(numUsers, 4),
          args: [one, other, numItems, numTrained, share, means, one],
        });
        for (let u = 0; u < numUsers; u++) each(from + u, workspace.f32(one + 4 * u * numItems, numItems));
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
