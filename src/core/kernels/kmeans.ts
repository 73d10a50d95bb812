// Spherical k-means (Dhillon & Modha 2001) and search in the inverted lists that it gives.
import { at4, at8, dot, mulAdd, rowAt, strideOf } from './simd';
import { clearHeap, scanTopK } from './scan';

/** Centroids of one tile of `assignRows`; their number is padded to a multiple of it. */
const TILE: u32 = 12;

/**
 * The centroid of largest inner product for rows r0 … r1 − 1, ties to the lower centroid, into assignment: u32 by row.
 * V: f32 [· × d], with room for three rows past the last (read, never used); CT: f32 [d × padded], the centroids
 * transposed, `padded` a multiple of 12; numCentroids ≤ padded; tile: 192 bytes of scratch.
 * Cost: (r1 − r0) · numCentroids · 2d flops, 4 rows × 12 centroids at a time.
 */
export function assignRows(
  r0: u32,
  r1: u32,
  V: usize,
  d: u32,
  CT: usize,
  padded: u32,
  numCentroids: u32,
  assignment: usize,
  tile: usize,
): void {
  const stride = strideOf(d),
    columns = (<usize>padded) << 2;
  for (let r = r0; r < r1; r += 4) {
    const x = rowAt(V, r, stride);
    let best0: f32 = -Infinity,
      best1 = best0,
      best2 = best0,
      best3 = best0;
    let at0: u32 = 0,
      at1: u32 = 0,
      at2: u32 = 0,
      at3: u32 = 0;
    for (let c: u32 = 0; c < numCentroids; c += TILE) {
      let a0 = f32x4.splat(0),
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
      let p = at4(CT, c);
      const end = x + stride;
      for (let q = x; q < end; q += 4) {
        const v0 = v128.load(p),
          v1 = v128.load(p, 16),
          v2 = v128.load(p, 32);
        let s = v128.load_splat<f32>(q);
        a0 = mulAdd(s, v0, a0);
        a1 = mulAdd(s, v1, a1);
        a2 = mulAdd(s, v2, a2);
        s = v128.load_splat<f32>(q + stride);
        b0 = mulAdd(s, v0, b0);
        b1 = mulAdd(s, v1, b1);
        b2 = mulAdd(s, v2, b2);
        s = v128.load_splat<f32>(q + 2 * stride);
        e0 = mulAdd(s, v0, e0);
        e1 = mulAdd(s, v1, e1);
        e2 = mulAdd(s, v2, e2);
        s = v128.load_splat<f32>(q + 3 * stride);
        g0 = mulAdd(s, v0, g0);
        g1 = mulAdd(s, v1, g1);
        g2 = mulAdd(s, v2, g2);
        p += columns;
      }
      v128.store(tile, a0);
      v128.store(tile, a1, 16);
      v128.store(tile, a2, 32);
      v128.store(tile, b0, 48);
      v128.store(tile, b1, 64);
      v128.store(tile, b2, 80);
      v128.store(tile, e0, 96);
      v128.store(tile, e1, 112);
      v128.store(tile, e2, 128);
      v128.store(tile, g0, 144);
      v128.store(tile, g1, 160);
      v128.store(tile, g2, 176);
      const here = min(TILE, numCentroids - c);
      for (let j: u32 = 0; j < here; j++) {
        const o = at4(tile, j);
        let s = load<f32>(o);
        if (s > best0) {
          best0 = s;
          at0 = c + j;
        }
        s = load<f32>(o, 48);
        if (s > best1) {
          best1 = s;
          at1 = c + j;
        }
        s = load<f32>(o, 96);
        if (s > best2) {
          best2 = s;
          at2 = c + j;
        }
        s = load<f32>(o, 144);
        if (s > best3) {
          best3 = s;
          at3 = c + j;
        }
      }
    }
    const out = at4(assignment, r);
    store<u32>(out, at0);
    if (r + 1 < r1) store<u32>(out, at1, 4);
    if (r + 2 < r1) store<u32>(out, at2, 8);
    if (r + 3 < r1) store<u32>(out, at3, 12);
  }
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

/** Copies rows of V, in the order of `members` p0 … p1 − 1, to the same positions of `lists`: f32 [· × d]. */
export function gatherRows(p0: u32, p1: u32, V: usize, d: u32, members: usize, lists: usize): void {
  const stride = strideOf(d);
  for (let p = p0; p < p1; p++)
    memory.copy(rowAt(lists, p, stride), rowAt(V, load<u32>(at4(members, p)), stride), stride);
}

/**
 * For queries q0 … q1 − 1 (rows of Q), the `probes` centroids of largest inner product, then the best k rows within
 * their lists, into heaps: k entries a query. nearest: probes entries of 8 bytes, scratch.
 */
export function searchLists(
  q0: u32,
  q1: u32,
  Q: usize,
  centroids: usize,
  numCentroids: u32,
  d: u32,
  lists: usize,
  members: usize,
  offsets: usize,
  probes: u32,
  k: u32,
  nearest: usize,
  heaps: usize,
): void {
  const stride = strideOf(d);
  for (let q = q0; q < q1; q++) {
    const x = rowAt(Q, q, stride),
      heap = at8(heaps, <usize>q * k);
    clearHeap(nearest, probes);
    scanTopK(0, numCentroids, x, centroids, d, 0, 0, 0, probes, nearest);
    clearHeap(heap, k);
    for (let j: u32 = 0; j < probes; j++) {
      const c = load<u32>(at8(nearest, j), 4);
      const o = at4(offsets, c);
      scanTopK(load<u32>(o), load<u32>(o, 4), x, lists, d, 0, members, 0, k, heap);
    }
  }
}
