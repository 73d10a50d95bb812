import { closing } from '../closers.js';
import { openPool } from '../compute/pool.js';
import { allocatedBytes } from '../compute/workspace.js';
import type { TaskContext } from '../contracts.js';
import { abortError } from '../errors.js';
import { batchBytes, bestOfMany, normalise } from '../search/exact-batch.js';
import { rowReader, type ItemItemMatrix } from '../search/item-item-matrix.js';
import { searchByRows } from '../search/item-item-search.js';
import type { RankedRow } from '../numeric/top-k.js';
import { openItemItem } from '../snapshot/item-item.js';
import { snapshotFile } from '../snapshot/layout.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { scorerOf } from '../snapshot/scorer.js';
import { openVectorFile, vectorBytes } from '../compute/vector-file.js';

/** The exact neighbours of some items of a snapshot: by cosine, or by the rows of an item × item matrix. */
export interface ItemNeighbours {
  /** By place in the rows asked for: the best k of all rows, the row itself left out. Empty for a zero vector. */
  readonly lists: readonly (readonly RankedRow[])[];
  /** How near two rows are; NaN where one of them is zero. */
  similarity(row: number, other: number): number;
  close(): void;
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

/** The neighbours that a snapshot's model knows; none at all where it scores every item by itself. */
export async function itemNeighbours(
  snapshot: OpenSnapshot,
  options: ItemNeighboursOptions,
  context: TaskContext,
): Promise<ItemNeighbours> {
  switch (scorerOf(snapshot)) {
    case 'item-item':
    case 'sparse-item-item':
      return matrixNeighbours(openItemItem(snapshot), options, context);
    case 'constant':
      return {
        lists: Array.from(options.rows, () => []),
        similarity: () => Number.NaN,
        close: () => undefined,
      };
    case 'inner-product':
    case 'blend':
      return vectorNeighbours(snapshot.file(snapshotFile.itemVectors), options, context);
  }
}

/** One row of the matrix after another is read; the one that similarities were asked of last is kept. */
function matrixNeighbours(
  matrix: ItemItemMatrix,
  { rows, k, name }: ItemNeighboursOptions,
  { signal, onProgress }: TaskContext,
): ItemNeighbours {
  const search = searchByRows(matrix, k);
  const close = (): void => {
    search.close();
  };
  try {
    const read = rowReader(matrix);
    const kept: { row: number; values: Float32Array } = { row: -1, values: new Float32Array(0) };
    const lists = Array.from(rows, (row, at) => {
      if (signal.aborted) throw abortError(signal);
      if (at % queriesAtOnce === 0)
        onProgress({ kind: 'step', phase: phaseOf(name), done: at, total: rows.length, unit: 'items' });
      return search.best(search.vectorOf(row), k, [row]);
    });
    return {
      lists,
      similarity(row, other) {
        if (row !== kept.row) {
          kept.values = read(row);
          kept.row = row;
        }
        return kept.values[other]!;
      },
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

function phaseOf(name: string): string {
  return `comparing neighbours in ${name}`;
}

/** Keeps all vectors in memory: f32 [numRows × padded dim]. Throws 'too-large' past 4 GiB, and the abort's error. */
async function vectorNeighbours(
  path: string,
  { rows, k, threads, name }: ItemNeighboursOptions,
  context: TaskContext,
): Promise<ItemNeighbours> {
  return closing(openVectorFile(path), async (file) => {
    const { numRows, dim, paddedDim } = file;
    // One more than asked for, since a row is its own best neighbour.
    const wanted = Math.min(k + 1, numRows);
    const workspaceBytes =
      allocatedBytes(vectorBytes(numRows, dim)) +
      allocatedBytes(vectorBytes(queriesAtOnce, dim)) +
      batchBytes(queriesAtOnce, { numRows, paddedDim }, wanted, false);
    return closing(
      openPool({ threads, workspaceBytes, scratchBytes: 64, signal: context.signal }),
      async (pool) => {
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
          const progress = { phase: phaseOf(name), done: lists.length, total: rows.length };
          context.onProgress({ kind: 'step', ...progress, unit: 'items' });
        }
        const all = workspace.f32(matrix.address, numRows * paddedDim);
        const similarity = (row: number, other: number): number =>
          dot(all, row * paddedDim, other * paddedDim, dim);
        return { lists, similarity, close: () => undefined };
      },
    );
  });
}

/** Of the vectors of `dim` numbers that start at a and at b. */
function dot(values: Float32Array, a: number, b: number, dim: number): number {
  let sum = 0;
  for (let f = 0; f < dim; f++) sum += values[a + f]! * values[b + f]!;
  return sum;
}
