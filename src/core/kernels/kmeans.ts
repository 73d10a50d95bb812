// Spherical k-means (Dhillon & Modha 2001).
import { at4, dot, rowAt, strideOf } from './simd';

// Nearest centroids are found in int16: one instruction multiplies and adds eight pairs where f32 needs four. Unit vectors
// are scaled to length 32,000, so that, by Cauchy and Schwarz, no sum passes 32,000² (and rounding) < 2^31; what rounding
// changes is less than .0004 of a cosine. Sums of integers have the same bits in any order.
const SCALE: f32 = 32000;

/** Centroids of a tile. */
export const TILE: u32 = 12;

/** Eight f32 at p as int16. */
// @ts-ignore: decorator
@inline
function quantize8(p: usize): v128 {
  const by = f32x4.splat(SCALE);
  const low = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(p), by)));
  const high = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(p, 16), by)));
  return i16x8.narrow_i32x4_s(low, high);
}

/**
 * Tiles t0 … t1 − 1 of centroids as assignRows reads them: int16 [tiles × d/2 × 12 × 2], two dims of twelve centroids side by
 * side. centroids: f32 [numCentroids × d], unit vectors. The last tile is filled up with the last centroid. scratch: 2d bytes.
 */
export function packCentroids(
  t0: u32,
  t1: u32,
  centroids: usize,
  numCentroids: u32,
  d: u32,
  packed: usize,
  scratch: usize,
): void {
  const stride = strideOf(d),
    rowBytes = stride >> 1;
  for (let t = t0; t < t1; t++) {
    const tile = packed + <usize>t * TILE * rowBytes;
    for (let j: u32 = 0; j < TILE; j++) {
      const c = rowAt(centroids, min(t * TILE + j, numCentroids - 1), stride);
      for (let o: usize = 0; o < rowBytes; o += 16) v128.store(scratch + o, quantize8(c + 2 * o));
      for (let o: usize = 0; o < rowBytes; o += 4) store<u32>(tile + o * TILE + 4 * j, load<u32>(scratch + o));
    }
  }
}

/**
 * The centroid of largest inner product for the rows members[p0] … members[p1 − 1] of V, ties to the lower centroid, into
 * assignment: u32 by row, counted from `first` on; that inner product into scores: f32 by row. Only where it is larger than
 * what stands in scores: what was found among other centroids stays where that is nearer. V: f32 [· × d], unit vectors; packed: of
 * packCentroids, `tiles` tiles; scratch: 8d bytes. Cost: (p1 − p0) · 12 tiles · d multiplications, 4 rows × 12 centroids
 * at a time.
 */
export function assignRows(
  p0: u32,
  p1: u32,
  members: usize,
  V: usize,
  d: u32,
  packed: usize,
  tiles: u32,
  first: u32,
  assignment: usize,
  scores: usize,
  scratch: usize,
): void {
  const stride = strideOf(d),
    rowBytes = stride >> 1;
  for (let p = p0; p < p1; p += 4) {
    const rows = min<u32>(4, p1 - p);
    for (let i: u32 = 0; i < 4; i++) {
      // Past the last member the tile works on the last again.
      const row = load<u32>(at4(members, p + min(i, rows - 1))),
        v = rowAt(V, row, stride),
        x = scratch + <usize>i * rowBytes;
      for (let o: usize = 0; o < rowBytes; o += 16) v128.store(x + o, quantize8(v + 2 * o));
    }
    assignFour(rows, at4(members, p), rowBytes, packed, tiles, first, assignment, scores, scratch);
  }
}

function assignFour(
  rows: u32,
  members: usize,
  rowBytes: usize,
  packed: usize,
  tiles: u32,
  first: u32,
  assignment: usize,
  scores: usize,
  x: usize,
): void {
  const x1 = x + rowBytes,
    x2 = x1 + rowBytes,
    x3 = x2 + rowBytes;
  // Lane l holds the best among centroids ≡ l mod 4 so far, and which it is.
  let best0 = i32x4.splat(i32.MIN_VALUE),
    best1 = best0,
    best2 = best0,
    best3 = best0;
  let at0 = i32x4.splat(0),
    at1 = at0,
    at2 = at0,
    at3 = at0;
  let c0 = i32x4(0, 1, 2, 3);
  let p = packed;
  for (let tile: u32 = 0; tile < tiles; tile++) {
    let a0 = i32x4.splat(0),
      a1 = a0,
      a2 = a0,
      b0 = a0,
      b1 = a0,
      b2 = a0,
      e0 = a0,
      e1 = a0,
      e2 = a0,
      g0 = a0,
      g1 = a0,
      g2 = a0;
    for (let o: usize = 0; o < rowBytes; o += 4) {
      const v0 = v128.load(p),
        v1 = v128.load(p, 16),
        v2 = v128.load(p, 32);
      let s = v128.load_splat<u32>(x + o);
      a0 = i32x4.add(a0, i32x4.dot_i16x8_s(s, v0));
      a1 = i32x4.add(a1, i32x4.dot_i16x8_s(s, v1));
      a2 = i32x4.add(a2, i32x4.dot_i16x8_s(s, v2));
      s = v128.load_splat<u32>(x1 + o);
      b0 = i32x4.add(b0, i32x4.dot_i16x8_s(s, v0));
      b1 = i32x4.add(b1, i32x4.dot_i16x8_s(s, v1));
      b2 = i32x4.add(b2, i32x4.dot_i16x8_s(s, v2));
      s = v128.load_splat<u32>(x2 + o);
      e0 = i32x4.add(e0, i32x4.dot_i16x8_s(s, v0));
      e1 = i32x4.add(e1, i32x4.dot_i16x8_s(s, v1));
      e2 = i32x4.add(e2, i32x4.dot_i16x8_s(s, v2));
      s = v128.load_splat<u32>(x3 + o);
      g0 = i32x4.add(g0, i32x4.dot_i16x8_s(s, v0));
      g1 = i32x4.add(g1, i32x4.dot_i16x8_s(s, v1));
      g2 = i32x4.add(g2, i32x4.dot_i16x8_s(s, v2));
      p += 48;
    }
    const c1 = i32x4.add(c0, i32x4.splat(4)),
      c2 = i32x4.add(c0, i32x4.splat(8));
    let wins = i32x4.gt_s(a0, best0);
    best0 = v128.bitselect(a0, best0, wins);
    at0 = v128.bitselect(c0, at0, wins);
    wins = i32x4.gt_s(a1, best0);
    best0 = v128.bitselect(a1, best0, wins);
    at0 = v128.bitselect(c1, at0, wins);
    wins = i32x4.gt_s(a2, best0);
    best0 = v128.bitselect(a2, best0, wins);
    at0 = v128.bitselect(c2, at0, wins);
    wins = i32x4.gt_s(b0, best1);
    best1 = v128.bitselect(b0, best1, wins);
    at1 = v128.bitselect(c0, at1, wins);
    wins = i32x4.gt_s(b1, best1);
    best1 = v128.bitselect(b1, best1, wins);
    at1 = v128.bitselect(c1, at1, wins);
    wins = i32x4.gt_s(b2, best1);
    best1 = v128.bitselect(b2, best1, wins);
    at1 = v128.bitselect(c2, at1, wins);
    wins = i32x4.gt_s(e0, best2);
    best2 = v128.bitselect(e0, best2, wins);
    at2 = v128.bitselect(c0, at2, wins);
    wins = i32x4.gt_s(e1, best2);
    best2 = v128.bitselect(e1, best2, wins);
    at2 = v128.bitselect(c1, at2, wins);
    wins = i32x4.gt_s(e2, best2);
    best2 = v128.bitselect(e2, best2, wins);
    at2 = v128.bitselect(c2, at2, wins);
    wins = i32x4.gt_s(g0, best3);
    best3 = v128.bitselect(g0, best3, wins);
    at3 = v128.bitselect(c0, at3, wins);
    wins = i32x4.gt_s(g1, best3);
    best3 = v128.bitselect(g1, best3, wins);
    at3 = v128.bitselect(c1, at3, wins);
    wins = i32x4.gt_s(g2, best3);
    best3 = v128.bitselect(g2, best3, wins);
    at3 = v128.bitselect(c2, at3, wins);
    c0 = i32x4.add(c0, i32x4.splat(12));
  }
  storeBest(best0, at0, first, load<u32>(members), assignment, scores);
  if (rows > 1) storeBest(best1, at1, first, load<u32>(members, 4), assignment, scores);
  if (rows > 2) storeBest(best2, at2, first, load<u32>(members, 8), assignment, scores);
  if (rows > 3) storeBest(best3, at3, first, load<u32>(members, 12), assignment, scores);
}

/** The best of four lanes, ties to the lower centroid, where it beats what stands there. */
function storeBest(
  best: v128,
  centroids: v128,
  first: u32,
  row: u32,
  assignment: usize,
  scores: usize,
): void {
  let s = i32x4.extract_lane(best, 0),
    c = i32x4.extract_lane(centroids, 0);
  const s1 = i32x4.extract_lane(best, 1),
    c1 = i32x4.extract_lane(centroids, 1);
  if (s1 > s || (s1 == s && c1 < c)) {
    s = s1;
    c = c1;
  }
  const s2 = i32x4.extract_lane(best, 2),
    c2 = i32x4.extract_lane(centroids, 2);
  if (s2 > s || (s2 == s && c2 < c)) {
    s = s2;
    c = c2;
  }
  const s3 = i32x4.extract_lane(best, 3),
    c3 = i32x4.extract_lane(centroids, 3);
  if (s3 > s || (s3 == s && c3 < c)) {
    s = s3;
    c = c3;
  }
  const score = <f32>s / (SCALE * SCALE);
  if (!(score > load<f32>(at4(scores, row)))) return;
  store<u32>(at4(assignment, row), first + <u32>c);
  store<f32>(at4(scores, row), score);
}

/**
 * Centroids c0 … c1 − 1 become the normalized sum of their members. V: f32 [· × d]; members: u32 rows grouped by
 * centroid, offsets: u32 [numCentroids + 1]. Members are added in the order given, so the bits do not depend on threads.
 * A centroid without members, or whose members cancel out, stays as it was.
 */
export function updateCentroids(
  c0: u32,
  c1: u32,
  V: usize,
  d: u32,
  members: usize,
  offsets: usize,
  centroids: usize,
  sum: usize,
): void {
  const stride = strideOf(d);
  for (let c = c0; c < c1; c++) {
    const from = load<u32>(at4(offsets, c)),
      to = load<u32>(at4(offsets, c), 4);
    memory.fill(sum, 0, stride);
    for (let m = from; m < to; m++) {
      const v = rowAt(V, load<u32>(at4(members, m)), stride);
      for (let o: usize = 0; o < stride; o += 16)
        v128.store(sum + o, f32x4.add(v128.load(sum + o), v128.load(v + o)));
    }
    const norm = sqrt<f32>(dot(sum, sum, stride));
    if (norm == 0) continue;
    const by = f32x4.splat(<f32>1 / norm),
      target = rowAt(centroids, c, stride);
    for (let o: usize = 0; o < stride; o += 16) v128.store(target + o, f32x4.mul(v128.load(sum + o), by));
  }
}
