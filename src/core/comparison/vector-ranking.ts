import { closing } from '../closers.js';
import { openPool } from '../compute/pool.js';
import { paddedDim as paddedDimOf } from '../compute/factors.js';
import { layoutOf } from '../compute/workspace.js';
import type { TaskContext } from '../contracts.js';
import { batchBytes, bestOfMany, matrixLayout } from '../search/exact-batch.js';
import type { RankedRow } from '../numeric/top-k.js';
import { openVectorFile, vectorBytes } from '../compute/vector-file.js';

/** Items ranked by the inner product with given vectors, exactly: what stored vectors of users are for. */
export interface VectorRanking {
  readonly numItems: number;
  readonly dim: number;
  /** The best k items for each query, [dim] or shorter, the rows of `leaveOut` left out. */
  best(
    queries: readonly Float32Array[],
    k: number,
    leaveOut?: (query: number) => Iterable<number>,
  ): Promise<RankedRow[][]>;
  close(): Promise<void>;
}

/** Queries that are answered between two reports of progress. */
const queriesAtOnce = 256;

/** All item vectors of the file are read into memory. AppError 'too-large' past 4 GiB. @param maxK the largest k asked for */
export function openVectorRanking(
  path: string,
  maxK: number,
  threads: number,
  phase: string,
  { signal, onProgress }: TaskContext,
): VectorRanking {
  return closing(openVectorFile(path), (file) => {
    const { numRows, dim, paddedDim } = file;
    const layout = layoutOf({
      matrix: matrixLayout(numRows, dim),
      asked: vectorBytes(queriesAtOnce, dim),
    });
    const pool = openPool({
      threads,
      workspaceBytes: layout.bytes + batchBytes(queriesAtOnce, { numRows, paddedDim }, maxK, true),
      scratchBytes: 64,
      signal,
    });
    const { workspace } = pool;
    const { matrix, asked } = layout.allocate(workspace);
    file.readAllInto(workspace, matrix.address);
    return {
      numItems: numRows,
      dim,
      async best(queries, k, leaveOut) {
        const found: RankedRow[][] = [];
        for (let from = 0; from < queries.length; from += queriesAtOnce) {
          const batch = queries.slice(from, from + queriesAtOnce);
          workspace.f32(asked, queriesAtOnce * paddedDim).fill(0);
          batch.forEach((query, at) =>
            workspace.f32(asked + at * vectorBytes(1, dim), paddedDimOf(dim)).set(query),
          );
          const rows = { address: asked, numRows: batch.length, paddedDim };
          const without = leaveOut === undefined ? undefined : (at: number) => leaveOut(from + at);
          found.push(...(await bestOfMany(pool, rows, matrix, k, without)));
          onProgress({ kind: 'step', phase, done: found.length, total: queries.length, unit: 'users' });
        }
        return found;
      },
      close: () => pool.close(),
    };
  });
}
