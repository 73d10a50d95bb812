import { openPool } from '../compute/pool.js';
import { allocatedBytes } from '../compute/workspace.js';
import type { TaskContext } from '../contracts.js';
import { batchBytes, bestOfMany, normalise } from '../index/exact-batch.js';
import type { RankedRow } from '../numeric/top-k.js';
import { openVectorFile, vectorBytes } from '../vectors/vector-file.js';

/** The exact neighbours, by cosine, of some rows of a file of vectors. */
export interface ItemNeighbours {
  /** By place in the rows asked for: the best k of all rows, the row itself left out. Empty for a zero vector. */
  readonly lists: readonly (readonly RankedRow[])[];
  /** The cosine of two rows; NaN where one of them is zero. */
  similarity(row: number, other: number): number;
}

/** Queries that are answered between two reports of progress. */
const queriesAtOnce = 256;

export interface ItemNeighboursOptions {
  readonly rows: Uint32Array;
  readonly k: number;
  readonly threads: number;
  /** Whose neighbours they are, for the progress. */
  readonly name: string;
}

/** Keeps all vectors in memory: f32 [numRows × padded dim]. Throws 'too-large' past 4 GiB, and the abort's error. */
export async function itemNeighbours(
  path: string,
  { rows, k, threads, name }: ItemNeighboursOptions,
  context: TaskContext,
): Promise<ItemNeighbours> {
  const file = openVectorFile(path);
  try {
    const { numRows, dim, paddedDim } = file;
    // One more than asked for, since a row is its own best neighbour.
    const wanted = Math.min(k + 1, numRows);
    const workspaceBytes =
      allocatedBytes(vectorBytes(numRows, dim)) +
      allocatedBytes(vectorBytes(queriesAtOnce, dim)) +
      batchBytes(queriesAtOnce, { numRows, paddedDim }, wanted, false);
    const pool = openPool({ threads, workspaceBytes, scratchBytes: 64, signal: context.signal });
    try {
      const { workspace } = pool;
      const matrix = { address: workspace.allocate(vectorBytes(numRows, dim)), numRows, paddedDim };
      file.readAllInto(workspace, matrix.address);
      await normalise(pool, matrix);
      const vectorOf = (row: number): Float32Array =>
        workspace.f32(matrix.address + row * vectorBytes(1, dim), paddedDim);
      const queries = workspace.allocate(vectorBytes(queriesAtOnce, dim));
      const lists: RankedRow[][] = [];
      for (let from = 0; from < rows.length; from += queriesAtOnce) {
        const batch = rows.subarray(from, from + queriesAtOnce);
        batch.forEach((row, at) =>
          workspace.f32(queries + at * vectorBytes(1, dim), paddedDim).set(vectorOf(row)),
        );
        const found = await bestOfMany(
          pool,
          { address: queries, numRows: batch.length, paddedDim },
          matrix,
          wanted,
        );
        found.forEach((list, at) => lists.push(list.filter(({ row }) => row !== batch[at]).slice(0, k)));
        const progress = { phase: `comparing neighbours in ${name}`, done: lists.length, total: rows.length };
        context.onProgress({ kind: 'step', ...progress, unit: 'items' });
      }
      return { lists, similarity: (row, other) => dot(vectorOf(row), vectorOf(other)) };
    } finally {
      await pool.close();
    }
  } finally {
    file.close();
  }
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let f = 0; f < a.length; f++) sum += a[f]! * b[f]!;
  return sum;
}
