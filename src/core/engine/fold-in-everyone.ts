import { allocateFactors, factorBytes, paddedDim, type Factors } from '../compute/factors.js';
import { openPool } from '../compute/pool.js';
import { solverScratchBytes } from '../compute/sparse-ranges.js';
import { openWorkspace, type Workspace } from '../compute/workspace.js';
import type { Pairs, TaskContext } from '../contracts.js';
import { longestRow } from '../numeric/csr.js';
import { foldInAll, foldInAllBytes, historyRows, type FoldInModel } from '../users/fold-in.js';
import type { VectorFile } from '../vectors/vector-file.js';

export interface EveryonesVectors {
  readonly workspace: Workspace;
  readonly users: Factors;
  readonly unconverged: number;
  close(): Promise<void>;
}

/** Everyone's vector from their histories, with the model as it is. */
export async function foldInEveryone(
  model: FoldInModel,
  itemVectors: VectorFile,
  histories: Pairs,
  threads: number,
  context: TaskContext,
): Promise<EveryonesVectors> {
  const dim = paddedDim(model.dim);
  const rows = historyRows(model, histories, openWorkspace(0).kernels);
  const { numUsers } = histories;
  const pool = openPool({
    threads,
    workspaceBytes:
      factorBytes(model.numItems, dim) + factorBytes(numUsers, dim) + foldInAllBytes(numUsers, model.dim),
    scratchBytes: solverScratchBytes(longestRow(rows), dim),
    signal: context.signal,
  });
  try {
    context.onProgress({ kind: 'step', phase: 'user vectors', done: 0, total: numUsers, unit: 'users' });
    const items = allocateFactors(pool.workspace, model.numItems, dim);
    itemVectors.readAllInto(pool.workspace, items.address);
    const users = allocateFactors(pool.workspace, numUsers, dim);
    const unconverged = await foldInAll(pool, model, items, rows, users);
    context.onProgress({
      kind: 'step',
      phase: 'user vectors',
      done: numUsers,
      total: numUsers,
      unit: 'users',
    });
    return { workspace: pool.workspace, users, unconverged, close: () => pool.close() };
  } catch (error) {
    await pool.close();
    throw error;
  }
}
