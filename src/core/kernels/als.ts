// Implicit ALS in the Gramian's eigenbasis: row solves by preconditioned conjugate gradient, loss, sparse products.
//
// A row's normal equations are (α₀·YᵀY + reg·I + Σ w·yyᵀ) x = Σ (w + β)·p·y over its pairs (Rendle et al. 2021, eq. 4;
// Hu et al. 2008, eq. 4). Y stands in the eigenbasis of YᵀY, so the dense part is the diagonal `diag` + reg, which is
// also the preconditioner.
//
// Sparse rows come as three arrays for rows r0 … r1 − 1: indptr u32 [r1 − r0 + 1] (absolute positions; only differences
// count), idx u32 [nnz], w f32 [nnz], both starting at the pairs of r0. A pair's preference is the sign of its weight:
// w > 0 means p = 1, w < 0 means p = 0 with weight −w. Weights are never 0.
import { at4, dot, dot4, mulAdd, rowAt, strideOf, sumLanes } from './simd';

/**
 * y += Σ_k c_k · V[idx_k], with t_k = V[idx_k] · x, and c_k = w_k t_k, or for the residual (w_k + β)·p_k − w_k t_k.
 * Four gathered rows at a time: one pass for their dots, one read-modify-write of y. Returns the objective's sum over
 * these pairs, in f64, where `measure` asks for it: Σ (w + β)(p − t)² − β t². The terms in β turn Hu's c = 1 + w on
 * observed pairs into the dense α₀-part, which is summed over all pairs; for β = 0 they vanish.
 */
// @ts-ignore: decorator
@inline
function addSparse(
  V: usize, idx: usize, w: usize, nnz: u32, x: usize, y: usize, stride: usize, residual: bool, beta: f32, measure: bool,
): f64 {
  const zero = f32x4.splat(0),
    one = f32x4.splat(1),
    b = f32x4.splat(beta);
  let sum = f64x2.splat(0);
  let rest: f64 = 0;
  let k: u32 = 0;
  for (; k + 4 <= nnz; k += 4) {
    const at = (<usize>k) << 2;
    const v0 = rowAt(V, load<u32>(idx + at), stride),
      v1 = rowAt(V, load<u32>(idx + at, 4), stride),
      v2 = rowAt(V, load<u32>(idx + at, 8), stride),
      v3 = rowAt(V, load<u32>(idx + at, 12), stride);
    const t = dot4(x, v0, v1, v2, v3, stride);
    const signed = v128.load(w + at);
    const weight = f32x4.abs(signed);
    let c = f32x4.mul(weight, t);
    if (residual) c = f32x4.sub(v128.and(f32x4.add(weight, b), f32x4.gt(signed, zero)), c);
    if (measure) {
      const miss = f32x4.sub(v128.and(one, f32x4.gt(signed, zero)), t);
      const loss = f32x4.sub(f32x4.mul(f32x4.add(weight, b), f32x4.mul(miss, miss)), f32x4.mul(b, f32x4.mul(t, t)));
      sum = f64x2.add(sum, f64x2.promote_low_f32x4(loss));
      sum = f64x2.add(sum, f64x2.promote_low_f32x4(v128.shuffle<f32>(loss, loss, 2, 3, 2, 3)));
    }
    const c0 = v128.shuffle<f32>(c, c, 0, 0, 0, 0),
      c1 = v128.shuffle<f32>(c, c, 1, 1, 1, 1),
      c2 = v128.shuffle<f32>(c, c, 2, 2, 2, 2),
      c3 = v128.shuffle<f32>(c, c, 3, 3, 3, 3);
    for (let o: usize = 0; o < stride; o += 32) {
      let ya = v128.load(y + o),
        yb = v128.load(y + o, 16);
      ya = mulAdd(c0, v128.load(v0 + o), ya);
      yb = mulAdd(c0, v128.load(v0 + o, 16), yb);
      ya = mulAdd(c1, v128.load(v1 + o), ya);
      yb = mulAdd(c1, v128.load(v1 + o, 16), yb);
      ya = mulAdd(c2, v128.load(v2 + o), ya);
      yb = mulAdd(c2, v128.load(v2 + o, 16), yb);
      ya = mulAdd(c3, v128.load(v3 + o), ya);
      yb = mulAdd(c3, v128.load(v3 + o, 16), yb);
      v128.store(y + o, ya);
      v128.store(y + o, yb, 16);
    }
  }
  for (; k < nnz; k++) {
    const v = rowAt(V, load<u32>(at4(idx, k)), stride);
    const signed = load<f32>(at4(w, k));
    const weight = abs<f32>(signed);
    const t = dot(x, v, stride);
    let c = weight * t;
    if (measure) {
      const miss = <f64>(signed > 0 ? 1 : 0) - <f64>t;
      rest += (<f64>weight + <f64>beta) * miss * miss - <f64>beta * <f64>t * <f64>t;
    }
    if (residual) c = (signed > 0 ? weight + beta : <f32>0) - c;
    const cv = f32x4.splat(c);
    for (let o: usize = 0; o < stride; o += 16) v128.store(y + o, mulAdd(cv, v128.load(v + o), v128.load(y + o)));
  }
  return rest + f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/**
 * One row by conjugate gradient from where it stands: at most `steps` steps, done when the recurrence residual in the
 * preconditioned norm is ≤ `tolerance` of its start (0: all steps). With `measure` it returns the row's share of the
 * objective after the last step, in f64: what it was at the start, less α·⟨r, z⟩ for every step, which is what a step
 * takes from a quadratic. Without, it returns 1 where the tolerance was not reached, else 0.
 */
// @ts-ignore: decorator
@inline
function solveRow(
  V: usize, idx: usize, w: usize, nnz: u32, x: usize, stride: usize, diag: usize, lambda: v128, beta: f32,
  steps: u32, tolerance: f32, scratch: usize, measure: bool,
): f64 {
  const r = scratch,
    p = scratch + stride,
    y = scratch + 2 * stride,
    inverse = scratch + 3 * stride;
  const one = f32x4.splat(1);
  let dense = f64x2.splat(0);
  // r = b − A x
  for (let o: usize = 0; o < stride; o += 16) {
    const xv = v128.load(x + o),
      ax = f32x4.mul(f32x4.add(v128.load(diag + o), lambda), xv);
    v128.store(r + o, f32x4.neg(ax));
    if (measure) {
      const share = f32x4.mul(ax, xv);
      dense = f64x2.add(dense, f64x2.promote_low_f32x4(share));
      dense = f64x2.add(dense, f64x2.promote_low_f32x4(v128.shuffle<f32>(share, share, 2, 3, 2, 3)));
    }
  }
  let objective = addSparse(V, idx, w, nnz, x, r, stride, true, beta, measure);
  if (measure) objective += f64x2.extract_lane(dense, 0) + f64x2.extract_lane(dense, 1);
  let acc = f32x4.splat(0);
  for (let o: usize = 0; o < stride; o += 16) {
    const m = f32x4.div(one, f32x4.add(v128.load(diag + o), lambda));
    v128.store(inverse + o, m);
    const rv = v128.load(r + o),
      z = f32x4.mul(m, rv);
    v128.store(p + o, z);
    acc = mulAdd(rv, z, acc);
  }
  let rz = sumLanes(acc);
  const enough = rz * tolerance * tolerance;
  let step: u32 = 0;
  // Below 1e-30 the residual is rounding noise of a solved row, and dividing by it would make NaN.
  while (step < steps && rz > 1e-30 && (tolerance == 0 || rz > enough)) {
    for (let o: usize = 0; o < stride; o += 16)
      v128.store(y + o, f32x4.mul(f32x4.add(v128.load(diag + o), lambda), v128.load(p + o)));
    addSparse(V, idx, w, nnz, p, y, stride, false, 0, false);
    acc = f32x4.splat(0);
    for (let o: usize = 0; o < stride; o += 16) acc = mulAdd(v128.load(p + o), v128.load(y + o), acc);
    const alpha = rz / sumLanes(acc);
    if (measure) objective -= <f64>alpha * <f64>rz;
    const up = f32x4.splat(alpha),
      down = f32x4.splat(-alpha);
    step++;
    if (step == steps && tolerance == 0) {
      for (let o: usize = 0; o < stride; o += 16) v128.store(x + o, mulAdd(up, v128.load(p + o), v128.load(x + o)));
      break;
    }
    acc = f32x4.splat(0);
    for (let o: usize = 0; o < stride; o += 16) {
      v128.store(x + o, mulAdd(up, v128.load(p + o), v128.load(x + o)));
      const rv = mulAdd(down, v128.load(y + o), v128.load(r + o));
      v128.store(r + o, rv);
      acc = mulAdd(rv, f32x4.mul(v128.load(inverse + o), rv), acc);
    }
    const next = sumLanes(acc),
      conjugate = f32x4.splat(next / rz);
    for (let o: usize = 0; o < stride; o += 16)
      v128.store(p + o, mulAdd(conjugate, v128.load(p + o), f32x4.mul(v128.load(inverse + o), v128.load(r + o))));
    rz = next;
  }
  return measure ? objective : tolerance > 0 && rz > enough && rz > 1e-30 ? 1 : 0;
}

/**
 * Solves rows r0 … r1 − 1 of X from where they stand, as far as `solveRow` says. V: f32 [· × d], the fixed side in its
 * eigenbasis; X: f32 [· × d]; diag: f32 [d] = α₀·eigenvalues; reg: f32 by row of X; scratch: four rows. A row without
 * pairs becomes 0. Returns how many rows did not reach the tolerance. Cost a row: (steps + 1) · nnz · 4d flops.
 */
export function solveRows(
  r0: u32, r1: u32, indptr: usize, idx: usize, w: usize, scratch: usize,
  V: usize, X: usize, d: u32, diag: usize, reg: usize, beta: f32, steps: u32, tolerance: f32,
): f64 {
  return solveRange(r0, r1, indptr, idx, w, scratch, V, X, d, diag, reg, beta, steps, tolerance, false);
}

/**
 * Moves rows r0 … r1 − 1 of X by exactly `steps` steps; arguments as for solveRows. Returns their share of the objective
 * afterwards, in f64: the observed pairs, α₀ times all pairs, and their own regularisation.
 */
export function improveRows(
  r0: u32, r1: u32, indptr: usize, idx: usize, w: usize, scratch: usize,
  V: usize, X: usize, d: u32, diag: usize, reg: usize, beta: f32, steps: u32,
): f64 {
  return solveRange(r0, r1, indptr, idx, w, scratch, V, X, d, diag, reg, beta, steps, 0, true);
}

// @ts-ignore: decorator
@inline
function solveRange(
  r0: u32, r1: u32, indptr: usize, idx: usize, w: usize, scratch: usize,
  V: usize, X: usize, d: u32, diag: usize, reg: usize, beta: f32, steps: u32, tolerance: f32, measure: bool,
): f64 {
  const stride = strideOf(d);
  const first = load<u32>(indptr);
  let sum: f64 = 0;
  for (let row = r0; row < r1; row++) {
    const x = rowAt(X, row, stride);
    const from = load<u32>(at4(indptr, row - r0)),
      nnz = load<u32>(at4(indptr, row - r0), 4) - from;
    if (nnz == 0) {
      memory.fill(x, 0, stride);
      continue;
    }
    const lambda = f32x4.splat(load<f32>(at4(reg, row)));
    const ii = at4(idx, from - first),
      ww = at4(w, from - first);
    sum += solveRow(V, ii, ww, nnz, x, stride, diag, lambda, beta, steps, tolerance, scratch, measure);
  }
  return sum;
}

/**
 * Rows r0 … r1 − 1 of X become Σ p·V[idx] over their pairs: the product of the preference matrix with V, for the
 * randomized SVD start (Halko et al. 2011).
 */
export function spmm(
  r0: u32, r1: u32, indptr: usize, idx: usize, w: usize, _scratch: usize, V: usize, X: usize, d: u32,
): void {
  const stride = strideOf(d);
  const first = load<u32>(indptr);
  for (let row = r0; row < r1; row++) {
    const x = rowAt(X, row, stride);
    memory.fill(x, 0, stride);
    let k = load<u32>(at4(indptr, row - r0)) - first;
    const end = load<u32>(at4(indptr, row - r0), 4) - first;
    for (; k < end; k++) {
      if (load<f32>(at4(w, k)) < 0) continue;
      const v = rowAt(V, load<u32>(at4(idx, k)), stride);
      for (let o: usize = 0; o < stride; o += 32) {
        v128.store(x + o, f32x4.add(v128.load(x + o), v128.load(v + o)));
        v128.store(x + o, f32x4.add(v128.load(x + o, 16), v128.load(v + o, 16)), 16);
      }
    }
  }
}
