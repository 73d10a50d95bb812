// Implicit ALS in the Gramian's eigenbasis: row solves by preconditioned conjugate gradient, loss, sparse products.
//
// A row's normal equations are (α₀·YᵀY + reg·I + Σ w·yyᵀ) x = Σ (w + β)·p·y over its pairs (Rendle et al. 2021, eq. 4;
// Hu et al. 2008, eq. 4). Y stands in the eigenbasis of YᵀY, so the dense part is the diagonal `diag` + reg, which is
// also the preconditioner.
//
// Sparse rows come as three arrays for rows r0 … r1 − 1: indptr u32 [r1 − r0 + 1] (absolute positions; only differences
// count), idx u32 [nnz], w f32 [nnz], both starting at the pairs of r0; 12 bytes past w may be read. A pair's preference
// is the sign of its weight: w > 0 means p = 1, w < 0 means p = 0 with weight −w. Weights are never 0.
//
// A row's vectors are gathered once, into a pack that every later pass streams through: groups of four vectors, 32
// bytes of each in turn; the last group is filled up with its last vector again, which gets coefficients of 0. A row
// with more pairs than the pack holds is taken in portions, gathered anew in every pass.
import {
  NOISE, denseCurvature, denseProduct, drawToMean, firstDirection, innerProduct, lastStep, preconditioner, startResidual, takeStep,
} from './conjugate-gradient';
import { at4, mulAdd, rowAt, strideOf, sumLanes, sumLanes4 } from './simd';

/** Bytes of the pack: they stay in the L2 cache beside everything else. */
export const PACK_BYTES: usize = 1 << 21;
/** Vectors in scratch before the products and the pack; the fifth is that of partial-sums.ts. */
export const VECTORS: usize = 5;

/** Vectors that the pack holds; a multiple of 4. */
export function packRows(d: u32): u32 {
  return (<u32>(PACK_BYTES / strideOf(d))) & ~3;
}

/** a·va + b·vb. */
// @ts-ignore: decorator
@inline
export function both(a: v128, va: v128, b: v128, vb: v128): v128 {
  return f32x4.add(f32x4.mul(a, va), f32x4.mul(b, vb));
}

/** Gathers n ≥ 1 vectors into the pack, and writes their products with x to t, f32 [n, rounded up to 4]. */
export function gatherDots(V: usize, idx: usize, n: u32, x: usize, stride: usize, pack: usize, t: usize): void {
  const last = n - 1;
  for (let k: u32 = 0; k < n; k += 4) {
    const v0 = rowAt(V, load<u32>(at4(idx, k)), stride),
      v1 = rowAt(V, load<u32>(at4(idx, min(k + 1, last))), stride),
      v2 = rowAt(V, load<u32>(at4(idx, min(k + 2, last))), stride),
      v3 = rowAt(V, load<u32>(at4(idx, min(k + 3, last))), stride);
    let s0 = f32x4.splat(0),
      s1 = s0,
      s2 = s0,
      s3 = s0;
    for (let o: usize = 0; o < stride; o += 32) {
      const a = v128.load(x + o),
        b = v128.load(x + o, 16);
      let va = v128.load(v0 + o),
        vb = v128.load(v0 + o, 16);
      v128.store(pack, va);
      v128.store(pack, vb, 16);
      s0 = f32x4.add(s0, both(a, va, b, vb));
      va = v128.load(v1 + o);
      vb = v128.load(v1 + o, 16);
      v128.store(pack, va, 32);
      v128.store(pack, vb, 48);
      s1 = f32x4.add(s1, both(a, va, b, vb));
      va = v128.load(v2 + o);
      vb = v128.load(v2 + o, 16);
      v128.store(pack, va, 64);
      v128.store(pack, vb, 80);
      s2 = f32x4.add(s2, both(a, va, b, vb));
      va = v128.load(v3 + o);
      vb = v128.load(v3 + o, 16);
      v128.store(pack, va, 96);
      v128.store(pack, vb, 112);
      s3 = f32x4.add(s3, both(a, va, b, vb));
      pack += 128;
    }
    v128.store(at4(t, k), sumLanes4(s0, s1, s2, s3));
  }
}

/** The same of vectors that are in the pack. */
export function packDots(n: u32, x: usize, stride: usize, pack: usize, t: usize): void {
  const end = x + stride;
  for (let k: u32 = 0; k < n; k += 4) {
    let s0 = f32x4.splat(0),
      s1 = s0,
      s2 = s0,
      s3 = s0;
    for (let o = x; o < end; o += 32) {
      const a = v128.load(o),
        b = v128.load(o, 16);
      s0 = f32x4.add(s0, both(a, v128.load(pack), b, v128.load(pack, 16)));
      s1 = f32x4.add(s1, both(a, v128.load(pack, 32), b, v128.load(pack, 48)));
      s2 = f32x4.add(s2, both(a, v128.load(pack, 64), b, v128.load(pack, 80)));
      s3 = f32x4.add(s3, both(a, v128.load(pack, 96), b, v128.load(pack, 112)));
      pack += 128;
    }
    v128.store(at4(t, k), sumLanes4(s0, s1, s2, s3));
  }
}

/** y += Σ c_k · v_k over the n vectors in the pack; c: f32 [n, rounded up to 4], 0 past n. */
export function addPack(n: u32, c: usize, y: usize, stride: usize, pack: usize): void {
  const end = y + stride;
  for (let k: u32 = 0; k < n; k += 4) {
    const c0 = v128.load_splat<f32>(at4(c, k)),
      c1 = v128.load_splat<f32>(at4(c, k), 4),
      c2 = v128.load_splat<f32>(at4(c, k), 8),
      c3 = v128.load_splat<f32>(at4(c, k), 12);
    for (let o = y; o < end; o += 32) {
      const a = f32x4.add(
        both(c0, v128.load(pack), c1, v128.load(pack, 32)),
        both(c2, v128.load(pack, 64), c3, v128.load(pack, 96)),
      );
      const b = f32x4.add(
        both(c0, v128.load(pack, 16), c1, v128.load(pack, 48)),
        both(c2, v128.load(pack, 80), c3, v128.load(pack, 112)),
      );
      v128.store(o, f32x4.add(v128.load(o), a));
      v128.store(o, f32x4.add(v128.load(o, 16), b), 16);
      pack += 128;
    }
  }
}

/** Weights k … k + 3 of n, those past the end 0. */
// @ts-ignore: decorator
@inline
export function weights4(w: usize, k: u32, n: u32): v128 {
  return v128.and(v128.load(at4(w, k)), i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(n - k)));
}

/** t_k ← w_k t_k: what the pairs' part of A times a vector is made of. */
function weigh(n: u32, w: usize, t: usize): void {
  for (let k: u32 = 0; k < n; k += 4)
    v128.store(at4(t, k), f32x4.mul(f32x4.abs(weights4(w, k, n)), v128.load(at4(t, k))));
}

/**
 * t_k ← (w_k + β)·p_k − w_k t_k: what the pairs' part of b − A x is made of. Returns their share of the objective,
 * Σ (w + β)(p − t)² − β t², in f64. The terms in β turn Hu's c = 1 + w on observed pairs into the dense α₀-part, which
 * is summed over all pairs; for β = 0 they vanish.
 */
function weighResidual(n: u32, w: usize, t: usize, beta: f32): f64 {
  const zero = f32x4.splat(0),
    one = f32x4.splat(1),
    b = f32x4.splat(beta);
  let sum = f64x2.splat(0);
  for (let k: u32 = 0; k < n; k += 4) {
    const signed = weights4(w, k, n),
      tv = v128.load(at4(t, k));
    const weight = f32x4.abs(signed),
      liked = f32x4.gt(signed, zero);
    v128.store(at4(t, k), f32x4.sub(v128.and(f32x4.add(weight, b), liked), f32x4.mul(weight, tv)));
    const miss = f32x4.sub(v128.and(one, liked), tv);
    // Past the end β t² − β t² = 0.
    const loss = f32x4.sub(f32x4.mul(f32x4.add(weight, b), f32x4.mul(miss, miss)), f32x4.mul(b, f32x4.mul(tv, tv)));
    sum = f64x2.add(sum, f64x2.promote_low_f32x4(loss));
    sum = f64x2.add(sum, f64x2.promote_low_f32x4(v128.shuffle<f32>(loss, loss, 2, 3, 2, 3)));
  }
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** Σ w_k t_k²: what the pairs add to pᵀA p. */
function curvature(n: u32, w: usize, t: usize): f32 {
  let sum = f32x4.splat(0);
  for (let k: u32 = 0; k < n; k += 4) {
    const tv = v128.load(at4(t, k));
    sum = mulAdd(f32x4.abs(weights4(w, k, n)), f32x4.mul(tv, tv), sum);
  }
  return sumLanes(sum);
}

/**
 * One row by conjugate gradient from where it stands: at most `steps` ≥ 1 steps, done when the recurrence residual in
 * the preconditioned norm is ≤ `tolerance` of its start (0: all steps). With `measure` it returns the row's share of
 * the objective after the last step, in f64: what it was at the start, less α·⟨r, z⟩ for every step, which is what a
 * step takes from a quadratic. Without, it returns 1 where the tolerance was not reached, else 0.
 */
// @ts-ignore: decorator
@inline
function solveRow(
  V: usize, idx: usize, w: usize, nnz: u32, x: usize, mean: usize, d: u32, diag: usize, lambda: v128, beta: f32,
  steps: u32, tolerance: f32, scratch: usize, measure: bool,
): f64 {
  const stride = strideOf(d),
    capacity = packRows(d);
  const fits = nnz <= capacity;
  const r = scratch,
    p = scratch + stride,
    y = scratch + 2 * stride,
    inverse = scratch + 3 * stride,
    t = scratch + VECTORS * stride,
    pack = at4(t, capacity);
  // r = b − A x
  let objective = startResidual(x, r, diag, lambda, stride, measure);
  if (mean) objective += drawToMean(x, r, mean, lambda, stride, measure);
  for (let k: u32 = 0; k < nnz; k += capacity) {
    const n = min(capacity, nnz - k);
    gatherDots(V, at4(idx, k), n, x, stride, pack, t);
    objective += weighResidual(n, at4(w, k), t, beta);
    addPack(n, t, r, stride, pack);
  }
  preconditioner(inverse, diag, lambda, stride);
  let rz = firstDirection(r, p, inverse, stride);
  const enough = rz * tolerance * tolerance;
  let step: u32 = 0;
  while (step < steps && rz > NOISE && (tolerance == 0 || rz > enough)) {
    step++;
    if (step == steps && tolerance == 0) {
      // How far along p the minimum is takes pᵀA p; no residual is needed after the last step, so A p is not.
      let pAp = denseCurvature(p, diag, lambda, stride);
      for (let k: u32 = 0; k < nnz; k += capacity) {
        const n = min(capacity, nnz - k);
        if (fits) packDots(n, p, stride, pack, t);
        else gatherDots(V, at4(idx, k), n, p, stride, pack, t);
        pAp += curvature(n, at4(w, k), t);
      }
      const alpha = rz / pAp;
      if (measure) objective -= <f64>alpha * <f64>rz;
      lastStep(x, p, alpha, stride);
      break;
    }
    denseProduct(p, y, diag, lambda, stride);
    for (let k: u32 = 0; k < nnz; k += capacity) {
      const n = min(capacity, nnz - k);
      if (fits) packDots(n, p, stride, pack, t);
      else gatherDots(V, at4(idx, k), n, p, stride, pack, t);
      weigh(n, at4(w, k), t);
      addPack(n, t, y, stride, pack);
    }
    const alpha = rz / innerProduct(p, y, stride);
    if (measure) objective -= <f64>alpha * <f64>rz;
    rz = takeStep(x, r, p, y, inverse, rz, alpha, stride);
  }
  return measure ? objective : tolerance > 0 && rz > enough && rz > NOISE ? 1 : 0;
}

/**
 * Solves rows r0 … r1 − 1 of X from where they stand, as far as `solveRow` says. V: f32 [· × d], the fixed side in its
 * eigenbasis; X: f32 [· × d]; diag: f32 [d] = α₀·eigenvalues; reg: f32 by row of X; scratch: four vectors, products,
 * pack (`sparseKernelBytes` of compute/job.ts). A row without pairs becomes 0. Returns how many rows did not reach the
 * tolerance. Cost a row: (steps + 1) · nnz · 4d flops, half a step less where all steps are taken.
 */
export function solveRows(
  r0: u32, r1: u32, indptr: usize, idx: usize, w: usize, scratch: usize,
  V: usize, X: usize, d: u32, diag: usize, reg: usize, beta: f32, steps: u32, tolerance: f32,
): f64 {
  return solveRange(r0, r1, indptr, idx, w, scratch, V, X, d, diag, reg, beta, steps, tolerance, 0, false);
}

/**
 * Moves rows r0 … r1 − 1 of X by exactly `steps` steps; arguments as for solveRows. Returns their share of the objective
 * afterwards, in f64: the observed pairs, α₀ times all pairs, and their own regularisation.
 */
export function improveRows(
  r0: u32, r1: u32, indptr: usize, idx: usize, w: usize, scratch: usize,
  V: usize, X: usize, d: u32, diag: usize, reg: usize, beta: f32, steps: u32, means: usize,
): f64 {
  return solveRange(r0, r1, indptr, idx, w, scratch, V, X, d, diag, reg, beta, steps, 0, means, true);
}

// @ts-ignore: decorator
@inline
function solveRange(
  r0: u32, r1: u32, indptr: usize, idx: usize, w: usize, scratch: usize,
  V: usize, X: usize, d: u32, diag: usize, reg: usize, beta: f32, steps: u32, tolerance: f32, means: usize,
  measure: bool,
): f64 {
  const stride = strideOf(d);
  const first = load<u32>(indptr);
  let sum: f64 = 0;
  for (let row = r0; row < r1; row++) {
    const x = rowAt(X, row, stride);
    const from = load<u32>(at4(indptr, row - r0)),
      nnz = load<u32>(at4(indptr, row - r0), 4) - from;
    if (nnz == 0 && !means) {
      memory.fill(x, 0, stride);
      continue;
    }
    const mean = means ? rowAt(means, row, stride) : 0;
    const lambda = f32x4.splat(load<f32>(at4(reg, row)));
    const ii = at4(idx, from - first),
      ww = at4(w, from - first);
    sum += solveRow(V, ii, ww, nnz, x, mean, d, diag, lambda, beta, steps, tolerance, scratch, measure);
  }
  return sum;
}

/**
 * Rows r0 … r1 − 1 of X become Σ p·V[idx] over their pairs, or Σ w·V[idx] where `weighted`: the product of the matrix of
 * preferences, or of weights, with V, for a randomized SVD (Halko et al. 2011).
 */
export function spmm(
  r0: u32, r1: u32, indptr: usize, idx: usize, w: usize, _scratch: usize, V: usize, X: usize, d: u32,
  weighted: u32,
): void {
  const stride = strideOf(d);
  const first = load<u32>(indptr);
  for (let row = r0; row < r1; row++) {
    const x = rowAt(X, row, stride);
    memory.fill(x, 0, stride);
    const from = load<u32>(at4(indptr, row - r0)) - first,
      end = load<u32>(at4(indptr, row - r0), 4) - first;
    for (let k = from; k < end; k += 4) {
      const i = at4(idx, k),
        last = end - k - 1;
      const v0 = rowAt(V, load<u32>(i), stride),
        v1 = rowAt(V, load<u32>(at4(i, min(1, last))), stride),
        v2 = rowAt(V, load<u32>(at4(i, min(2, last))), stride),
        v3 = rowAt(V, load<u32>(at4(i, min(3, last))), stride);
      const weights = weights4(w, k, end),
        p = weighted ? weights : v128.and(f32x4.splat(1), f32x4.gt(weights, f32x4.splat(0)));
      const p0 = v128.shuffle<f32>(p, p, 0, 0, 0, 0),
        p1 = v128.shuffle<f32>(p, p, 1, 1, 1, 1),
        p2 = v128.shuffle<f32>(p, p, 2, 2, 2, 2),
        p3 = v128.shuffle<f32>(p, p, 3, 3, 3, 3);
      for (let o: usize = 0; o < stride; o += 16) {
        const sum = f32x4.add(
          both(p0, v128.load(v0 + o), p1, v128.load(v1 + o)),
          both(p2, v128.load(v2 + o), p3, v128.load(v3 + o)),
        );
        v128.store(x + o, f32x4.add(v128.load(x + o), sum));
      }
    }
  }
}
