/** Compressed sparse rows in a workspace: indptr u32 [rows + 1], idx u32 [nnz] ascending within a row, weight f32 [nnz]. */
import type { SparseRows } from '../numeric/csr.js';
import { layoutOf, type Addresses, type Workspace, type WorkspaceLayout } from './workspace.js';

/** As arguments of kernels. */
export type RowAddresses = readonly [indptr: number, idx: number, weight: number];

export function sparseLayout(
  numRows: number,
  nnz: number,
): WorkspaceLayout<Addresses<'indptr' | 'idx' | 'weight'>> {
  return layoutOf({ indptr: 4 * (numRows + 1), idx: 4 * nnz, weight: 4 * nnz });
}

/** Sparse rows where kernels read them. */
export function copyRows(
  workspace: Workspace,
  { numRows, indptr, idx, weight }: SparseRows,
  to: Addresses<'indptr' | 'idx' | 'weight'>,
): RowAddresses {
  workspace.u32(to.indptr, numRows + 1).set(indptr);
  workspace.u32(to.idx, idx.length).set(idx);
  workspace.f32(to.weight, idx.length).set(weight);
  return [to.indptr, to.idx, to.weight];
}
