/** A sparse item × item matrix in kernel memory: row i what item i gives to others, columns ascending. */
import { sparseLayout } from '../../compute/sparse-arrays.js';
import type { Workspace } from '../../compute/workspace.js';
import { bytesOf, npyHeader } from '../../files/npy.js';
import type { ModelFile } from '../../contracts.js';
import type { ItemItemNumbers } from '../../search/item-item-matrix.js';
import type { RankedMatrix } from './rank-by-history.js';

export interface SparseMatrix extends RankedMatrix {
  /** Number of entries. */
  readonly nnz: number;
}

/** The files of the matrix, piece by piece; each piece is a copy. */
export function* sparseMatrixFiles(
  workspace: Workspace,
  { numItems, nnz, rows: [indptr, idx, weight] }: SparseMatrix,
): Generator<readonly [ModelFile, Iterable<Uint8Array>]> {
  yield ['similarityIndptr', copied('<u4', workspace.u32(indptr, numItems + 1))];
  yield ['similarityIdx', copied('<u4', workspace.u32(idx, nnz))];
  yield ['similarityWeight', copied('<f4', workspace.f32(weight, nnz))];
}

/** Numbers that are copied at a time. */
const atOnce = 2 ** 18;

function* copied(dtype: '<u4' | '<f4', values: Uint32Array | Float32Array): Generator<Uint8Array> {
  yield npyHeader(dtype, [values.length]);
  for (let from = 0; from < values.length; from += atOnce) yield bytesOf(values.slice(from, from + atOnce));
}

/** A stored matrix in kernel memory; what `sparseLayout` says is allocated. */
export function readSparseMatrix(
  workspace: Workspace,
  numItems: number,
  { indptr, readInto }: Extract<ItemItemNumbers, { layout: 'sparse' }>,
): RankedMatrix {
  const nnz = indptr[numItems] ?? 0;
  const at = sparseLayout(numItems, nnz).allocate(workspace);
  workspace.u32(at.indptr, numItems + 1).set(indptr);
  for (let from = 0; from < nnz; from += atOnce) {
    const count = Math.min(atOnce, nnz - from);
    const [idx, weight] = [
      workspace.u32(at.idx + 4 * from, count),
      workspace.f32(at.weight + 4 * from, count),
    ];
    readInto(from, { idx, weight });
  }
  return { numItems, rows: [at.indptr, at.idx, at.weight] };
}
