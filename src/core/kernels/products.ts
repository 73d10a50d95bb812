// Exact best k by inner product, over items in the order of their norms. Sums of int16 say who cannot be among them; the
// rest are scored in f32, with the bits that scanTopK gives.
//
// A vector v with a norm of at most n is packed as q = round(v · A / n), A = 32,000: q = v̂ + δ with v̂ = v · A / n, so that
// ‖v̂‖ ≤ A and ‖δ‖ ≤ ½ √d. What ‖δ‖ really is gets measured while packing, usually about √(d / 12). Then for a query u
// and an item v, with e and E for their ‖δ‖, and s for the sum of q_u · q_v in integers, which is exact,
//
//   û · v̂ = (q_u − δ_u) · (q_v − δ_v) = s − q_u · δ_v − δ_u · v̂ ≤ s + (A + e) E + e A                              (1)
//
// by Cauchy and Schwarz, and u · v = û · v̂ · n_u n_v / A². No sum of the integers, nor a part of it, passes
// (A + e)(A + E) < 2^31, and no product of a pair its place: |q| ≤ 32,001.
//
// The score is a sum in f32: four lanes, each of d / 4 products and additions, then two more additions. It differs from
// u · v by at most γ Σ |u_f v_f| + d 2^-150, where γ = m 2^-24 / (1 − m 2^-24), m = d / 4 + 3 (Higham, Accuracy and
// Stability of Numerical Algorithms, §3.1; the last term is what products lose that underflow), and Σ |u_f v_f| ≤
// ‖u‖ ‖v‖ ≤ n_u n_v: in the units of s, by γ A² and, where n_u n_v ≥ 2^-120, less than d more. So with
//
//   M = (A + e) E + e A + γ A² + d + 2
//
// a score of at least t > 2^-100 needs s ≥ t A² / (n_u n_v) − M: where n_u n_v < 2^-120 the score is far below t, and
// the right side is above 2^49, which no s reaches. Likewise for t < −2^-100: where n_u n_v < 2^-101 no score is below
// t, and the right side is below −2^30 and every s passes. Between the two nothing is left out, and neither is anything
// for a query or an item that is not finite, or where n_u n_v might reach 2^127, so that a sum in f32 might overflow.
// What is computed here is in f64, whose rounding changes the right side by far less than the 2 in M wherever |s| can
// be as large. From an item on whose t A² / (n_u n_v) is above A² (1 + γ) + d + 2 none is left: norms only fall.
//
// Items stand in tiles of 8: for each pair of dims the 8 items' int16 pairs, 32 bytes; a product of pairs has an item in
// each lane, and no lanes have to be added up. Four queries share what is loaded of a tile.
import { at4, at8, dot, rowAt, strideOf } from './simd';
import { clearHeap, offer, sortHeap } from './scan';

/** A. */
export const LENGTH: f64 = 32000;
/** Norm of what is not finite: so large that any sum passes, and no quotient by it leaves f64's range. */
const WILD: f64 = 2.582249878086909e120; // 2^400
/** From here on a sum in f32 may overflow. */
const OVERFLOW: f64 = 1.7014118346046923e38; // 2^127
/** Scores nearer to 0 than this leave nothing out. */
const SMALL: f64 = 7.888609052210118e-31; // 2^-100

/** Items of a tile; tiles that share a threshold; items after which the queries are grouped anew. */
export const TILE: u32 = 8;
const STEP: u32 = 32;
const STAGE: u32 = 512;

/** Queries of a range, at most: what the scratch of bestProducts is for. */
export const MOST_QUERIES: usize = 256;

/**
 * The state of each query of a range: t / n, M and n in f64; the addresses of its vector, its heap, and the first and the
 * end of the list of what is left out; the sieve of that list.
 */
const VECTOR: usize = 24;
const HEAP: usize = 28;
const LEFT_OUT: usize = 32;
const SIEVE: usize = 40;
const SIEVE_BYTES: u32 = 128;
export const QUERY_BYTES: usize = SIEVE + SIEVE_BYTES;

/** Σ v² in f64. */
function squares(v: usize, stride: usize): f64 {
  let sum = f64x2.splat(0);
  for (let p = v, end = v + stride; p < end; p += 8) {
    const x = f64x2.promote_low_f32x4(v128.load64_zero(p));
    sum = f64x2.add(sum, f64x2.mul(x, x));
  }
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** The norm, rounded up to f32; infinite where it is too large, or no number. */
function normAbove(v: usize, stride: usize): f32 {
  // A little more than rounding in f64 and to f32 takes away.
  const norm = sqrt(squares(v, stride)) * (1 + 1e-6);
  if (!(norm <= <f64>f32.MAX_VALUE)) return Infinity;
  const near = <f32>norm;
  // Where f32 has few digits left, near 0, rounding may take more away.
  return <f64>near < norm ? near + f32.MIN_VALUE : near;
}

/** Norms of rows r0 … r1 − 1 of V, rounded up, into norms: f32 by row. */
export function normRows(r0: u32, r1: u32, V: usize, d: u32, norms: usize): void {
  const stride = strideOf(d);
  for (let r = r0; r < r1; r++) store<f32>(at4(norms, r), normAbove(rowAt(V, r, stride), stride));
}

/** v · A / n in integers, pairs of dims `step` bytes apart; returns ‖δ‖, rounded up. A row that is not finite becomes zeros. */
export function packRow(v: usize, d: u32, norm: f32, to: usize, step: usize): f64 {
  const by = norm == 0 || norm == Infinity ? 0 : LENGTH / <f64>norm;
  let rest = f64x2.splat(0);
  for (let f: u32 = 0; f < d; f += 2, v += 8, to += step) {
    if (by == 0) {
      store<u32>(to, 0);
      continue;
    }
    const x = f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(v)), f64x2.splat(by));
    const q = f64x2.nearest(x);
    const delta = f64x2.sub(q, x);
    rest = f64x2.add(rest, f64x2.mul(delta, delta));
    const whole = i32x4.trunc_sat_f64x2_s_zero(q);
    store<i16>(to, <i16>i32x4.extract_lane(whole, 0));
    store<i16>(to, <i16>i32x4.extract_lane(whole, 1), 2);
  }
  return sqrt(f64x2.extract_lane(rest, 0) + f64x2.extract_lane(rest, 1)) * (1 + 1e-6) + 1e-6;
}

/**
 * Tiles t0 … t1 − 1 of the rows order[0 … n − 1] of V, whose norms fall: int16 [tiles × d/2 × 8 × 2] into tiles, A² / norm
 * into ratios: f64 [n]. norms: f32 by row, of normRows. What is left of the last tile is zeros. Returns the largest ‖δ‖.
 */
export function packProducts(
  t0: u32,
  t1: u32,
  V: usize,
  d: u32,
  order: usize,
  norms: usize,
  n: u32,
  tiles: usize,
  ratios: usize,
): f64 {
  const stride = strideOf(d),
    tileBytes = <usize>d * (TILE * 2);
  let largest: f64 = 0;
  for (let t = t0; t < t1; t++) {
    const tile = tiles + <usize>t * tileBytes;
    if ((t + 1) * TILE > n) memory.fill(tile, 0, tileBytes);
    for (let j = t * TILE; j < min(n, (t + 1) * TILE); j++) {
      const row = load<u32>(at4(order, j)),
        norm = load<f32>(at4(norms, row));
      const lane = tile + ((<usize>(j & (TILE - 1))) << 2);
      largest = max(largest, packRow(rowAt(V, row, stride), d, norm, lane, TILE * 4));
      const length = norm == Infinity ? WILD : <f64>norm;
      store<f64>(at8(ratios, j), (LENGTH * LENGTH) / length);
    }
  }
  return largest;
}

/** What of a score's error does not come from packing, in the units of s: γ A² + d + 2. */
function roundingMargin(d: u32): f64 {
  const m = (<f64>d / 4 + 3) / 16777216;
  return (m / (1 - m)) * LENGTH * LENGTH + <f64>d + 2;
}

/** A query's t / n, where t is what a score must reach to enter its heap. */
// @ts-ignore: decorator
@inline
function floorOver(heap: usize, norm: f64): f64 {
  const t = <f64>load<f32>(heap);
  return (abs(t) <= SMALL || t == Infinity ? -Infinity : t) / norm;
}

/** Sets bit row mod 1,024 for each of the u32 from … to − 1: most rows that are in no short list are recognised by it at once. */
function sieve(from: usize, to: usize, bits: usize): void {
  memory.fill(bits, 0, SIEVE_BYTES);
  for (; from < to; from += 4) {
    const row = load<u32>(from),
      byte = bits + ((row >> 3) & (SIEVE_BYTES - 1));
    store<u8>(byte, load<u8>(byte) | (<u8>1 << <u8>(row & 7)));
  }
}

/** Whether a list of ascending u32, from … to − 1, holds `row`. */
function holds(from: usize, to: usize, row: u32): bool {
  while (from < to) {
    const middle = from + (((to - from) >> 3) << 2),
      value = load<u32>(middle);
    if (value == row) return true;
    if (value < row) from = middle + 4;
    else to = middle;
  }
  return false;
}

/**
 * For queries q0 … q1 − 1 (rows of Q, at most 256), the best k ≥ 1 of the n items of packProducts, in order, into heaps: k
 * entries a query; empty ones are last. V: f32 [· × d], the same rows; largest: what packProducts returned. bounds, rows:
 * what is left out of query q are the ascending u32 rows[bounds[q] … bounds[q + 1] − 1], or nothing where bounds is 0.
 * scratch: 256 · (2d + QUERY_BYTES + 4) + 8d + 32 bytes. Returns how many items were looked at, over all queries.
 */
export function bestProducts(
  q0: u32,
  q1: u32,
  Q: usize,
  V: usize,
  d: u32,
  order: usize,
  norms: usize,
  tiles: usize,
  ratios: usize,
  n: u32,
  largest: f64,
  bounds: usize,
  rows: usize,
  k: u32,
  heaps: usize,
  scratch: usize,
): f64 {
  const stride = strideOf(d),
    margin = roundingMargin(d),
    // A² (1 + γ) + d + 2.
    end = LENGTH * LENGTH + margin,
    longest = longestFinite(order, norms, n),
    packed = scratch,
    packedBytes = (<usize>d) << 1,
    states = packed + MOST_QUERIES * packedBytes,
    active = states + MOST_QUERIES * QUERY_BYTES,
    work = active + 4 * MOST_QUERIES;

  let numActive: u32 = 0;
  for (let q = q0; q < q1; q++) {
    const i = q - q0,
      state = states + <usize>i * QUERY_BYTES,
      x = rowAt(Q, q, stride),
      heap = at8(heaps, <usize>q * k);
    clearHeap(heap, k);
    let norm = normAbove(x, stride);
    if (<f64>norm * longest >= OVERFLOW) norm = Infinity;
    const e = packRow(x, d, norm, packed + <usize>i * packedBytes, 4);
    store<f64>(state, -Infinity);
    store<f64>(state, (LENGTH + e) * largest + e * LENGTH + margin, 8);
    store<f64>(state, norm == Infinity ? WILD : <f64>norm, 16);
    store<u32>(state, x, VECTOR);
    store<u32>(state, heap, HEAP);
    const from = bounds ? at4(rows, load<u32>(at4(bounds, q))) : 0,
      to = bounds ? at4(rows, load<u32>(at4(bounds, q), 4)) : 0;
    store<u32>(state, from, LEFT_OUT);
    store<u32>(state, to, LEFT_OUT + 4);
    sieve(from, to, state + SIEVE);
    store<u32>(at4(active, numActive++), i);
  }

  let looked: f64 = 0;
  for (let from: u32 = 0; from < n && numActive > 0; from += STAGE) {
    const to = min(n, from + STAGE);
    for (let a: u32 = 0; a < numActive; a += 4) {
      const group = at4(active, a),
        count = min(4, numActive - a);
      looked += scanFour(group, count, from, to, packed, states, end, work, V, d, order, tiles, ratios, n, k);
    }
    if (to < n) numActive = regroup(active, numActive, states, end, load<f64>(at8(ratios, to)));
  }
  for (let q = q0; q < q1; q++) sortHeap(at8(heaps, <usize>q * k), k);
  return looked;
}

/** The largest norm of an item that is finite. */
function longestFinite(order: usize, norms: usize, n: u32): f64 {
  for (let j: u32 = 0; j < n; j++) {
    const norm = load<f32>(at4(norms, load<u32>(at4(order, j))));
    if (norm < Infinity) return <f64>norm;
  }
  return 0;
}

/** Drops the queries for which nothing is left from `ratio` on, and puts those first that will stop first. */
function regroup(active: usize, numActive: u32, states: usize, end: f64, ratio: f64): u32 {
  let left: u32 = 0;
  for (let a: u32 = 0; a < numActive; a++) {
    const i = load<u32>(at4(active, a)),
      floor = load<f64>(states + <usize>i * QUERY_BYTES);
    if (floor * ratio > end) continue;
    let place = left++;
    while (place > 0) {
      const before = load<u32>(at4(active, place - 1));
      if (load<f64>(states + <usize>before * QUERY_BYTES) >= floor) break;
      store<u32>(at4(active, place), before);
      place--;
    }
    store<u32>(at4(active, place), i);
  }
  return left;
}

/** What s must pass, for items whose ratios are from `first` to `last`; beyond any s where that is above `end`: nothing is left. */
// @ts-ignore: decorator
@inline
function mustPass(state: usize, first: f64, last: f64, end: f64): i32 {
  const least = load<f64>(state);
  const needed = least > 0 ? least * first : least * last;
  if (needed > end) return i32.MAX_VALUE;
  return <i32>max<f64>(floor<f64>(needed - load<f64>(state, 8)) - 1, <f64>i32.MIN_VALUE);
}

/** Up to four queries, named by `group`, over items from … to − 1, `from` at the start of a tile; returns how many were looked at. */
function scanFour(
  group: usize, count: u32, from: u32, to: u32, packed: usize, states: usize, end: f64, work: usize,
  V: usize, d: u32, order: usize, tiles: usize, ratios: usize, n: u32, k: u32,
): f64 {
  const packedBytes = (<usize>d) << 1,
    i0 = load<u32>(group),
    i1 = load<u32>(at4(group, min(1, count - 1))),
    i2 = load<u32>(at4(group, min(2, count - 1))),
    i3 = load<u32>(at4(group, min(3, count - 1))),
    state0 = states + <usize>i0 * QUERY_BYTES,
    state1 = states + <usize>i1 * QUERY_BYTES,
    state2 = states + <usize>i2 * QUERY_BYTES,
    state3 = states + <usize>i3 * QUERY_BYTES,
    sums = work,
    four = work + 32,
    fourEnd = four + 4 * packedBytes,
    tileBytes = packedBytes * TILE;
  for (let o: usize = 0, w = four; o < packedBytes; o += 4, w += 16) {
    store<u32>(w, load<u32>(packed + <usize>i0 * packedBytes + o));
    store<u32>(w, load<u32>(packed + <usize>i1 * packedBytes + o), 4);
    store<u32>(w, load<u32>(packed + <usize>i2 * packedBytes + o), 8);
    store<u32>(w, load<u32>(packed + <usize>i3 * packedBytes + o), 12);
  }
  let looked: f64 = 0;
  for (let step = from; step < to; step += STEP) {
    const stepEnd = min(to, step + STEP),
      first = load<f64>(at8(ratios, step)),
      last = load<f64>(at8(ratios, stepEnd - 1));
    let pass0 = mustPass(state0, first, last, end),
      pass1 = count > 1 ? mustPass(state1, first, last, end) : i32.MAX_VALUE,
      pass2 = count > 2 ? mustPass(state2, first, last, end) : i32.MAX_VALUE,
      pass3 = count > 3 ? mustPass(state3, first, last, end) : i32.MAX_VALUE;
    if (min(min(pass0, pass1), min(pass2, pass3)) == i32.MAX_VALUE) break;
    looked += <f64>((stepEnd - step) * count);
    let g = tiles + <usize>(step / TILE) * tileBytes;
    for (let j = step; j < stepEnd; j += TILE) {
      let a0 = i32x4.splat(0),
        a1 = a0,
        b0 = a0,
        b1 = a0,
        c0 = a0,
        c1 = a0,
        e0 = a0,
        e1 = a0;
      for (let w = four; w < fourEnd; w += 16) {
        const g0 = v128.load(g),
          g1 = v128.load(g, 16);
        let x = v128.load_splat<u32>(w);
        a0 = i32x4.add(a0, i32x4.dot_i16x8_s(x, g0));
        a1 = i32x4.add(a1, i32x4.dot_i16x8_s(x, g1));
        x = v128.load_splat<u32>(w, 4);
        b0 = i32x4.add(b0, i32x4.dot_i16x8_s(x, g0));
        b1 = i32x4.add(b1, i32x4.dot_i16x8_s(x, g1));
        x = v128.load_splat<u32>(w, 8);
        c0 = i32x4.add(c0, i32x4.dot_i16x8_s(x, g0));
        c1 = i32x4.add(c1, i32x4.dot_i16x8_s(x, g1));
        x = v128.load_splat<u32>(w, 12);
        e0 = i32x4.add(e0, i32x4.dot_i16x8_s(x, g0));
        e1 = i32x4.add(e1, i32x4.dot_i16x8_s(x, g1));
        g += 32;
      }
      const p0 = i32x4.splat(pass0),
        p1 = i32x4.splat(pass1),
        p2 = i32x4.splat(pass2),
        p3 = i32x4.splat(pass3);
      const ma = v128.or(i32x4.gt_s(a0, p0), i32x4.gt_s(a1, p0)),
        mb = v128.or(i32x4.gt_s(b0, p1), i32x4.gt_s(b1, p1)),
        mc = v128.or(i32x4.gt_s(c0, p2), i32x4.gt_s(c1, p2)),
        me = v128.or(i32x4.gt_s(e0, p3), i32x4.gt_s(e1, p3));
      if (!v128.any_true(v128.or(v128.or(ma, mb), v128.or(mc, me)))) continue;
      if (v128.any_true(ma) && enterTile(a0, a1, pass0, j, state0, sums, V, d, order, ratios, n, k)) {
        pass0 = mustPass(state0, first, last, end);
      }
      if (v128.any_true(mb) && enterTile(b0, b1, pass1, j, state1, sums, V, d, order, ratios, n, k)) {
        pass1 = mustPass(state1, first, last, end);
      }
      if (v128.any_true(mc) && enterTile(c0, c1, pass2, j, state2, sums, V, d, order, ratios, n, k)) {
        pass2 = mustPass(state2, first, last, end);
      }
      if (v128.any_true(me) && enterTile(e0, e1, pass3, j, state3, sums, V, d, order, ratios, n, k)) {
        pass3 = mustPass(state3, first, last, end);
      }
    }
  }
  return looked;
}

/** Offers the items of the tile at j whose sums pass; returns whether the query's floor has risen. */
function enterTile(
  s0: v128, s1: v128, pass: i32, j: u32, state: usize, sums: usize,
  V: usize, d: u32, order: usize, ratios: usize, n: u32, k: u32,
): bool {
  const x = load<u32>(state, VECTOR),
    heap = load<u32>(state, HEAP),
    leftOut = load<u32>(state, LEFT_OUT),
    leftOutEnd = load<u32>(state, LEFT_OUT + 4),
    norm = load<f64>(state, 16),
    margin = load<f64>(state, 8),
    stride = strideOf(d),
    p = i32x4.splat(pass);
  let floor = load<f64>(state),
    hasRisen = false,
    mask = i32x4.bitmask(i32x4.gt_s(s0, p)) | (i32x4.bitmask(i32x4.gt_s(s1, p)) << 4);
  v128.store(sums, s0);
  v128.store(sums, s1, 16);
  while (mask) {
    const lane = <u32>ctz(mask),
      at = j + lane;
    mask &= mask - 1;
    if (at >= n) break;
    // The threshold of the step was that of its first item; this is the item's own.
    if (<f64>load<i32>(at4(sums, lane)) < floor * load<f64>(at8(ratios, at)) - margin) continue;
    const row = load<u32>(at4(order, at));
    if ((load<u8>(state + SIEVE + ((row >> 3) & (SIEVE_BYTES - 1))) >> <u8>(row & 7)) & 1) {
      if (holds(leftOut, leftOutEnd, row)) continue;
    }
    const score = dot(x, rowAt(V, row, stride), stride);
    const root = load<u64>(heap);
    offer(heap, k, score, row, 0);
    if (load<u64>(heap) == root) continue;
    const risen = floorOver(heap, norm);
    if (risen > floor) {
      floor = risen;
      hasRisen = true;
      store<f64>(state, floor);
    }
  }
  return hasRisen;
}
