/** A sparse item × item matrix in kernel memory: row i what item i gives to others, columns ascending. */
import { layoutOf, type Addresses, type Workspace, type WorkspaceLayout } from '../../compute/workspace.js';
import { bytesOf, npyHeader } from '../../files/npy.js';
import type { ModelFile } from '../../contracts.js';
import type { ItemItemNumbers } from '../../search/item-item-matrix.js';
import type { RankedMatrix } from '../ease/rank-by-history.js';

export interface SparseMatrix {
  readonly numItems: number;
  /** Number of entries. */
  readonly nnz: number;
  /** u32 [numItems + 1], u32 [nnz] and f32 [nnz]. */
  readonly indptr: number;
  readonly idx: number;
  readonly weight: number;
}

/** Sparse rows in kernel memory. */
export function sparseLayout(
  numRows: number,
  nnz: number,
): WorkspaceLayout<Addresses<'indptr' | 'idx' | 'weight'>> {
  return layoutOf({ indptr: 4 * (numRows + 1), idx: 4 * nnz, weight: 4 * nnz });
}

/** Bytes of scratch in which all scores of a history stand. */
export function sparseScoreBytes(numItems: number): number {
  return 16 * Math.ceil(numItems / 4);
}

/** Its rows added up. */
export function rankedSparse({ numItems, indptr, idx, weight }: SparseMatrix): RankedMatrix {
  const rows = [indptr, idx, weight, numItems] as const;
  return {
    numItems,
    scoreBytes: sparseScoreBytes(numItems),
    rank: (pool, bounds, histories, count, heaps) =>
      pool.run({ kernel: 'rankSparse', bounds, args: [...histories, ...rows, count, heaps, 'scratch'] }),
    score: (pool, bounds, histories, out) =>
      pool.run({ kernel: 'scoreSparse', bounds, args: [...histories, ...rows, out] }),
  };
}

/** The files of the matrix, piece by piece; each piece is a copy. */
export function* sparseMatrixFiles(
  workspace: Workspace,
  { numItems, nnz, indptr, idx, weight }: SparseMatrix,
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
): SparseMatrix {
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
  return { ...at, numItems, nnz };
}
