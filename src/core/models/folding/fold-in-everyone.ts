import { factorsLayout, paddedDim } from '../../compute/factors.js';
import { inOwnPool } from '../../compute/pool.js';
import { layoutOf } from '../../compute/workspace.js';
import type { Pairs, TaskContext } from '../../contracts.js';
import type { UserFold } from './user-fold.js';
import type { VectorFile } from '../../compute/vector-file.js';
import type { UserVectors } from '../model.js';

/** Everyone's vector from their histories, with the model as it is. */
export async function foldInEveryone(
  fold: UserFold,
  itemVectors: VectorFile,
  histories: Pairs,
  threads: number,
  context: TaskContext,
): Promise<UserVectors & { close(): Promise<void> }> {
  const dim = paddedDim(fold.dim);
  const { numUsers } = histories;
  const numItems = itemVectors.numRows;
  const layout = layoutOf({ items: factorsLayout(numItems, dim), users: factorsLayout(numUsers, dim) });
  const memory = {
    workspaceBytes: layout.bytes + fold.allBytes(numUsers),
    scratchBytes: fold.scratchBytes(numItems),
  };
  const progress = { kind: 'step', phase: 'user vectors', total: numUsers, unit: 'users' } as const;
  return inOwnPool({ threads, ...memory, signal: context.signal }, async (pool) => {
    context.onProgress({ ...progress, done: 0 });
    const { items, users } = layout.allocate(pool.workspace);
    itemVectors.readAllInto(pool.workspace, items.address);
    const unconverged = await fold.all(pool, items, histories, users);
    context.onProgress({ ...progress, done: numUsers });
    return { workspace: pool.workspace, users, unconverged };
  });
}
