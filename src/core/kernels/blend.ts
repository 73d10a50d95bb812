// Scores of two members become one: each member's are standardised over all items, z = (s − mean) / std, and weighed.
// Mean and variance are taken in f64 of what differs from the row's first score, in eight interleaved sums: exactly 0 where
// all scores are equal, and then the member says nothing.
import { at4, at8 } from './simd';
import { rankScores } from './scan';

/** What a member's scores are moved by, and multiplied by: its mean, and its share / std, in f64. */
const MEMBER_BYTES: usize = 16;
/** Of a query: both members' mean and factor. */
export const QUERY: usize = 2 * MEMBER_BYTES;

/** Writes the mean of n ≥ 1 scores f32, and share / std of them, or 0 where std is 0, to `out`. Reads the scores once. */
function standardise(scores: usize, n: u32, share: f64, out: usize): void {
  const first = <f64>load<f32>(scores),
    base = f64x2.splat(first);
  let s0 = f64x2.splat(0),
    s1 = s0,
    s2 = s0,
    s3 = s0,
    q0 = s0,
    q1 = s0,
    q2 = s0,
    q3 = s0;
  let r: u32 = 0;
  for (; r + 8 <= n; r += 8) {
    const p = at4(scores, r),
      a = f64x2.sub(f64x2.promote_low_f32x4(v128.load64_zero(p)), base),
      b = f64x2.sub(f64x2.promote_low_f32x4(v128.load64_zero(p, 8)), base),
      c = f64x2.sub(f64x2.promote_low_f32x4(v128.load64_zero(p, 16)), base),
      d = f64x2.sub(f64x2.promote_low_f32x4(v128.load64_zero(p, 24)), base);
    s0 = f64x2.add(s0, a);
    s1 = f64x2.add(s1, b);
    s2 = f64x2.add(s2, c);
    s3 = f64x2.add(s3, d);
    q0 = f64x2.add(q0, f64x2.mul(a, a));
    q1 = f64x2.add(q1, f64x2.mul(b, b));
    q2 = f64x2.add(q2, f64x2.mul(c, c));
    q3 = f64x2.add(q3, f64x2.mul(d, d));
  }
  const s = f64x2.add(f64x2.add(s0, s1), f64x2.add(s2, s3)),
    q = f64x2.add(f64x2.add(q0, q1), f64x2.add(q2, q3));
  let sum = f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1),
    squares = f64x2.extract_lane(q, 0) + f64x2.extract_lane(q, 1);
  for (; r < n; r++) {
    const x = <f64>load<f32>(at4(scores, r)) - first;
    sum += x;
    squares += x * x;
  }
  const std = sqrt(max<f64>(0, (squares - (sum * sum) / <f64>n) / <f64>n));
  store<f64>(out, first + sum / <f64>n);
  store<f64>(out, std > 0 ? share / std : 0, 8);
}

/** The blend of n scores a and b, by their means and factors, into `out`, which may be either of them. */
function combine(a: usize, b: usize, n: u32, query: usize, out: usize): void {
  const meanA = load<f64>(query),
    byA = load<f64>(query, 8),
    meanB = load<f64>(query, 16),
    byB = load<f64>(query, 24);
  const mA = f64x2.splat(meanA),
    fA = f64x2.splat(byA),
    mB = f64x2.splat(meanB),
    fB = f64x2.splat(byB);
  let r: u32 = 0;
  for (; r + 2 <= n; r += 2) {
    const x = f64x2.mul(f64x2.sub(f64x2.promote_low_f32x4(v128.load64_zero(at4(a, r))), mA), fA),
      y = f64x2.mul(f64x2.sub(f64x2.promote_low_f32x4(v128.load64_zero(at4(b, r))), mB), fB);
    v128.store64_lane(at4(out, r), v128.demote_zero<f64>(f64x2.add(x, y)), 0);
  }
  if (r < n) {
    const x = (<f64>load<f32>(at4(a, r)) - meanA) * byA,
      y = (<f64>load<f32>(at4(b, r)) - meanB) * byB;
    store<f32>(at4(out, r), <f32>(x + y));
  }
}

/**
 * For queries q0 … q1 − 1, the blend of both members' scores, f32 [· × n] each: (1 − share) · z(first) + share · z(second),
 * into out: f32 [· × n], which may be `first`. means: f64 [· × 4], each member's mean and what its differences from that are
 * multiplied by, of the first m scores: items that were added after training move no other's score. n ≥ m ≥ 1.
 */
export function blendScores(
  q0: u32,
  q1: u32,
  first: usize,
  second: usize,
  n: u32,
  m: u32,
  share: f64,
  means: usize,
  out: usize,
): void {
  const bytes = (<usize>n) << 2;
  for (let q: usize = q0; q < q1; q++) {
    const a = first + q * bytes,
      b = second + q * bytes,
      query = means + q * QUERY;
    standardise(a, m, 1 - share, query);
    standardise(b, m, share, query + MEMBER_BYTES);
    combine(a, b, n, query, out + q * bytes);
  }
}

/**
 * For queries q0 … q1 − 1, the k ≥ 1 items of the largest blended scores into heaps, k entries each. indptr u32 [· + 1], idx
 * u32: what is left out of each. The scores are those of blendScores, and stay as they are. Scratch: QUERY bytes, f32 [n]
 * and a bitmap of n bits.
 */
export function rankBlends(
  q0: u32,
  q1: u32,
  first: usize,
  second: usize,
  n: u32,
  m: u32,
  share: f64,
  indptr: usize,
  idx: usize,
  k: u32,
  heaps: usize,
  scratch: usize,
): void {
  const bytes = (<usize>n) << 2,
    scores = scratch + QUERY,
    skip = scores + bytes;
  memory.fill(skip, 0, (n + 7) >> 3);
  for (let q = q0; q < q1; q++) {
    const a = first + <usize>q * bytes,
      b = second + <usize>q * bytes;
    standardise(a, m, 1 - share, scratch);
    standardise(b, m, share, scratch + MEMBER_BYTES);
    combine(a, b, n, scratch, scores);
    const from = load<u32>(at4(indptr, q)),
      end = load<u32>(at4(indptr, q), 4);
    rankScores(n, scores, from, end, idx, skip, k, at8(heaps, <usize>q * k));
  }
}
