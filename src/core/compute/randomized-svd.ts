import { seededRandom } from '../numeric/random.js';
import type { SymmetricEigen } from './symmetric-eigen.js';

const powerIterations = 3;
/** Products R·Y and Rᵀ·X that an SVD takes. */
export const svdProducts = 2 * powerIterations + 1;
/** Directions whose energy σ² is below this share of the strongest are noise of a smaller rank: set to zero. */
const negligible = 1e-10;
/** The same while iterating, where energies are σ⁴: only what would be a division by rounding noise is set to zero. */
const roundingNoise = 1e-13;

/** A side's vectors, whole rows of them a piece, in order. */
export type VectorPieces = Iterable<Float32Array>;

/** Sets `dim` of every row's `stride` columns, one after the other; the rest stay as they are. */
export function fillRows(pieces: VectorPieces, stride: number, dim: number, next: () => number): void {
  for (const values of pieces)
    for (let row = 0; row < values.length; row += stride)
      for (let f = 0; f < dim; f++) values[row + f] = next();
}

/** What the SVD is made by. `Side`: what names one. */
export interface SvdEngine<Side> {
  /** To ← R·from, or Rᵀ·from: R the matrix. */
  multiply(to: Side, from: Side): Promise<void>;
  /** Of the side's Gramian. */
  eigen(side: Side): Promise<SymmetricEigen>;
  /** Side ← side·Q; Q: [stride × stride] row-major. */
  rotate(side: Side, Q: Float64Array): Promise<void>;
  pieces(side: Side): VectorPieces;
}

/** Where the result is to stand, and what of it. */
export interface SvdSides<Side> {
  readonly users: Side;
  readonly items: Side;
  /** What columns of UΣ are multiplied by; undefined: users are of no use afterwards. */
  readonly usersBy?: (sigma: number) => number;
  /** What columns of V are multiplied by. */
  readonly itemsBy: (sigma: number) => number;
}

/**
 * R's best rank-dim approximation UΣVᵀ: a randomized SVD with three power iterations (Halko, Martinsson & Tropp 2011,
 * algorithm 4.3). The items' basis is made orthonormal after each, by whitening with its Gramian. Where R has a smaller
 * rank the remaining columns are zero. Resolves with Σ, [stride], descending. Cost: 7 products R·Y or Rᵀ·X.
 * @param stride padded @param afterProduct called with how many of them are done
 */
export async function randomizedSvd<Side>(
  engine: SvdEngine<Side>,
  { users, items, usersBy, itemsBy }: SvdSides<Side>,
  { stride, dim, seed }: { readonly stride: number; readonly dim: number; readonly seed: number },
  afterProduct?: (done: number) => void,
): Promise<Float64Array> {
  let done = 0;
  const multiply = async (to: Side, from: Side): Promise<void> => {
    await engine.multiply(to, from);
    afterProduct?.(++done);
  };
  const random = seededRandom(seed);
  fillRows(engine.pieces(items), stride, dim, () => 2 * random.nextFraction() - 1);
  for (let iteration = 0; iteration < powerIterations; iteration++) {
    await multiply(users, items);
    await multiply(items, users);
    const { values, vectors } = await engine.eigen(items);
    const orthonormal = scaledColumns(vectors, singularValues(values, roundingNoise), (sigma) => 1 / sigma);
    await engine.rotate(items, orthonormal);
  }
  await multiply(users, items);
  const { values, vectors } = await engine.eigen(users);
  const sigma = singularValues(values, negligible);
  if (usersBy !== undefined) await engine.rotate(users, scaledColumns(vectors, sigma, usersBy));
  await engine.rotate(items, scaledColumns(vectors, sigma, itemsBy));
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
