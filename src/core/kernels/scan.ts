// Scores and the best k of them. A ranking is by score descending, then row ascending, on every surface.
import { at4, at8, dot, dot4, mulAdd, rowAt, strideOf, sumLanes4 } from './simd';

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
export function replaceWorst(heap: usize, k: u32, score: f32, row: u32): void {
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

/** From a heap to a ranking, in place: the best first, empty entries last. */
export function sortHeap(heap: usize, k: u32): void {
  for (let left = k; left > 1; left--) {
    const last = at8(heap, left - 1),
      score = load<f32>(last),
      row = load<u32>(last, 4);
    store<u64>(last, load<u64>(heap));
    replaceWorst(heap, left - 1, score, row);
  }
}

// @ts-ignore: decorator
@inline
export function offer(heap: usize, k: u32, score: f32, row: u32, skip: usize): void {
  if (!worse(load<f32>(heap), load<u32>(heap, 4), score, row)) return;
  if (skip && (load<u8>(skip + (row >> 3)) >> <u8>(row & 7)) & 1) return;
  replaceWorst(heap, k, score, row);
}

/** Offers the rows 0 … n − 1 with their `scores` f32 [n] to a heap of k ≥ 1 entries; skip: a bitmap, or 0. */
export function offerScores(n: u32, scores: usize, skip: usize, k: u32, heap: usize): void {
  let r: u32 = 0;
  for (; r + 4 <= n; r += 4) {
    // Ties may enter too (a lower row wins), hence ≥.
    const four = f32x4.ge(v128.load(at4(scores, r)), f32x4.splat(load<f32>(heap)));
    if (!v128.any_true(four)) continue;
    for (let l = r; l < r + 4; l++) offer(heap, k, load<f32>(at4(scores, l)), l, skip);
  }
  for (; r < n; r++) offer(heap, k, load<f32>(at4(scores, r)), r, skip);
}

/**
 * Into a heap the k ≥ 1 best of the rows 0 … n − 1 by their `scores` f32 [n], but for the rows idx[from … end − 1], u32. skip: a
 * bitmap of n bits that are 0, and are left so.
 */
export function rankScores(
  n: u32,
  scores: usize,
  from: u32,
  end: u32,
  idx: usize,
  skip: usize,
  k: u32,
  heap: usize,
): void {
  for (let p = from; p < end; p++) {
    const own = load<u32>(at4(idx, p)),
      byte = skip + (own >> 3);
    store<u8>(byte, load<u8>(byte) | ((<u8>1) << <u8>(own & 7)));
  }
  clearHeap(heap, k);
  offerScores(n, scores, skip, k, heap);
  for (let p = from; p < end; p++) store<u8>(skip + (load<u32>(at4(idx, p)) >> 3), 0);
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
 * For queries q0 … q1 − 1 (rows of Q), their inner products with every row of V into out: f32 [· × n], by query. Blocks of V
 * that fit the cache serve all queries of the range in turn, four at a time: the bits of scoreRows.
 */
export function scoreMany(q0: u32, q1: u32, Q: usize, V: usize, n: u32, d: u32, out: usize): void {
  const stride = strideOf(d),
    block = max<u32>(64, 131072 / <u32>stride);
  for (let first: u32 = 0; first < n; first += block) {
    const end = min(n, first + block);
    let q = q0;
    for (; q + 4 <= q1; q += 4) {
      const x = rowAt(Q, q, stride);
      let a = out + (((<usize>q * n) + first) << 2);
      const step = (<usize>n) << 2;
      for (let r = first; r < end; r++, a += 4) {
        const s = dot4(rowAt(V, r, stride), x, x + stride, x + 2 * stride, x + 3 * stride, stride);
        v128.store32_lane(a, s, 0);
        v128.store32_lane(a + step, s, 1);
        v128.store32_lane(a + 2 * step, s, 2);
        v128.store32_lane(a + 3 * step, s, 3);
      }
    }
    for (; q < q1; q++) scoreRows(first, end, rowAt(Q, q, stride), V, d, out + ((<usize>q * n) << 2));
  }
}

/**
 * For queries q0 … q1 − 1 (rows of Q), the best k rows of V among `n`, into heaps: k entries a query. skips: a bitmap by
 * row of V for each query, skipBytes apart, or 0 where nothing is left out. Blocks of V that fit the cache are offered
 * to all queries of the range in turn, four queries at a time; the scores are those of scanTopK to the bit.
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
  const block = max<u32>(64, 131072 / <u32>stride);
  for (let r: u32 = 0; r < n; r += block) {
    const end = min(n, r + block);
    let q = q0;
    for (; q + 4 <= q1; q += 4) {
      const skip = skips ? skips + <usize>q * skipBytes : 0;
      scanFour(r, end, rowAt(Q, q, stride), V, stride, skip, skipBytes, k, at8(heaps, <usize>q * k));
    }
    for (; q < q1; q++) {
      const skip = skips ? skips + <usize>q * skipBytes : 0;
      scanTopK(r, end, rowAt(Q, q, stride), V, d, 0, 0, skip, k, at8(heaps, <usize>q * k));
    }
  }
}

/** scanTopK for four queries, at x and after it, two rows at a time: eight sums share six loads. */
function scanFour(
  r0: u32,
  r1: u32,
  x: usize,
  V: usize,
  stride: usize,
  skip: usize,
  skipBytes: u32,
  k: u32,
  heap: usize,
): void {
  const heapBytes = (<usize>k) << 3,
    skipStep = skip ? <usize>skipBytes : <usize>0,
    x1 = x + stride,
    x2 = x1 + stride,
    x3 = x2 + stride;
  let floor = floorOfFour(heap, heapBytes),
    r = r0;
  for (; r + 2 <= r1; r += 2) {
    const v = rowAt(V, r, stride),
      w = v + stride;
    let a0 = f32x4.splat(0),
      a1 = a0,
      a2 = a0,
      a3 = a0,
      b0 = a0,
      b1 = a0,
      b2 = a0,
      b3 = a0;
    for (let o: usize = 0; o < stride; o += 16) {
      const a = v128.load(v + o),
        b = v128.load(w + o);
      let q = v128.load(x + o);
      a0 = mulAdd(q, a, a0);
      b0 = mulAdd(q, b, b0);
      q = v128.load(x1 + o);
      a1 = mulAdd(q, a, a1);
      b1 = mulAdd(q, b, b1);
      q = v128.load(x2 + o);
      a2 = mulAdd(q, a, a2);
      b2 = mulAdd(q, b, b2);
      q = v128.load(x3 + o);
      a3 = mulAdd(q, a, a3);
      b3 = mulAdd(q, b, b3);
    }
    const s = sumLanes4(a0, a1, a2, a3),
      t = sumLanes4(b0, b1, b2, b3);
    if (!v128.any_true(v128.or(f32x4.ge(s, floor), f32x4.ge(t, floor)))) continue;
    offerFour(heap, heapBytes, k, s, r, skip, skipStep);
    offerFour(heap, heapBytes, k, t, r + 1, skip, skipStep);
    floor = floorOfFour(heap, heapBytes);
  }
  if (r < r1) {
    const s = dot4(rowAt(V, r, stride), x, x1, x2, x3, stride);
    offerFour(heap, heapBytes, k, s, r, skip, skipStep);
  }
}

/** What a score must reach to enter, for four heaps heapBytes apart. */
// @ts-ignore: decorator
@inline
function floorOfFour(heap: usize, heapBytes: usize): v128 {
  const floor = f32x4.splat(load<f32>(heap));
  const floor1 = f32x4.replace_lane(floor, 1, load<f32>(heap + heapBytes));
  const floor2 = f32x4.replace_lane(floor1, 2, load<f32>(heap + 2 * heapBytes));
  return f32x4.replace_lane(floor2, 3, load<f32>(heap + 3 * heapBytes));
}

/** Offers `row` to four heaps, its score for each in a lane. */
function offerFour(
  heap: usize,
  heapBytes: usize,
  k: u32,
  scores: v128,
  row: u32,
  skip: usize,
  skipStep: usize,
): void {
  offer(heap, k, f32x4.extract_lane(scores, 0), row, skip);
  offer(heap + heapBytes, k, f32x4.extract_lane(scores, 1), row, skip + skipStep);
  offer(heap + 2 * heapBytes, k, f32x4.extract_lane(scores, 2), row, skip + 2 * skipStep);
  offer(heap + 3 * heapBytes, k, f32x4.extract_lane(scores, 3), row, skip + 3 * skipStep);
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
