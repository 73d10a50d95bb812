import type { SymmetricEigen } from '../../compute/symmetric-eigen.js';
import type { Kernels } from '../../compute/kernel-exports.js';
import { seededRandom } from '../../numeric/random.js';

/** σ* of Rendle et al. 2021: the scale of a normal start. */
const initialScale = 0.1;
const powerIterations = 3;
/** Directions whose energy σ² is below this share of the strongest are noise of a smaller rank: set to zero. */
const negligible = 1e-10;
/** The same while iterating, where energies are σ⁴: only what would be a division by rounding noise is set to zero. */
const roundingNoise = 1e-13;

/** A side's vectors, whole rows of them a piece, in order. */
export type VectorPieces = Iterable<Float32Array>;

/** Both sides' entries from N(0, σ* / √dim), users first; `dim` of `stride` columns, the rest as they are. */
export function normalStart(
  { ln, cosineOfTurn }: Kernels,
  sides: readonly VectorPieces[],
  stride: number,
  dim: number,
  seed: number,
): void {
  const random = seededRandom(seed);
  const scale = initialScale / Math.sqrt(dim);
  // Box–Muller; 1 − fraction is in (0, 1], where ln is finite.
  const normal = (): number =>
    Math.sqrt(-2 * ln(1 - random.nextFraction())) * cosineOfTurn(random.nextFraction());
  for (const side of sides) fillRows(side, stride, dim, () => scale * normal());
}

function fillRows(pieces: VectorPieces, stride: number, dim: number, next: () => number): void {
  for (const values of pieces)
    for (let row = 0; row < values.length; row += stride)
      for (let f = 0; f < dim; f++) values[row + f] = next();
}

/** What the SVD is made by. `Side`: what names one. */
export interface SvdEngine<Side> {
  /** To ← R·from, or Rᵀ·from: R the matrix of preferences. */
  multiply(to: Side, from: Side): Promise<void>;
  /** Of the side's Gramian. */
  eigen(side: Side): Promise<SymmetricEigen>;
  /** Side ← side·Q; Q: [stride × stride] row-major. */
  rotate(side: Side, Q: Float64Array): Promise<void>;
  pieces(side: Side): VectorPieces;
}

/**
 * X·Yᵀ ≈ the preference matrix R's best rank-dim approximation UΣVᵀ, as X = U√Σ and Y = V√Σ: a randomized SVD with
 * three power iterations (Halko, Martinsson & Tropp 2011, algorithm 4.3). The items' basis is made orthonormal after
 * each, by whitening with its Gramian. Where R has a smaller rank the remaining columns are zero. Resolves with the
 * eigenvalues of YᵀY, which is diagonal: Σ, [padded dim]. Cost: 7 products R·Y or Rᵀ·X.
 */
export async function svdStart<Side>(
  engine: SvdEngine<Side>,
  users: Side,
  items: Side,
  stride: number,
  dim: number,
  seed: number,
): Promise<Float64Array> {
  const random = seededRandom(seed);
  fillRows(engine.pieces(items), stride, dim, () => 2 * random.nextFraction() - 1);
  for (let iteration = 0; iteration < powerIterations; iteration++) {
    await engine.multiply(users, items);
    await engine.multiply(items, users);
    const { values, vectors } = await engine.eigen(items);
    const orthonormal = scaledColumns(vectors, singularValues(values, roundingNoise), (sigma) => 1 / sigma);
    await engine.rotate(items, orthonormal);
  }
  await engine.multiply(users, items);
  const { values, vectors } = await engine.eigen(users);
  const sigma = singularValues(values, negligible);
  await engine.rotate(
    users,
    scaledColumns(vectors, sigma, (value) => 1 / Math.sqrt(value)),
  );
  await engine.rotate(items, scaledColumns(vectors, sigma, Math.sqrt));
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
