// The logistic function on four lanes, from + − × ÷ and whole-number shifts alone: the same bits on every machine.
import { mulAdd } from './simd';

/**
 * e^−|z| with a relative error of at most (1 + |z|) · 1e-7: 2^n · 2^f with n whole and |f| ≤ ½, where 2^f is its Taylor series to the sixth
 * power. Below e^−87.7 it is 0; NaN stays NaN.
 */
// @ts-ignore: decorator
@inline
function expOfMinusAbs(z: v128): v128 {
  const t = f32x4.max(f32x4.mul(f32x4.abs(z), f32x4.splat(-1.44269504)), f32x4.splat(-127));
  const n = f32x4.nearest(t);
  const f = f32x4.mul(f32x4.sub(t, n), f32x4.splat(0.693147182));
  let p = mulAdd(f, f32x4.splat(1.0 / 720), f32x4.splat(1.0 / 120));
  p = mulAdd(f, p, f32x4.splat(1.0 / 24));
  p = mulAdd(f, p, f32x4.splat(1.0 / 6));
  p = mulAdd(f, p, f32x4.splat(0.5));
  p = mulAdd(f, p, f32x4.splat(1));
  p = mulAdd(f, p, f32x4.splat(1));
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  return f32x4.mul(p, power);
}

/** σ(z) = 1 / (1 + e^−z); 0 at −∞, 1 at ∞. */
// @ts-ignore: decorator
@inline
export function sigmoid4(z: v128): v128 {
  const one = f32x4.splat(1);
  const e = expOfMinusAbs(z);
  return f32x4.div(v128.bitselect(e, one, f32x4.lt(z, f32x4.splat(0))), f32x4.add(one, e));
}

/**
 * softplus(z) = ln(1 + e^z) = max(z, 0) + ln(1 + e^−|z|), which is −ln σ(−z). ln(1 + e) = 2 artanh(e / (2 + e)), whose
 * argument is at most ⅓: six terms are exact to 1e-7.
 */
// @ts-ignore: decorator
@inline
export function softplus4(z: v128): v128 {
  const e = expOfMinusAbs(z);
  const s = f32x4.div(e, f32x4.add(f32x4.splat(2), e));
  const q = f32x4.mul(s, s);
  let p = mulAdd(q, f32x4.splat(2.0 / 11), f32x4.splat(2.0 / 9));
  p = mulAdd(q, p, f32x4.splat(2.0 / 7));
  p = mulAdd(q, p, f32x4.splat(2.0 / 5));
  p = mulAdd(q, p, f32x4.splat(2.0 / 3));
  p = mulAdd(q, p, f32x4.splat(2));
  return mulAdd(s, p, f32x4.max(z, f32x4.splat(0)));
}

/** What the two give for one number, to hold them against others: σ(z). */
export function sigmoid(z: f32): f32 {
  return f32x4.extract_lane(sigmoid4(f32x4.splat(z)), 0);
}

/** ln(1 + e^z). */
export function softplus(z: f32): f32 {
  return f32x4.extract_lane(softplus4(f32x4.splat(z)), 0);
}
