import type { Factors } from '../compute/factors.js';
import type { ComputePool } from '../compute/pool.js';
import type { SparseRows } from '../numeric/csr.js';
import { seededRandom } from '../numeric/random.js';
import type { GramianEngine } from './gramian.js';

/** σ* of Rendle et al. 2021: the scale of a normal start. */
const initialScale = 0.1;
const powerIterations = 3;
/** Directions whose energy is below this share of the strongest are noise of a smaller rank: set to zero. */
const negligible = 1e-10;

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
 * three power iterations (Halko, Martinsson & Tropp 2011, algorithm 4.4), each basis made orthonormal by whitening with
 * its Gramian. Where R has a smaller rank the remaining columns are zero. Cost: 7 products R·Y or Rᵀ·X.
 */
export async function svdStart(
  pool: ComputePool,
  gramian: GramianEngine,
  users: { factors: Factors; rows: SparseRows; ranges: Uint32Array },
  items: { factors: Factors; rows: SparseRows; ranges: Uint32Array },
  dim: number,
  seed: number,
): Promise<void> {
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
  const scaleToBasis = async (
    V: Factors,
    basisOf: Factors,
    power: (sigma: number) => number,
  ): Promise<void> => {
    const { values, vectors } = await gramian.eigen(basisOf);
    await gramian.rotate(V, scaledColumns(vectors, values, power));
  };
  for (let iteration = 0; iteration < powerIterations; iteration++) {
    await multiply(users, items);
    await scaleToBasis(users.factors, users.factors, (sigma) => 1 / sigma);
    await multiply(items, users);
    await scaleToBasis(items.factors, items.factors, (sigma) => 1 / sigma);
  }
  await multiply(users, items);
  const { values, vectors } = await gramian.eigen(users.factors);
  await gramian.rotate(
    users.factors,
    scaledColumns(vectors, values, (sigma) => 1 / Math.sqrt(sigma)),
  );
  await gramian.rotate(items.factors, scaledColumns(vectors, values, Math.sqrt));
}

/** Eigenvectors with column f times power(σ_f), σ_f = √values[f]; negligible directions become zero columns. */
function scaledColumns(
  vectors: Float64Array,
  values: Float64Array,
  power: (sigma: number) => number,
): Float64Array {
  const n = values.length;
  const floor = (values[0] ?? 0) * negligible;
  const factor = values.map((value) => (value > floor ? power(Math.sqrt(value)) : 0));
  return vectors.map((entry, at) => entry * (factor[at % n] ?? 0));
}
