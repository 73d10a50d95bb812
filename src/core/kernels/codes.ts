// Rows as int8 codes in tiles, and scans of them with an error that is known.
//
// Rows stand in groups. A row's code is its difference from its group's centre, divided by the group's scale and rounded:
// x ≈ centre + scale · code. Its inner product with a query q is then q·centre, which is one number a group, plus a sum of
// whole numbers, whose bits do not depend on any order.
//
// A tile holds 8 rows, dims in pairs: int8 [d/2][8][2], so that a pair of dims of four rows is widened while it is
// loaded, and one instruction multiplies and adds it with the query's pair: rows are in lanes, nothing is summed across.
// Groups follow each other without gaps: a tile may hold the end of one and the start of the next.
import { at4, at8, rowAt, strideOf } from './simd';
import { offer, replaceWorst } from './scan';

/** Length of a query in int16: by Cauchy and Schwarz no sum of a scan passes 127 · √d · this < 2^31 for d < 279,000. */
const QUERY: f64 = 32000;

/** Rows of a tile. */
export const TILE: u32 = 8;

/** Bytes of a candidate: what its score is at most and at least (f32), and its row (u32, and four bytes unused). */
export const CANDIDATE: usize = 16;

/** Address of the byte of a row's dim 0 in the tiles; dim f is 16 · (f >> 1) + (f & 1) further. d: padded dims. */
// @ts-ignore: decorator
@inline
function codeAt(tiles: usize, position: u32, d: u32): usize {
  return tiles + <usize>(position / TILE) * (<usize>d * TILE) + <usize>((position & (TILE - 1)) << 1);
}

/**
 * Codes of groups g0 … g1 − 1: positions offsets[g] … offsets[g + 1] − 1 stand for the rows rows[position] of V (or the
 * rows `position` where rows is 0). V, centres: f32 [· × d]; centres 0: all zero. Writes tiles, and a pair of f32 for each
 * group: its scale, and an upper bound of ‖x − what its code stands for‖ over its rows. decoded: 0, or f32 [· × d] by
 * position of what each code stands for. Groups may share a tile; they write different bytes of it.
 */
export function encodeGroups(
  g0: u32,
  g1: u32,
  V: usize,
  d: u32,
  rows: usize,
  offsets: usize,
  centres: usize,
  tiles: usize,
  scales: usize,
  decoded: usize,
): void {
  const stride = strideOf(d);
  for (let g = g0; g < g1; g++) {
    const from = load<u32>(at4(offsets, g)),
      to = load<u32>(at4(offsets, g), 4),
      centre = centres ? rowAt(centres, g, stride) : 0;
    let widest = f32x4.splat(0);
    for (let p = from; p < to; p++) {
      const v = rowAt(V, rows ? load<u32>(at4(rows, p)) : p, stride);
      for (let o: usize = 0; o < stride; o += 16)
        widest = f32x4.max(widest, f32x4.abs(difference(v + o, centre, o)));
    }
    const high = max(
      max(f32x4.extract_lane(widest, 0), f32x4.extract_lane(widest, 1)),
      max(f32x4.extract_lane(widest, 2), f32x4.extract_lane(widest, 3)),
    );
    const scale: f32 = high > 0 ? high / 127 : 1;
    let worst: f64 = 0;
    for (let p = from; p < to; p++) {
      const v = rowAt(V, rows ? load<u32>(at4(rows, p)) : p, stride),
        code = codeAt(tiles, p, d),
        out = decoded ? rowAt(decoded, p, stride) : 0;
      let squares: f64 = 0;
      for (let f: u32 = 0; f < d; f++) {
        const o = (<usize>f) << 2,
          middle: f32 = centre ? load<f32>(centre + o) : 0,
          x = load<f32>(v + o),
          whole = min<f32>(127, max<f32>(-127, nearest<f32>((x - middle) / scale))),
          near = middle + scale * whole,
          gap = <f64>x - <f64>near;
        store<i8>(code + ((<usize>f >> 1) << 4) + (f & 1), <i8>(<i32>whole));
        if (out) store<f32>(out + o, near);
        squares += gap * gap;
      }
      worst = max(worst, squares);
    }
    store<f32>(at8(scales, g), scale);
    // Rounded up past what f32 loses of it.
    store<f32>(at8(scales, g), <f32>(sqrt(worst) * 1.000001), 4);
  }
}

// @ts-ignore: decorator
@inline
function difference(v: usize, centre: usize, o: usize): v128 {
  return centre ? f32x4.sub(v128.load(v), v128.load(centre + o)) : v128.load(v);
}

/**
 * A query in int16, scaled to length 32,000: x: f32 [d] → out: int16 [d], 16 bytes more at its end: f32 unit, what 1 of
 * out stands for; f32 slack: how far rounding the query moves an inner product with a vector of length ≤ 1.1, at most,
 * and what sums in f32 lose beside; f32 length. A query that is no number becomes zeros of length NaN.
 */
export function encodeQuery(x: usize, d: u32, out: usize): void {
  let squares: f64 = 0;
  for (let f: u32 = 0; f < d; f++) {
    const value = <f64>load<f32>(at4(x, f));
    squares += value * value;
  }
  const length = sqrt(squares);
  if (length > 0) {
    const by = QUERY / length;
    for (let f: u32 = 0; f < d; f++) {
      const whole = nearest<f64>(<f64>load<f32>(at4(x, f)) * by);
      store<i16>(out + ((<usize>f) << 1), <i16>(<i32>whole));
    }
  } else memory.fill(out, 0, (<usize>d) << 1);
  const end = out + ((<usize>d) << 1);
  store<f32>(end, <f32>(length / QUERY));
  store<f32>(end, <f32>(length * ((0.55 / QUERY) * sqrt(<f64>d) + 4e-6)), 4);
  store<f32>(end, <f32>length, 8);
}

/**
 * Scans the codes of positions from … to − 1, a group whose centre's inner product with the query is `base`: a position's
 * score is base + sum · factor, at most `error` away from the true one. names: u32 by position, the row that it stands
 * for, or 0 where it stands for itself; skip: a bitmap by row, 1 = left out, or 0.
 *
 * Without candidates (0) each score is offered to the heap of k. With them, the heap is of the k best lower bounds, and
 * whatever may reach the worst of those, by its upper bound, is appended: the best k of all positions scanned are among
 * the candidates. Returns how many there are then. x: of encodeQuery.
 */
export function scanCodes(
  from: u32,
  to: u32,
  tiles: usize,
  x: usize,
  d: u32,
  base: f32,
  factor: f32,
  error: f32,
  names: usize,
  skip: usize,
  k: u32,
  heap: usize,
  candidates: usize,
  count: u32,
): u32 {
  const tileBytes = <usize>d * TILE,
    end = x + ((<usize>d) << 1);
  let floor = reach(load<f32>(heap), base, factor, error);
  let p = tiles + <usize>(from / TILE) * tileBytes;
  for (let at = from & ~(TILE - 1); at < to; at += TILE) {
    let a = i32x4.splat(0),
      b = a,
      a1 = a,
      b1 = a;
    for (let q = x; q < end; q += 16, p += 64) {
      let w = v128.load_splat<u32>(q);
      a = i32x4.add(a, i32x4.dot_i16x8_s(w, v128.load8x8_s(p)));
      b = i32x4.add(b, i32x4.dot_i16x8_s(w, v128.load8x8_s(p, 8)));
      w = v128.load_splat<u32>(q, 4);
      a1 = i32x4.add(a1, i32x4.dot_i16x8_s(w, v128.load8x8_s(p, 16)));
      b1 = i32x4.add(b1, i32x4.dot_i16x8_s(w, v128.load8x8_s(p, 24)));
      w = v128.load_splat<u32>(q, 8);
      a = i32x4.add(a, i32x4.dot_i16x8_s(w, v128.load8x8_s(p, 32)));
      b = i32x4.add(b, i32x4.dot_i16x8_s(w, v128.load8x8_s(p, 40)));
      w = v128.load_splat<u32>(q, 12);
      a1 = i32x4.add(a1, i32x4.dot_i16x8_s(w, v128.load8x8_s(p, 48)));
      b1 = i32x4.add(b1, i32x4.dot_i16x8_s(w, v128.load8x8_s(p, 56)));
    }
    a = i32x4.add(a, a1);
    b = i32x4.add(b, b1);
    const least = i32x4.splat(floor);
    let mask = i32x4.bitmask(i32x4.gt_s(a, least)) | (i32x4.bitmask(i32x4.gt_s(b, least)) << 4);
    if (mask == 0) continue;
    if (at < from) mask &= -1 << <i32>(from - at);
    if (at + 8 > to) mask &= (1 << <i32>(to - at)) - 1;
    count = admit(mask, at, a, b, base, factor, error, names, skip, k, heap, candidates, count);
    floor = reach(load<f32>(heap), base, factor, error);
  }
  return count;
}

/** A sum not above this cannot reach `worst`: rounded down, by more than f32 loses in adding up a score. */
// @ts-ignore: decorator
@inline
function reach(worst: f32, base: f32, factor: f32, error: f32): i32 {
  const w = <f64>worst,
    b = <f64>base,
    e = <f64>error,
    least = (w - b - e - 4e-7 * (abs(w) + abs(b) + e)) / <f64>factor;
  // −∞ where nothing was found yet. A query that is zero, or no number, gives NaN: then every sum is looked at.
  if (!(least > -2147480000)) return i32.MIN_VALUE;
  return least > 2147480000 ? i32.MAX_VALUE : <i32>floor(least) - 1;
}

/** Looks at the positions at + bit for the bits of mask; their sums are in the lanes of a and b. */
function admit(
  mask: i32,
  at: u32,
  a: v128,
  b: v128,
  base: f32,
  factor: f32,
  error: f32,
  names: usize,
  skip: usize,
  k: u32,
  heap: usize,
  candidates: usize,
  count: u32,
): u32 {
  while (mask) {
    const lane = ctz(mask);
    mask &= mask - 1;
    const score = base + <f32>laneOf(lane < 4 ? a : b, lane & 3) * factor,
      position = at + lane;
    if (!candidates) {
      offer(heap, k, score, names ? load<u32>(at4(names, position)) : position, skip);
      continue;
    }
    const upper = score + error;
    if (!(upper >= load<f32>(heap))) continue;
    const row = names ? load<u32>(at4(names, position)) : position;
    if (skip && (load<u8>(skip + (row >> 3)) >> <u8>(row & 7)) & 1) continue;
    const lower = score - error,
      candidate = candidates + <usize>count * CANDIDATE;
    store<f32>(candidate, upper);
    store<f32>(candidate, lower, 4);
    store<u32>(candidate, row, 8);
    count++;
    if (lower > load<f32>(heap)) replaceWorst(heap, k, lower, row);
  }
  return count;
}

// @ts-ignore: decorator
@inline
function laneOf(v: v128, lane: i32): i32 {
  if (lane < 2) return lane == 0 ? i32x4.extract_lane(v, 0) : i32x4.extract_lane(v, 1);
  return lane == 2 ? i32x4.extract_lane(v, 2) : i32x4.extract_lane(v, 3);
}

/**
 * The scores of positions 0 … count − 1, as scanCodes gives them for a group that begins with a tile, into out: f32, room
 * for whole tiles; what is past the last position is −∞.
 */
export function scoreCodes(
  count: u32,
  tiles: usize,
  x: usize,
  d: u32,
  base: f32,
  factor: f32,
  out: usize,
): void {
  const end = x + ((<usize>d) << 1),
    by = f32x4.splat(factor),
    plus = f32x4.splat(base);
  let p = tiles;
  for (let at: u32 = 0; at < count; at += 8) {
    let a = i32x4.splat(0),
      b = a;
    for (let q = x; q < end; q += 4, p += 16) {
      const w = v128.load_splat<u32>(q);
      a = i32x4.add(a, i32x4.dot_i16x8_s(w, v128.load8x8_s(p)));
      b = i32x4.add(b, i32x4.dot_i16x8_s(w, v128.load8x8_s(p, 8)));
    }
    v128.store(at4(out, at), f32x4.add(plus, f32x4.mul(f32x4.convert_i32x4_s(a), by)));
    v128.store(at4(out, at), f32x4.add(plus, f32x4.mul(f32x4.convert_i32x4_s(b), by)), 16);
  }
  for (let at = count; (at & 7) != 0; at++) store<f32>(at4(out, at), -Infinity);
}

/** The score of one position. */
export function scoreCode(
  at: u32,
  tiles: usize,
  x: usize,
  d: u32,
  base: f32,
  factor: f32,
): f32 {
  const code = codeAt(tiles, at, d);
  let sum: i32 = 0;
  for (let f: u32 = 0; f < d; f++)
    sum += <i32>load<i16>(x + ((<usize>f) << 1)) * <i32>load<i8>(code + ((<usize>f >> 1) << 4) + (f & 1));
  return base + <f32>sum * factor;
}
