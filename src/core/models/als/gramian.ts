import { paddedDim, type Factors } from '../../compute/factors.js';
import { storedScratchBytes } from '../../compute/job.js';
import { blockRows } from '../../compute/kernel-exports.js';
import type { ComputePool } from '../../compute/pool.js';
import type { StoredRows } from '../../compute/stored-rows.js';
import { layoutOf, type Addresses, type WorkspaceLayout } from '../../compute/workspace.js';
import { evenRanges } from '../../numeric/csr.js';
import {
  eigenLayout,
  eigenScratchBytes,
  symmetricEigen,
  type EigenArrays,
  type SymmetricEigen,
} from '../../compute/symmetric-eigen.js';

/** The Gramian is summed over at most this many fixed groups of rows, each on one thread. */
const maxGroups = 64;
const minGroupRows = 2048;
/** Rows a range in row-wise jobs: enough to hide the hand-over, small enough to balance. */
const rotateRows = 4096;

function groupBounds(numRows: number): Uint32Array {
  return evenRanges(numRows, Math.max(minGroupRows, Math.ceil(numRows / maxGroups)));
}

/** What Gramians and rotations take. */
export type GramianArrays = Addresses<'groups' | 'rotation'> & { readonly eigenArrays: EigenArrays };

/** Of sides of up to `maxRows` rows. @param dim padded */
export function gramianLayout(maxRows: number, dim: number): WorkspaceLayout<GramianArrays> {
  const numGroups = groupBounds(maxRows).length - 1;
  return layoutOf({
    groups: numGroups * dim * dim * 8,
    rotation: dim * dim * 4,
    eigenArrays: eigenLayout(dim),
  });
}

/** Bytes of scratch a worker for Gramians (a tile of d × d), rotations (four rows) and eigenvectors. */
export function gramianScratchBytes(dim: number): number {
  return Math.max(Math.max(dim, 4) * dim * 4, eigenScratchBytes(dim));
}

/** Gramians of tall matrices, and rotations into their eigenbases. */
export interface GramianEngine<Rows = Factors> {
  /** Of VᵀV, summed in f64, eigenvalues ≥ 0; the bits depend on V alone. */
  eigen(V: Rows): Promise<SymmetricEigen>;
  /** V ← V·Q; Q: [dim × dim] row-major. */
  rotate(V: Rows, Q: Float64Array): Promise<void>;
}

/** @param factors the dimension without padding @param arrays of `gramianLayout` */
export function gramianEngine(
  pool: ComputePool,
  factors: number,
  { groups, rotation, eigenArrays }: GramianArrays,
): GramianEngine {
  const { workspace } = pool;
  const dim = paddedDim(factors);
  const groupBytes = dim * dim * 8;
  const eigen = symmetricEigen(pool, factors, dim, eigenArrays);

  return {
    async eigen(V) {
      const bounds = groupBounds(V.numRows);
      await pool.run({
        kernel: 'gram',
        bounds,
        args: [V.address, dim, { base: groups, perRange: groupBytes }, 'scratch'],
      });
      workspace.kernels.addParts(groups, bounds.length - 1, dim * dim);
      return nonNegative(await eigen(groups));
    },
    async rotate(V, Q) {
      workspace.f32(rotation, dim * dim).set(Q);
      await pool.run({
        kernel: 'rotate',
        bounds: evenRanges(V.numRows, rotateRows),
        args: [V.address, dim, rotation, 'scratch'],
      });
    },
  };
}

/** A Gramian has no negative eigenvalues; rounding can make the smallest look so. */
function nonNegative({ values, vectors }: SymmetricEigen): SymmetricEigen {
  return { values: values.map((value) => Math.max(0, value)), vectors };
}

/** Rows of a block that are summed on one thread; a block has a whole number of them. */
const partRows = 8192;
/** Blocks whose Gramians are in memory at once. */
const blocksAtOnce = 8;
const partsOfBlock = blockRows / partRows;

/** What Gramians and rotations of stored rows take. `sums`: f64 [d × d] for all, then for each part. */
export type StoredGramianArrays = Addresses<'sums' | 'rotation'> & { readonly eigenArrays: EigenArrays };

/** @param dim padded */
export function storedGramianLayout(dim: number): WorkspaceLayout<StoredGramianArrays> {
  return layoutOf({
    sums: (1 + blocksAtOnce * partsOfBlock) * dim * dim * 8,
    rotation: dim * dim * 4,
    eigenArrays: eigenLayout(dim),
  });
}

/** Bytes of scratch a worker for them. */
export function storedGramianScratchBytes(dim: number): number {
  return gramianScratchBytes(dim) + storedScratchBytes(partRows, dim * 4);
}

/**
 * The same of stored rows: their Gramian is the sum of those of their blocks, and a block's that of its parts, in f64 and
 * in order. @param arrays of `storedGramianLayout`
 */
export function storedGramianEngine(
  pool: ComputePool,
  factors: number,
  { sums, rotation, eigenArrays }: StoredGramianArrays,
): GramianEngine<StoredRows> {
  const { workspace } = pool;
  const dim = paddedDim(factors);
  const length = dim * dim;
  const kernelScratchBytes = gramianScratchBytes(dim);
  const eigen = symmetricEigen(pool, factors, dim, eigenArrays);
  const place = (slot: number): number => sums + slot * length * 8;

  return {
    async eigen(V) {
      const total = workspace.f64(sums, length).fill(0);
      for (let from = 0; from < V.numRows; from += blocksAtOnce * blockRows) {
        const rows = Math.min(V.numRows - from, blocksAtOnce * blockRows);
        const bounds = evenRanges(rows, partRows).map((row) => from + row);
        await pool.run({
          kernel: 'gram',
          bounds,
          kernelScratchBytes,
          args: [
            ...([{ rows: V, at: 'scratch', access: 'read' }, dim] as const),
            ...([{ base: place(1), perRange: length * 8 }, 'scratch'] as const),
          ],
        });
        for (let part = 0; part < bounds.length - 1; part += partsOfBlock) {
          const parts = Math.min(partsOfBlock, bounds.length - 1 - part);
          workspace.kernels.addParts(place(1 + part), parts, length);
          const block = workspace.f64(place(1 + part), length);
          for (let at = 0; at < length; at++) total[at] = (total[at] ?? 0) + (block[at] ?? 0);
        }
      }
      return nonNegative(await eigen(sums));
    },
    async rotate(V, Q) {
      workspace.f32(rotation, length).set(Q);
      await pool.run({
        kernel: 'rotate',
        bounds: evenRanges(V.numRows, rotateRows),
        kernelScratchBytes,
        args: [{ rows: V, at: 'scratch', access: 'change' }, dim, rotation, 'scratch'],
      });
    },
  };
}
