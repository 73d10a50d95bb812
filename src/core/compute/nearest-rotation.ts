/** The rotation that brings one set of vectors nearest to another (Schönemann 1966). */
import { paddedDim } from './factors.js';
import type { ComputePool } from './pool.js';
import { eigenLayout, eigenScratchBytes, symmetricEigen } from './symmetric-eigen.js';
import { layoutOf, inScope } from './workspace.js';

/**
 * Singular values below this share of the largest count as 0. Vectors are f32: what is smaller is their rounding. And
 * u and v of a singular value σ come out with an error of about 1e-16 · largest / σ, which stays below f32's as well.
 */
const negligible = 1e-8;

/** Bytes of workspace that `nearestRotation` allocates, and of scratch a thread. */
export function rotationBytes(n: number): {
  readonly workspaceBytes: number;
  readonly scratchBytes: number;
} {
  const size = paddedDim(2 * n);
  return {
    workspaceBytes: rotationLayout(size).bytes,
    scratchBytes: eigenScratchBytes(size),
  };
}

function rotationLayout(size: number) {
  return layoutOf({ address: size * size * 8, eigenArrays: eigenLayout(size) });
}

/**
 * The orthogonal Q [n × n, row-major] with the largest tr(QᵀM), so that of all rotations (and reflections) AQ is
 * nearest to B where M = AᵀB: Q = UVᵀ of M's singular value decomposition M = UΣVᵀ.
 *
 * The decomposition is read from the eigenvectors of [0 M; Mᵀ 0], which are (u, ±v)/√2 with the eigenvalues ±σ (Golub
 * & Van Loan, section 8.6): unlike MᵀM it does not square the singular values, so that small ones keep their digits.
 * Equal ones may come in any basis of their space, which UVᵀ does not depend on. Where M has no full rank the best Q is
 * not unique: the rest is completed by orthonormal columns. f64; the same bits at any number of threads. About 72n³.
 * @param product M [n × n], row-major, finite
 */
export async function nearestRotation(
  pool: ComputePool,
  product: Float64Array,
  n: number,
): Promise<Float64Array> {
  const { workspace } = pool;
  const size = paddedDim(2 * n);
  return inScope(workspace, async () => {
    const { address, eigenArrays } = rotationLayout(size).allocate(workspace);
    const matrix = workspace.f64(address, size * size).fill(0);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        const value = product[i * n + j] ?? 0;
        matrix[i * size + n + j] = value;
        matrix[(n + j) * size + i] = value;
      }
    }
    const eigen = symmetricEigen(pool, 2 * n, size, eigenArrays);
    const { values, vectors } = await eigen(address);
    const largest = values[0] ?? 0;
    let rank = 0;
    while (rank < n && (values[rank] ?? 0) > negligible * largest) rank++;
    const columns = (first: number): Float64Array[] =>
      Array.from({ length: rank }, (_, f) =>
        Float64Array.from({ length: n }, (__, i) => Math.SQRT2 * (vectors[(first + i) * size + f] ?? 0)),
      );
    return sumOfProducts(completed(columns(0), n), completed(columns(n), n), n);
  });
}

/** Orthonormal columns of length n, and as many more as make n: unit vectors without their part along those before. */
function completed(columns: readonly Float64Array[], n: number): readonly Float64Array[] {
  const all = [...columns];
  for (let axis = 0; all.length < n; axis++) {
    const column = new Float64Array(n);
    column[axis] = 1;
    // Twice is enough (Giraud et al. 2005): what rounding leaves along the others after the first time goes with the second.
    for (const other of [...all, ...all]) addScaled(column, other, -dot(column, other));
    const norm = Math.sqrt(dot(column, column));
    // Of the n axes together every direction that is missing holds a share, so that some axis is far from all of them.
    if (norm < 1 / (2 * Math.sqrt(n))) continue;
    all.push(column.map((x) => x / norm));
  }
  return all;
}

/** Σ u·vᵀ, row-major. */
function sumOfProducts(us: readonly Float64Array[], vs: readonly Float64Array[], n: number): Float64Array {
  const sum = new Float64Array(n * n);
  us.forEach((u, f) => {
    const v = vs[f] ?? u;
    for (let i = 0; i < n; i++) addScaled(sum.subarray(i * n, i * n + n), v, u[i] ?? 0);
  });
  return sum;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

function addScaled(to: Float64Array, from: Float64Array, by: number): void {
  for (let i = 0; i < to.length; i++) to[i] = (to[i] ?? 0) + by * (from[i] ?? 0);
}
