// A row's steps of preconditioned conjugate gradient, but for what its pairs add: the dense part of A is the diagonal
// diag + λ, which is also the preconditioner. All vectors are one row: f32 [d].
import { mulAdd, sumLanes } from './simd';

/** A residual r·M⁻¹r below it is rounding noise of a solved row, and dividing by it would make NaN. */
export const NOISE: f32 = 1e-30;

/** r ← −(diag + λ) x. With `measure` it returns Σ (diag + λ) x², in f64, else 0. */
// @ts-ignore: decorator
@inline
export function startResidual(x: usize, r: usize, diag: usize, lambda: v128, stride: usize, measure: bool): f64 {
  let dense = f64x2.splat(0);
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
  return f64x2.extract_lane(dense, 0) + f64x2.extract_lane(dense, 1);
}

/** r ← r + λ m, where rows are drawn to m instead of 0. With `measure` it returns λ Σ m (m − 2x), in f64, else 0. */
// @ts-ignore: decorator
@inline
export function drawToMean(x: usize, r: usize, m: usize, lambda: v128, stride: usize, measure: bool): f64 {
  let dense = f64x2.splat(0);
  for (let o: usize = 0; o < stride; o += 16) {
    const mv = v128.load(m + o),
      pull = f32x4.mul(lambda, mv),
      xv = v128.load(x + o);
    v128.store(r + o, f32x4.add(v128.load(r + o), pull));
    if (measure) {
      const share = f32x4.mul(pull, f32x4.sub(mv, f32x4.add(xv, xv)));
      dense = f64x2.add(dense, f64x2.promote_low_f32x4(share));
      dense = f64x2.add(dense, f64x2.promote_low_f32x4(v128.shuffle<f32>(share, share, 2, 3, 2, 3)));
    }
  }
  return f64x2.extract_lane(dense, 0) + f64x2.extract_lane(dense, 1);
}

/** inverse ← 1 / (diag + λ) */
// @ts-ignore: decorator
@inline
export function preconditioner(inverse: usize, diag: usize, lambda: v128, stride: usize): void {
  const one = f32x4.splat(1);
  for (let o: usize = 0; o < stride; o += 16)
    v128.store(inverse + o, f32x4.div(one, f32x4.add(v128.load(diag + o), lambda)));
}

/** p ← M⁻¹ r; returns r·p. */
// @ts-ignore: decorator
@inline
export function firstDirection(r: usize, p: usize, inverse: usize, stride: usize): f32 {
  let acc = f32x4.splat(0);
  for (let o: usize = 0; o < stride; o += 16) {
    const rv = v128.load(r + o),
      z = f32x4.mul(v128.load(inverse + o), rv);
    v128.store(p + o, z);
    acc = mulAdd(rv, z, acc);
  }
  return sumLanes(acc);
}

/** y ← (diag + λ) p */
// @ts-ignore: decorator
@inline
export function denseProduct(p: usize, y: usize, diag: usize, lambda: v128, stride: usize): void {
  for (let o: usize = 0; o < stride; o += 16)
    v128.store(y + o, f32x4.mul(f32x4.add(v128.load(diag + o), lambda), v128.load(p + o)));
}

/** Σ (diag + λ) p² */
// @ts-ignore: decorator
@inline
export function denseCurvature(p: usize, diag: usize, lambda: v128, stride: usize): f32 {
  let acc = f32x4.splat(0);
  for (let o: usize = 0; o < stride; o += 16) {
    const pv = v128.load(p + o);
    acc = mulAdd(f32x4.mul(f32x4.add(v128.load(diag + o), lambda), pv), pv, acc);
  }
  return sumLanes(acc);
}

/** p·y */
// @ts-ignore: decorator
@inline
export function innerProduct(p: usize, y: usize, stride: usize): f32 {
  let acc = f32x4.splat(0);
  for (let o: usize = 0; o < stride; o += 16) acc = mulAdd(v128.load(p + o), v128.load(y + o), acc);
  return sumLanes(acc);
}

/** x ← x + α p: the last step, after which no residual is needed. */
// @ts-ignore: decorator
@inline
export function lastStep(x: usize, p: usize, alpha: f32, stride: usize): void {
  const up = f32x4.splat(alpha);
  for (let o: usize = 0; o < stride; o += 16) v128.store(x + o, mulAdd(up, v128.load(p + o), v128.load(x + o)));
}

/** x ← x + α p, r ← r − α y, p ← M⁻¹ r + (r·M⁻¹ r / rz) p; returns r·M⁻¹ r. y = A p; rz what it was before. */
// @ts-ignore: decorator
@inline
export function takeStep(
  x: usize, r: usize, p: usize, y: usize, inverse: usize, rz: f32, alpha: f32, stride: usize,
): f32 {
  const up = f32x4.splat(alpha),
    down = f32x4.splat(-alpha);
  let acc = f32x4.splat(0);
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
  return next;
}
