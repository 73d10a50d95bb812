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
import { offer } from './scan';

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
 * Of the first n items of `tiles` tiles those that may be among the best k, added to the `count` of `found`: row (u32) and
 * the bound (1) of its score over the query's norm (f32), 8 bytes each; returns how many `found` has then. By the same proof
 * a score is at least (c / A) s less the other terms of (1). The best k of those stand in heap, from one call to the next, and
 * an item whose bound is below the k-th is left out, and taken out of `found` again; but a k-th below `least` decides
 * nothing. It ends where no item is long enough any more.
 *
 * onError, onNorm: the factors of ‖δ‖ and n_v in (1). names: the row of each item; skip: a bitmap by row, 1 = left out. A row
 * that is not below numRows is found like any other. scratch: 64 bytes. Cost: 16 items at a time, a load, a multiplication and an addition for 8
 * numbers.
 */
export function boundCodes(
  tiles: u32,
  n: u32,
  codes: usize,
  bounds: usize,
  names: usize,
  numRows: u32,
  d: u32,
  query: usize,
  onError: f32,
  onNorm: f32,
  skip: usize,
  k: u32,
  heap: usize,
  least: f32,
  found: usize,
  count: u32,
  scratch: usize,
): u32 {
  const end = query + ((<usize>d) << 1),
    byError = f32x4.splat(onError),
    byNorm = f32x4.splat(onNorm);
  let floor = floorOf(heap, least),
    g = codes;
  for (let t: u32 = 0; t < tiles; t++) {
    const bound = bounds + <usize>t * (TILE * BOUNDS * 4);
    // No score is further above the product of the norms than 2^-20 of it: γ is below that for any d here.
    if (load<f32>(bound) * <f32>(1 + 1.0 / 1048576) < floor) break;
    let a0 = i32x4.splat(0),
      a1 = a0,
      a2 = a0,
      a3 = a0;
    for (let p = query; p < end; p += 8, g += 64) {
      let x = v128.load_splat<u32>(p);
      a0 = i32x4.add(a0, i32x4.dot_i16x8_s(x, v128.load_ext<i8>(g)));
      a1 = i32x4.add(a1, i32x4.dot_i16x8_s(x, v128.load_ext<i8>(g, 8)));
      a2 = i32x4.add(a2, i32x4.dot_i16x8_s(x, v128.load_ext<i8>(g, 16)));
      a3 = i32x4.add(a3, i32x4.dot_i16x8_s(x, v128.load_ext<i8>(g, 24)));
      x = v128.load_splat<u32>(p, 4);
      a0 = i32x4.add(a0, i32x4.dot_i16x8_s(x, v128.load_ext<i8>(g, 32)));
      a1 = i32x4.add(a1, i32x4.dot_i16x8_s(x, v128.load_ext<i8>(g, 40)));
      a2 = i32x4.add(a2, i32x4.dot_i16x8_s(x, v128.load_ext<i8>(g, 48)));
      a3 = i32x4.add(a3, i32x4.dot_i16x8_s(x, v128.load_ext<i8>(g, 56)));
    }
    const limit = f32x4.splat(floor),
      short01 = v128.and(isShort(a0, bound, byError, byNorm, limit), isShort(a1, bound + 16, byError, byNorm, limit)),
      short23 = v128.and(isShort(a2, bound + 32, byError, byNorm, limit), isShort(a3, bound + 48, byError, byNorm, limit));
    if (v128.all_true<i32>(v128.and(short01, short23))) continue;
    v128.store(scratch, a0);
    v128.store(scratch, a1, 16);
    v128.store(scratch, a2, 32);
    v128.store(scratch, a3, 48);
    for (let part: u32 = 0; part < TILE / 4; part++) {
      const by = bound + ((<usize>part) << 4),
        score = scoreOf(v128.load(scratch + ((<usize>part) << 4)), by),
        error = errorOf(by, byError, byNorm),
        most = f32x4.add(score, error);
      let mask = ~i32x4.bitmask(f32x4.lt(most, f32x4.splat(floor))) & 15;
      while (mask) {
        const lane = <u32>ctz(mask),
          at = t * TILE + part * 4 + lane;
        mask &= mask - 1;
        if (at >= n) break;
        const row = load<u32>(at4(names, at));
        if (row < numRows && (load<u8>(skip + (row >> 3)) >> <u8>(row & 7)) & 1) continue;
        const entry = at8(found, count++);
        store<u32>(entry, row);
        store<f32>(entry, laneOf(most, lane), 4);
        offer(heap, k, laneOf(f32x4.sub(score, error), lane), row, 0);
        floor = floorOf(heap, least);
      }
    }
  }
  let kept: u32 = 0;
  for (let f: u32 = 0; f < count; f++) {
    if (load<f32>(at8(found, f), 4) < floor) continue;
    store<u64>(at8(found, kept++), load<u64>(at8(found, f)));
  }
  return kept;
}

/** The worst of a heap, where it decides anything. */
// @ts-ignore: decorator
@inline
function floorOf(heap: usize, least: f32): f32 {
  const worst = load<f32>(heap);
  return worst >= least ? worst : -Infinity;
}

/** The first term of (1), of four items. */
// @ts-ignore: decorator
@inline
function scoreOf(sums: v128, bound: usize): v128 {
  return f32x4.mul(v128.load(bound, TILE * 4), f32x4.mul(f32x4.convert_i32x4_s(sums), f32x4.splat(<f32>(1 / LENGTH))));
}

/** The last two. */
// @ts-ignore: decorator
@inline
function errorOf(bound: usize, byError: v128, byNorm: v128): v128 {
  return f32x4.add(f32x4.mul(v128.load(bound, TILE * 8), byError), f32x4.mul(v128.load(bound), byNorm));
}

/** Which of four items cannot reach `limit`, all ones; not one whose bound is no number. */
// @ts-ignore: decorator
@inline
function isShort(sums: v128, bound: usize, byError: v128, byNorm: v128, limit: v128): v128 {
  return f32x4.lt(f32x4.add(scoreOf(sums, bound), errorOf(bound, byError, byNorm)), limit);
}

function laneOf(values: v128, lane: u32): f32 {
  if (lane == 0) return f32x4.extract_lane(values, 0);
  if (lane == 1) return f32x4.extract_lane(values, 1);
  if (lane == 2) return f32x4.extract_lane(values, 2);
  return f32x4.extract_lane(values, 3);
}
