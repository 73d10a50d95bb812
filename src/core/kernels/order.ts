// Items in the order of their norms as int8 codes: what one query reads of a large catalogue instead of its f32 rows.
//
// A row v becomes q = round(v / c) with c = max |v_f| / 127: v = c q + δ, and ‖δ‖ is measured. A query u becomes integers as
// in products.ts: u · A / n_u = q_u − δ_u, ‖δ_u‖ ≤ e, A = 32,000. With s the integer sum of q_u · q,
//
//   u · v / n_u = (c / A) (s − δ_u · q) + (u / n_u) · δ ≤ (c / A) s + (e / A) (n_v + ‖δ‖) + ‖δ‖
//
// since c ‖q‖ ≤ n_v + ‖δ‖. The f32 score is above u · v by at most γ n_u n_v (see products.ts), and what is computed below is
// off by less than 2^-21 (n_v + ‖δ‖): six roundings of terms that are no larger than 1.01 (n_v + 2 ‖δ‖) each. So
//
//   score / n_u ≤ (c / A) s + ‖δ‖ (1 + e / A + 2^-20) + n_v (e / A + γ + 2^-20)                                     (1)
//
// but for underflow, which whoever calls keeps away: it asks with norms that are neither small nor large. |s| ≤
// 127 √d (A + e) < 2^31 for d < 270,000.
import { at4, at8, rowAt, strideOf } from './simd';
import { LENGTH, packRow } from './products';

/** Items of a tile: int8 [d/2][16][2], a pair of dims of each item side by side; and f32 [3][16]: norms, c, ‖δ‖. */
export const TILE: u32 = 16;
export const BOUNDS: u32 = 3;

/** The largest |v_f|. */
function largestOf(v: usize, stride: usize): f64 {
  let largest = f32x4.splat(0);
  for (let p = v, end = v + stride; p < end; p += 16) largest = f32x4.max(largest, f32x4.abs(v128.load(p)));
  return <f64>(
    max(
      max(f32x4.extract_lane(largest, 0), f32x4.extract_lane(largest, 1)),
      max(f32x4.extract_lane(largest, 2), f32x4.extract_lane(largest, 3)),
    )
  );
}

/**
 * Tiles t0 … t1 − 1 of the rows order[0 … n − 1] of V: codes int8 [t1 − t0 tiles], bounds f32 [t1 − t0 tiles]. norms: f32 by
 * row, of normRows. What is left of the last tile is zeros. A row that is not finite is coded as zeros with an infinite ‖δ‖.
 */
export function codeTiles(
  t0: u32,
  t1: u32,
  V: usize,
  d: u32,
  order: usize,
  norms: usize,
  n: u32,
  codes: usize,
  bounds: usize,
): void {
  const stride = strideOf(d),
    codeBytes = (t1 - t0) * TILE * d;
  memory.fill(codes, 0, codeBytes);
  memory.fill(bounds, 0, (t1 - t0) * TILE * BOUNDS * 4);
  for (let j = t0 * TILE; j < min(n, t1 * TILE); j++) {
    const row = load<u32>(at4(order, j)),
      v = rowAt(V, row, stride),
      norm = load<f32>(at4(norms, row)),
      tile = j / TILE - t0,
      lane = j & (TILE - 1),
      bound = bounds + <usize>tile * (TILE * BOUNDS * 4) + ((<usize>lane) << 2);
    store<f32>(bound, norm);
    if (norm == Infinity) {
      store<f32>(bound, Infinity, TILE * 8);
      continue;
    }
    const scale = <f32>(largestOf(v, stride) / 127);
    if (scale == 0) {
      // Zeros, or numbers of which a 127th is none: the row is what is lost.
      store<f32>(bound, norm, TILE * 8);
      continue;
    }
    const code = codes + <usize>tile * (TILE * d) + ((<usize>lane) << 1);
    let lost: f64 = 0;
    for (let f: u32 = 0; f < d; f++) {
      const x = <f64>load<f32>(at4(v, f)),
        q = min<f64>(127, max<f64>(-127, nearest<f64>(x / <f64>scale))),
        rest = x - q * <f64>scale;
      lost += rest * rest;
      store<i8>(code + <usize>(f >> 1) * (TILE * 2) + (f & 1), <i8>q);
    }
    const error = sqrt(lost) * (1 + 1e-6);
    store<f32>(bound, scale, TILE * 4);
    store<f32>(bound, <f32>error + f32.MIN_VALUE, TILE * 8);
  }
}

/** The query as int16 pairs for boundCodes, 2d bytes; returns ‖δ_u‖. norm: of normRows. */
export function codeQuery(x: usize, d: u32, norm: f32, to: usize): f64 {
  return packRow(x, d, norm, to, 4);
}

/**
 * Of `tiles` tiles the items whose scores may reach `floor`, both over the query's norm: position among these tiles (u32)
 * and the bound (1) (f32) into out, 8 bytes each; returns how many. onError, onNorm: the factors of ‖δ‖ and n_v in (1).
 * Positions past the last item are among them. Cost: 16 items at a time, a load, a multiplication and an addition for 8
 * numbers.
 */
export function boundCodes(
  tiles: u32,
  codes: usize,
  bounds: usize,
  d: u32,
  query: usize,
  onError: f32,
  onNorm: f32,
  floor: f32,
  out: usize,
): u32 {
  const end = query + ((<usize>d) << 1),
    bySum = f32x4.splat(<f32>(1 / LENGTH)),
    byError = f32x4.splat(onError),
    byNorm = f32x4.splat(onNorm),
    least = f32x4.splat(floor);
  let count: u32 = 0,
    g = codes;
  for (let t: u32 = 0; t < tiles; t++) {
    let a0 = i32x4.splat(0),
      a1 = a0,
      a2 = a0,
      a3 = a0;
    for (let p = query; p < end; p += 4) {
      const x = v128.load_splat<u32>(p);
      a0 = i32x4.add(a0, i32x4.dot_i16x8_s(x, v128.load_ext<i8>(g)));
      a1 = i32x4.add(a1, i32x4.dot_i16x8_s(x, v128.load_ext<i8>(g, 8)));
      a2 = i32x4.add(a2, i32x4.dot_i16x8_s(x, v128.load_ext<i8>(g, 16)));
      a3 = i32x4.add(a3, i32x4.dot_i16x8_s(x, v128.load_ext<i8>(g, 24)));
      g += 32;
    }
    const bound = bounds + <usize>t * (TILE * BOUNDS * 4);
    count = keep(a0, bound, bySum, byError, byNorm, least, t * TILE, out, count);
    count = keep(a1, bound + 16, bySum, byError, byNorm, least, t * TILE + 4, out, count);
    count = keep(a2, bound + 32, bySum, byError, byNorm, least, t * TILE + 8, out, count);
    count = keep(a3, bound + 48, bySum, byError, byNorm, least, t * TILE + 12, out, count);
  }
  return count;
}

// @ts-ignore: decorator
@inline
function keep(
  sums: v128,
  bound: usize,
  bySum: v128,
  byError: v128,
  byNorm: v128,
  least: v128,
  position: u32,
  out: usize,
  count: u32,
): u32 {
  const scaled = f32x4.mul(v128.load(bound, TILE * 4), f32x4.mul(f32x4.convert_i32x4_s(sums), bySum));
  const errors = f32x4.mul(v128.load(bound, TILE * 8), byError);
  const most = f32x4.add(scaled, f32x4.add(errors, f32x4.mul(v128.load(bound), byNorm)));
  // What is no number is kept, and looked at.
  let mask = ~i32x4.bitmask(f32x4.lt(most, least)) & 15;
  while (mask) {
    const lane = <u32>ctz(mask);
    mask &= mask - 1;
    const entry = at8(out, count++);
    store<u32>(entry, position + lane);
    store<f32>(entry, laneOf(most, lane), 4);
  }
  return count;
}

function laneOf(values: v128, lane: u32): f32 {
  if (lane == 0) return f32x4.extract_lane(values, 0);
  if (lane == 1) return f32x4.extract_lane(values, 1);
  if (lane == 2) return f32x4.extract_lane(values, 2);
  return f32x4.extract_lane(values, 3);
}
