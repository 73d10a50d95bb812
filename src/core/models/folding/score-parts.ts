/**
 * What each item of a history adds to a score: the answer to "why is it there".
 *
 * Hu, Koren and Volinsky ("Collaborative Filtering for Implicit Feedback Datasets", 2008, §5) take a score apart where a
 * user solves normal equations and likes alone enter them. With dislikes, which weigh but ask for a 0, it goes on so. A
 * user's vector x solves
 *
 *   A x = b,   A = A₀ + Σ_likes w·yyᵀ + Σ_dislikes w·yyᵀ,   b = Σ_likes (w + β)·y,   A₀ = α₀·YᵀY + reg·I.
 *
 * Let A_L be A without the dislikes. Then A_L x = b − Σ_dislikes w·(y·x)·y, and the score of an item with vector v is
 *
 *   v·x = Σ_likes (w + β)·(v·A_L⁻¹y)  −  Σ_dislikes w·(y·x)·(v·A_L⁻¹y).
 *
 * So every like has the part (w + β)·(v·A_L⁻¹y), which without dislikes is Hu et al.'s to the letter, and every dislike
 * has −w·(y·x)·(v·A_L⁻¹y): what it takes away from what resembles it, as far as x still wants the disliked item itself
 * (y·x is its score; an item that x scores 0 already takes nothing).
 *
 * Only A_L⁻¹v is needed of each item that is explained: one factorisation a history, one solution an item. The parts add
 * up to v·x exactly where x solves its equations exactly. The x that is scored with is f32 and was solved to a residual
 * (fold-in.ts), and its rest r = b − A x is missing from the sum: v·A_L⁻¹r, some 1e-6 of |v|·|x|.
 */
import { openWorkspace } from '../../compute/workspace.js';
import type { Pairs } from '../../contracts.js';
import { AppError } from '../../errors.js';
import { addOuterProducts, factor, solveFactored } from '../../numeric/cholesky.js';
import { rowRegularisation } from '../../numeric/weighting.js';
import { vectorBytes, type VectorFile } from '../../compute/vector-file.js';
import type { FoldInModel } from './fold-in.js';
import { historyRows } from './history-weights.js';

/** How the scores of one history come apart. @typeParam T what names an item to explain */
export interface ScoreParts<T> {
  /** Rows of the history's items that weigh anything, ascending. */
  readonly items: Uint32Array;
  /** [items.length] what each of them adds to the target's score; negative where it takes away. */
  of(target: T): Float64Array;
}

/**
 * @param history pairs with one row @param user their folded vector, [dim]. A target is an item's vector, [≥ dim]. Cost:
 *   n·dim²/2 + dim³/6 multiplications for a history of n items, dim² + n·dim more for each target.
 */
export function equationParts(
  model: FoldInModel,
  history: Pairs,
  user: Float32Array,
  itemVectors: Pick<VectorFile, 'readRowsInto'>,
): ScoreParts<Float32Array> {
  const { dim, equations } = model;
  const space = openWorkspace(vectorBytes(history.item.length, dim) + 64);
  const { idx, weight } = historyRows(model.weights, history, space.kernels);
  const stride = vectorBytes(1, dim) / Float32Array.BYTES_PER_ELEMENT;
  const address = space.allocate(vectorBytes(idx.length, dim));
  itemVectors.readRowsInto(space, address, idx);
  const vectors = space.f32(address, idx.length * stride);

  // The f32 numbers that the solver has (fold-in.ts), so that the parts are those of its equations.
  const numItems = model.numTrained ?? model.numItems;
  const reg = rowRegularisation(equations, numItems, space.kernels.power)(idx.length);
  const a = new Float64Array(dim * dim);
  for (let f = 0; f < dim; f++) {
    const unobserved = Math.fround(equations.unobservedWeight * (model.eigenvalues[f] ?? 0));
    a[f * dim + f] = unobserved + reg;
  }
  const likes = weight.map((w) => Math.max(0, w));
  addOuterProducts(a, dim, vectors, stride, likes);
  if (!factor(a, dim)) throw singular();

  // What v·A_L⁻¹y is multiplied by.
  const factors = Float64Array.from(weight, (w, p) =>
    w > 0 ? w + equations.beta : w * innerProduct(vectors, p * stride, user, dim),
  );
  const solved = new Float64Array(dim);
  return {
    items: idx,
    of(target) {
      solved.set(target.subarray(0, dim));
      solveFactored(a, dim, solved);
      return factors.map((by, p) => by * innerProduct(vectors, p * stride, solved, dim));
    },
  };
}

/** Σ values[from + f] · other[f], f < dim, in f64. */
export function innerProduct(
  values: ArrayLike<number>,
  from: number,
  other: ArrayLike<number>,
  dim: number,
): number {
  let sum = 0;
  for (let f = 0; f < dim; f++) sum += (values[from + f] ?? 0) * (other[f] ?? 0);
  return sum;
}

function singular(): AppError {
  return new AppError(
    'diverged',
    "a user's equations are singular to f64: their scores cannot be explained",
    { suggestions: ['train with a larger `reg`'] },
  );
}
