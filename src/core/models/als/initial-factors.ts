import type { Kernels } from '../../compute/kernel-exports.js';
import { fillRows, randomizedSvd, type SvdEngine, type VectorPieces } from '../../compute/randomized-svd.js';
import { seededRandom } from '../../numeric/random.js';

/** σ* of Rendle et al. 2021: the scale of a normal start. */
const initialScale = 0.1;

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

/**
 * X·Yᵀ ≈ the preference matrix R's best rank-dim approximation UΣVᵀ, as X = U√Σ and Y = V√Σ (randomized-svd.ts). Resolves
 * with the eigenvalues of YᵀY, which is diagonal: Σ, [padded dim].
 */
export async function svdStart<Side>(
  engine: SvdEngine<Side>,
  users: Side,
  items: Side,
  stride: number,
  dim: number,
  seed: number,
): Promise<Float64Array> {
  return randomizedSvd(
    engine,
    { users, items, usersBy: (sigma) => 1 / Math.sqrt(sigma), itemsBy: Math.sqrt },
    { stride, dim, seed },
  );
}
