import { allocatedBytes, type Workspace } from './workspace.js';

/** A side's vectors in kernel memory: f32 [numRows × dim], dim padded to a multiple of 8, three rows of slack after. */
export interface Factors {
  readonly address: number;
  readonly numRows: number;
  readonly dim: number;
}

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
