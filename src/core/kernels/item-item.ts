// Item × item matrices B, and scores of histories by them. B is dense or sparse: f32 in tiles as similarityTiles leaves them
// (`rowW`, `rowIndptr` 0), or compressed sparse rows, columns ascending. Scores Σ w · B[idx] of a history go in f32 in the order
// of its entries, from either layout as addScaled and addSparse make them.
import { rankScores } from './scan';
import { at4, at8 } from './simd';
import { TILE, TILE_BITS, TILE_BYTES, tileAt } from './tiles';

/** Address of the 64 numbers f32 that row `row` of B has in tile column t. */
// @ts-ignore: decorator
@inline
function runAt(B: usize, row: u32, t: u32): usize {
  const i = row >> TILE_BITS,
    r = ((<usize>row & (TILE - 1)) * TILE) << 2;
  return i >= t ? tileAt(B, i, t) + r : tileAt(B, t, i) + TILE_BYTES / 2 + r;
}

/** Rows r0 … r1 − 1 of B as f32 [(r1 − r0) × n] at `out`, row r0 at its start. */
export function similarityRows(r0: u32, r1: u32, B: usize, n: u32, out: usize): void {
  for (let row = r0; row < r1; row++)
    for (let c: u32 = 0; c < n; c += <u32>TILE) {
      memory.copy(out, runAt(B, row, c >> TILE_BITS), <usize>min(<u32>TILE, n - c) << 2);
      out += <usize>min(<u32>TILE, n - c) << 2;
    }
}

/** The other way: n numbers at `values` become row `row` of B. Past n up to the multiple of 64 stand zeros. */
export function setSimilarityRow(row: u32, B: usize, n: u32, values: usize): void {
  for (let c: u32 = 0; c < n; c += <u32>TILE) {
    const run = runAt(B, row, c >> TILE_BITS),
      bytes = <usize>min(<u32>TILE, n - c) << 2;
    memory.copy(run, values + at4(0, c), bytes);
    memory.fill(run + bytes, 0, (TILE << 2) - bytes);
  }
}

/** sum += weight · row, n numbers f32 each, n a multiple of 4. */
export function addScaled(n: u32, weight: f32, row: usize, sum: usize): void {
  const w = f32x4.splat(weight);
  for (let o: usize = 0; o < <usize>n << 2; o += 16)
    v128.store(sum + o, f32x4.add(v128.load(sum + o), f32x4.mul(w, v128.load(row + o))));
}

/** sum[idx_p] += weight · values_p, n entries f32: the bits that addScaled gives the same row with its zeros. */
export function addSparse(n: u32, weight: f32, idx: usize, values: usize, sum: usize): void {
  for (let p: u32 = 0; p < n; p++) {
    const to = at4(sum, load<u32>(at4(idx, p)));
    store<f32>(to, load<f32>(to) + weight * load<f32>(at4(values, p)));
  }
}

/**
 * For histories q0 … q1 − 1, the k items of largest scores into heaps, k entries each; the history's own items are left out.
 * indptr u32 [· + 1], idx u32 ascending, w f32: sparse rows by history; an entry of weight 0 only leaves out. Scratch: f32 [n
 * padded to 64] and a bitmap of n bits.
 */
export function rankHistories(
  q0: u32, q1: u32,
  indptr: usize, idx: usize, w: usize,
  rowIndptr: usize, rowIdx: usize, rowW: usize,
  n: u32, k: u32, heaps: usize, scratch: usize,
): void {
  const skip = at4(scratch, padded(n));
  memory.fill(skip, 0, (n + 7) >> 3);
  for (let q = q0; q < q1; q++) {
    const from = load<u32>(at4(indptr, q)),
      end = load<u32>(at4(indptr, q), 4);
    sumRows(from, end, idx, w, rowIndptr, rowIdx, rowW, n, scratch);
    rankScores(n, scratch, from, end, idx, skip, k, at8(heaps, <usize>q * k));
  }
}

/** The scores of all items that rankHistories ranks by, into out: f32 [· × n], by history. Scratch: f32 [n padded to 64]. */
export function scoreHistories(
  q0: u32, q1: u32,
  indptr: usize, idx: usize, w: usize,
  rowIndptr: usize, rowIdx: usize, rowW: usize,
  n: u32, out: usize, scratch: usize,
): void {
  for (let q = q0; q < q1; q++) {
    const from = load<u32>(at4(indptr, q)),
      end = load<u32>(at4(indptr, q), 4);
    sumRows(from, end, idx, w, rowIndptr, rowIdx, rowW, n, scratch);
    memory.copy(out + ((<usize>q * n) << 2), scratch, at4(0, n));
  }
}

// @ts-ignore: decorator
@inline
function padded(n: u32): u32 {
  return (n + <u32>TILE - 1) & ~(<u32>TILE - 1);
}

/** The scores by the entries from … end − 1: f32 [n padded to 64] at `sums`. */
function sumRows(
  from: u32, end: u32, idx: usize, w: usize,
  rowIndptr: usize, rowIdx: usize, rowW: usize,
  n: u32, sums: usize,
): void {
  if (rowIndptr == 0) {
    for (let c: u32 = 0; c < n; c += <u32>TILE) {
      addRuns(idx, w, from, end, rowW, c >> TILE_BITS, 0, at4(sums, c));
      addRuns(idx, w, from, end, rowW, c >> TILE_BITS, 128, at4(sums, c));
    }
    return;
  }
  memory.fill(sums, 0, at4(0, n));
  for (let p = from; p < end; p++) {
    const value = load<f32>(at4(w, p));
    if (value == 0) continue;
    const item = load<u32>(at4(idx, p)),
      first = load<u32>(at4(rowIndptr, item));
    addSparse(load<u32>(at4(rowIndptr, item), 4) - first, value, at4(rowIdx, first), at4(rowW, first), sums);
  }
}

/** 32 numbers of a tile column's scores, those from byte `o` on. */
// @ts-ignore: decorator
@inline
function addRuns(idx: usize, w: usize, from: u32, end: u32, B: usize, t: u32, o: usize, scores: usize): void {
  let a0 = f32x4.splat(0),
    a1 = a0,
    a2 = a0,
    a3 = a0,
    a4 = a0,
    a5 = a0,
    a6 = a0,
    a7 = a0;
  for (let p = from; p < end; p++) {
    const value = load<f32>(at4(w, p));
    if (value == 0) continue;
    const run = runAt(B, load<u32>(at4(idx, p)), t) + o,
      weight = f32x4.splat(value);
    a0 = f32x4.add(a0, f32x4.mul(weight, v128.load(run)));
    a1 = f32x4.add(a1, f32x4.mul(weight, v128.load(run, 16)));
    a2 = f32x4.add(a2, f32x4.mul(weight, v128.load(run, 32)));
    a3 = f32x4.add(a3, f32x4.mul(weight, v128.load(run, 48)));
    a4 = f32x4.add(a4, f32x4.mul(weight, v128.load(run, 64)));
    a5 = f32x4.add(a5, f32x4.mul(weight, v128.load(run, 80)));
    a6 = f32x4.add(a6, f32x4.mul(weight, v128.load(run, 96)));
    a7 = f32x4.add(a7, f32x4.mul(weight, v128.load(run, 112)));
  }
  scores += o;
  v128.store(scores, a0);
  v128.store(scores, a1, 16);
  v128.store(scores, a2, 32);
  v128.store(scores, a3, 48);
  v128.store(scores, a4, 64);
  v128.store(scores, a5, 80);
  v128.store(scores, a6, 96);
  v128.store(scores, a7, 112);
}
