import { rotatedColumns as block } from './kernel-exports.js';
import type { ComputePool } from './pool.js';
import { layoutOf, type Addresses, type WorkspaceLayout } from './workspace.js';
import { evenRanges } from '../numeric/csr.js';

export interface SymmetricEigen {
  /** [dim] descending. */
  readonly values: Float64Array;
  /** [dim × dim] row-major; column f is the eigenvector of values[f]. */
  readonly vectors: Float64Array;
}

/** From this dimension on threads share the work: below, handing it over takes longer. */
const sharedFrom = 96;
/** Rows and columns (in blocks) that a thread takes at once. */
const rowsAtOnce = 16;
const blocksAtOnce = 2;
/** Sweeps written down, a dimension (kernels/eigen.ts): twice as many as matrices need on average. */
const sweepsPerDim = 4;

/** What is allocated beside the matrix. */
export type EigenArrays = Addresses<'rows' | 'rotations' | 'd' | 'e' | 'h' | 'sweeps' | 'scratch'>;

/** @param dim padded */
export function eigenLayout(dim: number): WorkspaceLayout<EigenArrays> {
  return layoutOf({
    rows: dim * dim * 8,
    rotations: dim * dim * 16,
    d: dim * 8,
    e: dim * 8,
    h: dim * 8,
    sweeps: sweepsPerDim * dim * 8,
    scratch: eigenScratchBytes(dim),
  });
}

/** Bytes of scratch a thread. @param dim padded */
export function eigenScratchBytes(dim: number): number {
  return dim * block * 8;
}

/**
 * A function that takes symmetric matrices apart: f64 [dim × dim] at `matrix`, overwritten; only its first n rows and columns are
 * read. Padded dimensions stay apart: their eigenvalues are 0 and come last, with the unit matrix's
 * columns, so that a rotation keeps their
 * zeros. f64, only + − × ÷ √: the same bits everywhere, at any number of threads. About 9n³ operations.
 */
export function symmetricEigen(
  pool: ComputePool,
  n: number,
  dim: number,
  { rows, rotations, d, e, h, sweeps, scratch }: EigenArrays,
): (matrix: number) => Promise<SymmetricEigen> {
  const { workspace } = pool;
  const { kernels } = workspace;
  const numBlocks = dim / block;

  return async (matrix) => {
    kernels.tridiagonalise(matrix, n, dim, d, e, h);
    const args = [matrix, n, dim, h, rows] as const;
    if (n < sharedFrom) kernels.multiplyReflections(0, n, ...args);
    else await pool.run({ kernel: 'multiplyReflections', bounds: evenRanges(n, rowsAtOnce), args });
    const numSweeps = kernels.iterateQl(d, e, n, rotations, dim * dim, sweeps, rows, dim, scratch);
    const turn = [rows, n, dim, sweeps, numSweeps, rotations] as const;
    if (n < sharedFrom) kernels.applyRotations(0, numBlocks, ...turn, scratch);
    else {
      const bounds = evenRanges(numBlocks, blocksAtOnce);
      await pool.run({ kernel: 'applyRotations', bounds, args: [...turn, 'scratch'] });
    }
    return sorted(workspace.f64(d, n), workspace.f64(rows, n * dim), n, dim);
  };
}

/** @param rows [n × dim] eigenvectors, one a row */
function sorted(unsorted: Float64Array, rows: Float64Array, n: number, dim: number): SymmetricEigen {
  const at = (f: number): number => unsorted[f] ?? 0;
  const order = Array.from(unsorted, (_, f) => f).sort((a, b) => at(b) - at(a) || a - b);
  const values = new Float64Array(dim);
  const vectors = new Float64Array(dim * dim);
  order.forEach((from, f) => {
    values[f] = at(from);
    for (let row = 0; row < n; row++) vectors[row * dim + f] = rows[from * dim + row] ?? 0;
  });
  for (let f = n; f < dim; f++) vectors[f * dim + f] = 1;
  return { values, vectors };
}
