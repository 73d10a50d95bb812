// EASE (Steck 2019, "Embarrassingly Shallow Autoencoders for Sparse Data"): B = −P / diag(P) off the diagonal and 0 on it,
// P = (XᵀX + λI)⁻¹. X is users × items in compressed sparse rows, in both orders: indptr u32 [rows + 1], idx u32 [nnz],
// w f32 [nnz], signed. Symmetric matrices stand in tiles (tiles.ts); S is −P, or −XᵀKX with K = (XXᵀ + λI)⁻¹, since
// P = (I − XᵀKX) / λ (Woodbury).
import { at4, at8 } from './simd';
import { TILE, TILE_BITS, TILE_BYTES, TILE_ROW, tileAt, tileRowOf } from './tiles';

/**
 * Tile rows t0 … t1 − 1 of AAᵀ + λI, A sparse of n rows, over whose columns `columns…` is the same matrix the other way
 * round. Cost: for each entry of the rows, the entries of its column that stand above.
 */
export function sparseGramTiles(
  t0: u32,
  t1: u32,
  indptr: usize,
  idx: usize,
  w: usize,
  columnIndptr: usize,
  columnIdx: usize,
  columnW: usize,
  n: u32,
  lambda: f64,
  tiles: usize,
): void {
  for (let t = t0; t < t1; t++) {
    const first = tileAt(tiles, t, 0);
    memory.fill(first, 0, <usize>(t + 1) * TILE_BYTES);
    for (let r: usize = 0; r < TILE; r++) {
      const row = (t << TILE_BITS) + <u32>r,
        base = first + r * TILE_ROW,
        diagonal = base + <usize>t * TILE_BYTES + (r << 3);
      if (row >= n) {
        store<f64>(diagonal, 1);
        continue;
      }
      const end = load<u32>(at4(indptr, row), 4);
      for (let p = load<u32>(at4(indptr, row)); p < end; p++) {
        const column = load<u32>(at4(idx, p)),
          weight = <f64>load<f32>(at4(w, p)),
          last = load<u32>(at4(columnIndptr, column), 4);
        for (let q = load<u32>(at4(columnIndptr, column)); q < last; q++) {
          const other = load<u32>(at4(columnIdx, q));
          if (other > row) break;
          const sum = base + <usize>(other >> TILE_BITS) * TILE_BYTES + ((<usize>other & (TILE - 1)) << 3);
          store<f64>(sum, load<f64>(sum) + weight * <f64>load<f32>(at4(columnW, q)));
        }
      }
      store<f64>(diagonal, load<f64>(diagonal) + lambda);
    }
  }
}

// @ts-ignore: decorator
@inline
function tilesOf(n: u32): u32 {
  return (n + <u32>TILE - 1) >> TILE_BITS;
}

/**
 * Tile columns t0 … t1 − 1 of S = XᵀKX, X as sparse columns: `indptr` … by item. K: tiles of m rows; S: tiles of n rows.
 * Scratch: two tiles, 64 u32, and f64 [m padded × 64]. Cost a column tile: its entries × m, and entries from there on × 64.
 */
export function itemTiles(
  t0: u32,
  t1: u32,
  indptr: usize,
  idx: usize,
  w: usize,
  n: u32,
  K: usize,
  m: u32,
  S: usize,
  scratch: usize,
): void {
  const half = scratch + 2 * TILE_BYTES + (TILE << 2),
    tileRows = tilesOf(n);
  for (let t = t0; t < t1; t++) {
    halfProduct(t, indptr, idx, w, n, K, m, scratch, half);
    for (let j = t << TILE_BITS; j < tileRows << TILE_BITS; j++) {
      const out = tileAt(S, j >> TILE_BITS, t) + (<usize>j & (TILE - 1)) * TILE_ROW;
      memory.fill(out, 0, TILE_ROW);
      if (j >= n) continue;
      const from = load<u32>(at4(indptr, j)),
        end = load<u32>(at4(indptr, j), 4);
      // A quarter of the row at a time stays in registers.
      for (let o: usize = 0; o < TILE_ROW; o += 128) addEntries(idx, w, from, end, half + o, out + o);
    }
  }
}

/** 16 numbers at `out` become Σ_p w_p · rows[idx_p], rows TILE_ROW apart. */
// @ts-ignore: decorator
@inline
function addEntries(idx: usize, w: usize, from: u32, end: u32, rows: usize, out: usize): void {
  let a0 = f64x2.splat(0),
    a1 = a0,
    a2 = a0,
    a3 = a0,
    a4 = a0,
    a5 = a0,
    a6 = a0,
    a7 = a0;
  for (let p = from; p < end; p++) {
    const row = rows + <usize>load<u32>(at4(idx, p)) * TILE_ROW;
    const weight = f64x2.splat(<f64>load<f32>(at4(w, p)));
    a0 = f64x2.add(a0, f64x2.mul(weight, v128.load(row)));
    a1 = f64x2.add(a1, f64x2.mul(weight, v128.load(row, 16)));
    a2 = f64x2.add(a2, f64x2.mul(weight, v128.load(row, 32)));
    a3 = f64x2.add(a3, f64x2.mul(weight, v128.load(row, 48)));
    a4 = f64x2.add(a4, f64x2.mul(weight, v128.load(row, 64)));
    a5 = f64x2.add(a5, f64x2.mul(weight, v128.load(row, 80)));
    a6 = f64x2.add(a6, f64x2.mul(weight, v128.load(row, 96)));
    a7 = f64x2.add(a7, f64x2.mul(weight, v128.load(row, 112)));
  }
  v128.store(out, a0);
  v128.store(out, a1, 16);
  v128.store(out, a2, 32);
  v128.store(out, a3, 48);
  v128.store(out, a4, 64);
  v128.store(out, a5, 80);
  v128.store(out, a6, 96);
  v128.store(out, a7, 112);
}

/** f64 [m padded × 64] at `half`: K times the columns of X that are the items of tile t. */
function halfProduct(
  t: u32,
  indptr: usize,
  idx: usize,
  w: usize,
  n: u32,
  K: usize,
  m: u32,
  scratch: usize,
  half: usize,
): void {
  const sums = scratch,
    turned = scratch + TILE_BYTES,
    next = turned + TILE_BYTES;
  const item0 = t << TILE_BITS,
    count = min(<u32>TILE, n - item0),
    userTiles = tilesOf(m);
  for (let u: u32 = 0; u < userTiles; u++) {
    memory.fill(sums, 0, TILE_BYTES);
    memory.copy(next, at4(indptr, item0), <usize>count << 2);
    for (let v: u32 = 0; v < userTiles; v++) {
      // Rows of K(v, u): those of the tile, or of its mirror image. On the diagonal the lower half counts.
      let tile = turned;
      if (v > u) tile = tileAt(K, v, u);
      else turn(tileAt(K, u, v), turned, u == v);
      const end = (v + 1) << TILE_BITS;
      for (let r: u32 = 0; r < count; r++) {
        const last = load<u32>(at4(indptr, item0 + r), 4),
          sum = sums + <usize>r * TILE_ROW;
        let p = load<u32>(at4(next, r));
        for (; p < last; p++) {
          const user = load<u32>(at4(idx, p));
          if (user >= end) break;
          const row = tile + (<usize>user & (TILE - 1)) * TILE_ROW,
            weight = f64x2.splat(<f64>load<f32>(at4(w, p)));
          for (let o: usize = 0; o < TILE_ROW; o += 32) {
            v128.store(sum + o, f64x2.add(v128.load(sum + o), f64x2.mul(weight, v128.load(row + o))));
            v128.store(
              sum + o,
              f64x2.add(v128.load(sum + o, 16), f64x2.mul(weight, v128.load(row + o, 16))),
              16,
            );
          }
        }
        store<u32>(at4(next, r), p);
      }
    }
    turn(sums, half + <usize>u * TILE_BYTES, false);
  }
}

/** The transpose of a tile; with `mirror` the symmetric tile whose lower half is this one's. */
function turn(tile: usize, out: usize, mirror: bool): void {
  for (let r: usize = 0; r < TILE; r++)
    for (let c: usize = 0; c < TILE; c++) {
      const lower = mirror && c < r;
      const from = tile + (lower ? r * TILE_ROW + (c << 3) : c * TILE_ROW + (r << 3));
      store<f64>(out + r * TILE_ROW + (c << 3), load<f64>(from));
    }
}

/**
 * Tiles t0 … t1 − 1 of S become those of B, in place: the f64 tile (i, j) becomes two of f32, B(i, j) and, after it,
 * B(j, i), each row-major. B_ij = S_ij · factor_j, factor: f64 by item; 0 on the diagonal. Scratch: a tile.
 */
export function similarityTiles(t0: u32, t1: u32, S: usize, factor: usize, scratch: usize): void {
  let i = tileRowOf(t0);
  let j = t0 - (i * (i + 1)) / 2;
  for (let t = t0; t < t1; t++) {
    const tile = S + <usize>t * TILE_BYTES,
      mirrored = tile + TILE_BYTES / 2;
    memory.copy(scratch, tile, TILE_BYTES);
    const rowFactor = factor + <usize>i * TILE_ROW,
      columnFactor = factor + <usize>j * TILE_ROW;
    for (let r: usize = 0; r < TILE; r++)
      for (let c: usize = 0; c < TILE; c++) {
        const at = i == j && c > r ? c * TILE_ROW + (r << 3) : r * TILE_ROW + (c << 3);
        const value = i == j && c == r ? 0 : load<f64>(scratch + at);
        store<f32>(tile + (((r << TILE_BITS) + c) << 2), <f32>(value * load<f64>(at8(columnFactor, c))));
        store<f32>(mirrored + (((c << TILE_BITS) + r) << 2), <f32>(value * load<f64>(at8(rowFactor, r))));
      }
    if (++j > i) {
      i++;
      j = 0;
    }
  }
}
