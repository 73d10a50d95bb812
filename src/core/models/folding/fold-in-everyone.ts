import { factorsLayout, paddedDim, type Factors } from '../../compute/factors.js';
import { inOwnPool, type ComputePool } from '../../compute/pool.js';
import { layoutOf } from '../../compute/workspace.js';
import type { Pairs, TaskContext } from '../../contracts.js';
import type { SparseRows } from '../../numeric/csr.js';
import { usersOf } from '../../numeric/split-pairs.js';
import type { UserFold } from './user-fold.js';
import { rowsOfChunk, vectorBatches, type VectorFile } from '../../compute/vector-file.js';
import type { UserVectors } from '../model.js';

/** Chunks of the file of vectors that are folded in at once. */
const chunksAtOnce = 64;

/** Users that are folded in at once: some 64 MiB of vectors. Their chunks in a file are those of all users. */
export function usersAtOnce(numUsers: number, dim: number): number {
  return Math.min(numUsers, chunksAtOnce * rowsOfChunk(dim));
}

/** @param place for the vectors of `usersAtOnce` users */
export function foldInPieces(
  pool: ComputePool,
  fold: UserFold,
  items: Factors,
  histories: Pairs,
  place: number,
  context: TaskContext,
): UserVectors {
  const { numUsers } = histories;
  const progress = { kind: 'step', phase: 'user vectors', total: numUsers, unit: 'users' } as const;
  let unconverged = 0;
  return {
    unconverged: () => unconverged,
    batches: (async function* () {
      const size = usersAtOnce(numUsers, fold.dim);
      for (let from = 0; from < numUsers; from += size) {
        context.onProgress({ ...progress, done: from });
        const to = Math.min(numUsers, from + size);
        const piece = { address: place, numRows: to - from, dim: items.dim };
        const some = to - from === numUsers ? histories : usersOf(histories, from, to);
        unconverged += await fold.all(pool, items, some, piece);
        yield* vectorBatches(pool.workspace, place, piece.numRows, fold.dim);
      }
      context.onProgress({ ...progress, done: numUsers });
    })(),
  };
}

export interface FoldedRows {
  /** f32 [users × dim], in memory of its own. */
  readonly values: Float32Array;
  readonly unconverged: number;
}

/** A model in memory, for some users after others. */
export interface OpenFold {
  /** The vectors of these, of at most as many as it was opened for, to be read before others are asked for. */
  all(histories: Pairs, context: TaskContext): UserVectors;
  /** The same at once, of at most `usersAtOnce` users and of what the fold's `rowsOf` made of their histories. */
  allOf(rows: SparseRows): Promise<FoldedRows>;
  close(): Promise<void>;
}

/** AppErrors 'too-large', 'out-of-memory'. */
export function openFold(
  fold: UserFold,
  itemVectors: VectorFile,
  { mostUsers, threads }: { readonly mostUsers: number; readonly threads: number },
  signal: AbortSignal,
): Promise<OpenFold> {
  const dim = paddedDim(fold.dim);
  const numItems = itemVectors.numRows;
  const numAtOnce = usersAtOnce(mostUsers, fold.dim);
  const layout = layoutOf({ items: factorsLayout(numItems, dim), users: factorsLayout(numAtOnce, dim) });
  const memory = {
    workspaceBytes: layout.bytes + fold.allBytes(numAtOnce),
    scratchBytes: fold.scratchBytes(numItems),
  };
  return inOwnPool({ threads, ...memory, signal }, (pool) => {
    const { items, users } = layout.allocate(pool.workspace);
    itemVectors.readAllInto(pool.workspace, items.address);
    return Promise.resolve({
      all: (histories: Pairs, context: TaskContext) =>
        foldInPieces(pool, fold, items, histories, users.address, context),
      async allOf(rows: SparseRows) {
        const { numRows } = rows;
        if (numRows > numAtOnce) throw new RangeError(`${numRows} users at once, of ${numAtOnce}`);
        const unconverged = await fold.allOf(pool, items, rows, { ...users, numRows });
        const values = new Float32Array(numRows * fold.dim);
        let at = 0;
        for (const batch of vectorBatches(pool.workspace, users.address, numRows, fold.dim)) {
          values.set(batch, at);
          at += batch.length;
        }
        return { values, unconverged };
      },
    });
  });
}

/** Everyone's vector from their histories, with the model as it is. */
export async function foldInEveryone(
  fold: UserFold,
  itemVectors: VectorFile,
  histories: Pairs,
  threads: number,
  context: TaskContext,
): Promise<UserVectors & { close(): Promise<void> }> {
  const sizes = { mostUsers: histories.numUsers, threads };
  const { all, close } = await openFold(fold, itemVectors, sizes, context.signal);
  return { ...all(histories, context), close };
}
