import type { Address } from './wasm-numbers.js';
import { type WorkspaceLayout, allocatedBytes, type Workspace } from './workspace.js';

/** A side's vectors in kernel memory: f32 [numRows × dim], dim padded to a multiple of 8, three rows of slack after. */
export interface Factors {
  readonly address: number | Address;
  readonly numRows: number;
  readonly dim: number;
}

/**
 * The longest vector that is taken from elsewhere: the product of two is at most 1e30, and so is every partial sum of it, by
 * Cauchy and Schwarz; the Gramian of 1e8 such rows stays below the 3.4e38 that f32 holds. Longer ones would rank by infinities.
 */
export const maxLength = 1e15;

/** Rows that a rotation may read past the last one. */
const slackRows = 3;

/** The dimension as kernels want it: padded with zeros to a multiple of 8. */
export function paddedDim(dim: number): number {
  return Math.ceil(dim / 8) * 8;
}

/** @param dim padded */
export function factorsLayout(numRows: number, dim: number): WorkspaceLayout<Factors> {
  const bytes = (numRows + slackRows) * dim * 4;
  return {
    bytes: allocatedBytes(bytes),
    allocate: (workspace) => ({ address: workspace.allocate(bytes), numRows, dim }),
  };
}

/** Bytes that `allocateFactors` takes. @param dim padded */
export function factorBytes(numRows: number, dim: number): number {
  return factorsLayout(numRows, dim).bytes;
}

/** @param dim padded */
export function allocateFactors(workspace: Workspace, numRows: number, dim: number): Factors {
  return factorsLayout(numRows, dim).allocate(workspace);
}
