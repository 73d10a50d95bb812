import type { Address } from './wasm-numbers.js';
import { allocatedBytes, type Workspace } from './workspace.js';

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

/** Bytes that `allocateFactors` takes. */
export function factorBytes(numRows: number, dim: number): number {
  return allocatedBytes((numRows + slackRows) * dim * 4);
}

/** @param dim padded */
export function allocateFactors(workspace: Workspace, numRows: number, dim: number): Factors {
  return { address: workspace.allocate((numRows + slackRows) * dim * 4), numRows, dim };
}
