import type { Factors } from '../../compute/factors.js';
import type { ComputePool } from '../../compute/pool.js';
import type { SparseRows } from '../../numeric/csr.js';
import { seededRandom } from '../../numeric/random.js';
import type { GramianEngine } from './gramian.js';

/** σ* of Rendle et al. 2021: the scale of a normal start. */
const initialScale = 0.1;
const powerIterations = 3;
/** Directions whose energy σ² is below this share of the strongest are noise of a smaller rank: set to zero. */
const negligible = 1e-10;
/** The same while iterating, where energies are σ⁴: only what would be a division by rounding noise is set to zero. */
const roundingNoise = 1e-13;

/** Both sides' entries from N(0, σ* / √dim), users first; `dim` of `paddedDim` columns, the rest zero. */
export function normalStart(pool: ComputePool, sides: readonly Factors[], dim: number, seed: number): void {
  const { kernels } = pool.workspace;
  const random = seededRandom(seed);
  const scale = initialScale / Math.sqrt(dim);
  // Box–Muller; 1 − fraction is in (0, 1], where ln is finite.
  const normal = (): number =>
    Math.sqrt(-2 * kernels.ln(1 - random.nextFraction())) * kernels.cosineOfTurn(random.nextFraction());
  for (const side of sides) fillRows(pool, side, dim, () => scale * normal());
}

function fillRows(pool: ComputePool, side: Factors, dim: number, next: () => number): void {
  const values = pool.workspace.f32(side.address, side.numRows * side.dim);
  for (let row = 0; row < side.numRows; row++)
    for (let f = 0; f < dim; f++) values[row * side.dim + f] = next();
}

/**
 * X·Yᵀ ≈ the preference matrix R's best rank-dim approximation UΣVᵀ, as X = U√Σ and Y = V√Σ: a randomized SVD with
 * three power iterations (Halko, Martinsson & Tropp 2011, algorithm 4.3). The items' basis is made orthonormal after
 * each, by whitening with its Gramian. Where R has a smaller rank the remaining columns are zero. Resolves with the
 * eigenvalues of YᵀY, which is diagonal: Σ, [padded dim]. Cost: 7 products R·Y or Rᵀ·X.
 */
export async function svdStart(
  pool: ComputePool,
  gramian: GramianEngine,
  users: { factors: Factors; rows: SparseRows; ranges: Uint32Array },
  items: { factors: Factors; rows: SparseRows; ranges: Uint32Array },
  dim: number,
  seed: number,
): Promise<Float64Array> {
  const random = seededRandom(seed);
  fillRows(pool, items.factors, dim, () => 2 * random.nextFraction() - 1);
  const multiply = async (to: typeof users, from: typeof users): Promise<void> => {
    await pool.run({
      kernel: 'spmm',
      bounds: to.ranges,
      sparse: to.rows,
      args: [from.factors.address, to.factors.address, to.factors.dim],
    });
  };
  for (let iteration = 0; iteration < powerIterations; iteration++) {
    await multiply(users, items);
    await multiply(items, users);
    const { values, vectors } = await gramian.eigen(items.factors);
    const orthonormal = scaledColumns(vectors, singularValues(values, roundingNoise), (sigma) => 1 / sigma);
    await gramian.rotate(items.factors, orthonormal);
  }
  await multiply(users, items);
  const { values, vectors } = await gramian.eigen(users.factors);
  const sigma = singularValues(values, negligible);
  await gramian.rotate(
    users.factors,
    scaledColumns(vectors, sigma, (value) => 1 / Math.sqrt(value)),
  );
  await gramian.rotate(items.factors, scaledColumns(vectors, sigma, Math.sqrt));
  return sigma;
}

/** σ_f = √values[f]; 0 where values[f] is at most `floor` of the first. */
function singularValues(values: Float64Array, floor: number): Float64Array {
  const least = (values[0] ?? 0) * floor;
  return values.map((value) => (value > least ? Math.sqrt(value) : 0));
}

/** Eigenvectors with column f times power(σ_f), or 0 where σ_f is. */
function scaledColumns(
  vectors: Float64Array,
  sigma: Float64Array,
  power: (sigma: number) => number,
): Float64Array {
  const factor = sigma.map((value) => (value > 0 ? power(value) : 0));
  return vectors.map((entry, at) => entry * (factor[at % sigma.length] ?? 0));
}
