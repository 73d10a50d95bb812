// Scores and the best k of them. A ranking is by score descending, then row ascending, on every surface.
import { at4, at8, dot, dot4, rowAt, strideOf } from './simd';

// A heap holds k entries of 8 bytes, (score f32, row u32), the worst at its root.

// @ts-ignore: decorator
@inline
function worse(scoreA: f32, rowA: u32, scoreB: f32, rowB: u32): bool {
  return scoreA < scoreB || (scoreA == scoreB && rowA > rowB);
}

/** Empties a heap of k entries: every score −∞, every row 2^32 − 1, which loses against any other. */
export function clearHeap(heap: usize, k: u32): void {
  for (let i: u32 = 0; i < k; i++) {
    store<f32>(at8(heap, i), -Infinity);
    store<u32>(at8(heap, i), u32.MAX_VALUE, 4);
  }
}

/** Replaces the root and sifts down. */
function replaceWorst(heap: usize, k: u32, score: f32, row: u32): void {
  let i: u32 = 0;
  while (true) {
    let child: u32 = 2 * i + 1;
    if (child >= k) break;
    let c = at8(heap, child);
    if (child + 1 < k && worse(load<f32>(c, 8), load<u32>(c, 12), load<f32>(c), load<u32>(c, 4))) {
      child++;
      c += 8;
    }
    if (!worse(load<f32>(c), load<u32>(c, 4), score, row)) break;
    store<u64>(at8(heap, i), load<u64>(c));
    i = child;
  }
  store<f32>(at8(heap, i), score);
  store<u32>(at8(heap, i), row, 4);
}

// @ts-ignore: decorator
@inline
function offer(heap: usize, k: u32, score: f32, row: u32, skip: usize): void {
  if (!worse(load<f32>(heap), load<u32>(heap, 4), score, row)) return;
  if (skip && (load<u8>(skip + (row >> 3)) >> <u8>(row & 7)) & 1) return;
  replaceWorst(heap, k, score, row);
}

/**
 * Offers rows r0 … r1 − 1 of V, scored by their inner product with x, to a heap of k ≥ 1 entries. A score that is no
 * number never enters. V: f32 [· × d]; names: u32 by row of V, the row number each stands for, or 0 where row r stands
 * for first + r; skip: a bitmap by row number, 1 = left out, or 0. Cost: (r1 − r0) · 2d flops; reads V once.
 */
export function scanTopK(
  r0: u32,
  r1: u32,
  x: usize,
  V: usize,
  d: u32,
  first: u32,
  names: usize,
  skip: usize,
  k: u32,
  heap: usize,
): void {
  const stride = strideOf(d);
  let r = r0;
  for (; r + 4 <= r1; r += 4) {
    const v = rowAt(V, r, stride);
    const t = dot4(x, v, v + stride, v + 2 * stride, v + 3 * stride, stride);
    // Ties may enter too (a lower row wins), hence ≥.
    if (!v128.any_true(f32x4.ge(t, f32x4.splat(load<f32>(heap))))) continue;
    const n = at4(names, r),
      row = first + r;
    offer(heap, k, f32x4.extract_lane(t, 0), names ? load<u32>(n) : row, skip);
    offer(heap, k, f32x4.extract_lane(t, 1), names ? load<u32>(n, 4) : row + 1, skip);
    offer(heap, k, f32x4.extract_lane(t, 2), names ? load<u32>(n, 8) : row + 2, skip);
    offer(heap, k, f32x4.extract_lane(t, 3), names ? load<u32>(n, 12) : row + 3, skip);
  }
  for (; r < r1; r++) {
    const row = names ? load<u32>(at4(names, r)) : first + r;
    offer(heap, k, dot(x, rowAt(V, r, stride), stride), row, skip);
  }
}

/** Inner products of x with rows r0 … r1 − 1 of V into out: f32 by row. */
export function scoreRows(r0: u32, r1: u32, x: usize, V: usize, d: u32, out: usize): void {
  const stride = strideOf(d);
  for (let r = r0; r < r1; r++) store<f32>(at4(out, r), dot(x, rowAt(V, r, stride), stride));
}

/**
 * For queries q0 … q1 − 1 (rows of Q), the best k rows of V among `n`, into heaps: k entries a query. skips: a bitmap by
 * row of V for each query, skipBytes apart, or 0 where nothing is left out. Blocks of V that fit the cache are offered
 * to all queries of the range in turn.
 */
export function scanMany(
  q0: u32,
  q1: u32,
  Q: usize,
  V: usize,
  n: u32,
  d: u32,
  skips: usize,
  skipBytes: u32,
  k: u32,
  heaps: usize,
): void {
  const stride = strideOf(d);
  for (let q = q0; q < q1; q++) clearHeap(at8(heaps, <usize>q * k), k);
  const block = max<u32>(64, 262144 / <u32>stride);
  for (let r: u32 = 0; r < n; r += block) {
    const end = min(n, r + block);
    for (let q = q0; q < q1; q++) {
      const skip = skips ? skips + <usize>q * skipBytes : 0;
      scanTopK(r, end, rowAt(Q, q, stride), V, d, 0, 0, skip, k, at8(heaps, <usize>q * k));
    }
  }
}

/**
 * Rows r0 … r1 − 1 of V become unit vectors, in place. Norms are taken in f64, where the square of any f32 has a place.
 * A row of norm 0 has no direction: it becomes 0/0 = NaN throughout, which no heap admits and no centroid attracts.
 */
export function unitRows(r0: u32, r1: u32, V: usize, d: u32): void {
  const stride = strideOf(d);
  for (let r = r0; r < r1; r++) {
    const v = rowAt(V, r, stride),
      end = v + stride;
    let squares = f64x2.splat(0);
    for (let p = v; p < end; p += 8) {
      const x = f64x2.promote_low_f32x4(v128.load64_zero(p));
      squares = f64x2.add(squares, f64x2.mul(x, x));
    }
    const by = f64x2.splat(1 / sqrt(f64x2.extract_lane(squares, 0) + f64x2.extract_lane(squares, 1)));
    for (let p = v; p < end; p += 8) {
      const x = f64x2.promote_low_f32x4(v128.load64_zero(p));
      v128.store64_lane(p, v128.demote_zero<f64>(f64x2.mul(x, by)), 0);
    }
  }
}
