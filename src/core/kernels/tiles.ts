// Symmetric matrices in f64 as the tiles of their lower triangle, and their inverses in place.
//
// A matrix of n rows is cut into tiles of 64 × 64; a tile is row-major and 32 KiB. Tile (i, j), j ≤ i, is the
// i(i + 1)/2 + j-th: half the bytes of the square, and every tile's rows stand together. Rows past n, up to the next
// multiple of 64, are those of the unit matrix. Of a tile on the diagonal only the lower half counts.
//
// A pack of a 64 × 64 matrix has 16 groups of 4 rows: [16][64][4], so that a product reads both of its operands from
// front to back.

/** Rows of a tile, as a power of two, and bytes of a tile. */
export const TILE_BITS: u32 = 6;
export const TILE: usize = 1 << TILE_BITS;
export const TILE_BYTES: usize = (TILE * TILE) << 3;
/** Bytes of a tile's row, and of a group of a pack. */
export const TILE_ROW: usize = TILE << 3;
const GROUP: usize = TILE_ROW << 2;

/** Address of tile (i, j), j ≤ i. */
// @ts-ignore: decorator
@inline
export function tileAt(tiles: usize, i: u32, j: u32): usize {
  return tiles + <usize>((i * (i + 1)) / 2 + j) * TILE_BYTES;
}

/**
 * out ∓ or = the 4 × 4 block Σ_q row[q]ᵀ · column[q] of two groups; its rows stand `stride` bytes apart. Eight sums
 * share six loads.
 */
// @ts-ignore: decorator
@inline
function product(row: usize, column: usize, out: usize, stride: usize, subtract: bool): void {
  let a0 = f64x2.splat(0),
    a1 = a0,
    b0 = a0,
    b1 = a0,
    c0 = a0,
    c1 = a0,
    e0 = a0,
    e1 = a0;
  const end = column + GROUP;
  while (column < end) {
    const v0 = v128.load(column),
      v1 = v128.load(column, 16);
    let q = v128.load_splat<f64>(row);
    a0 = f64x2.add(a0, f64x2.mul(q, v0));
    a1 = f64x2.add(a1, f64x2.mul(q, v1));
    q = v128.load_splat<f64>(row, 8);
    b0 = f64x2.add(b0, f64x2.mul(q, v0));
    b1 = f64x2.add(b1, f64x2.mul(q, v1));
    q = v128.load_splat<f64>(row, 16);
    c0 = f64x2.add(c0, f64x2.mul(q, v0));
    c1 = f64x2.add(c1, f64x2.mul(q, v1));
    q = v128.load_splat<f64>(row, 24);
    e0 = f64x2.add(e0, f64x2.mul(q, v0));
    e1 = f64x2.add(e1, f64x2.mul(q, v1));
    row += 32;
    column += 32;
  }
  put(out, a0, a1, subtract);
  put(out + stride, b0, b1, subtract);
  put(out + 2 * stride, c0, c1, subtract);
  put(out + 3 * stride, e0, e1, subtract);
}

// @ts-ignore: decorator
@inline
function put(out: usize, low: v128, high: v128, subtract: bool): void {
  v128.store(out, subtract ? f64x2.sub(v128.load(out), low) : low);
  v128.store(out, subtract ? f64x2.sub(v128.load(out, 16), high) : high, 16);
}

/**
 * The inverse of the tile at `tile`, which must be positive definite, as a pack at `pack` (it is symmetric, so rows and
 * columns are one); scratch: a tile. Returns 0, or 1 where a pivot is not positive. 64³ multiplications.
 */
export function invertTile(tile: usize, pack: usize, scratch: usize): u32 {
  for (let r: usize = 0; r < TILE; r++) {
    for (let c: usize = 0; c <= r; c++) {
      const value = load<f64>(tile + r * TILE_ROW + (c << 3));
      store<f64>(scratch + r * TILE_ROW + (c << 3), value);
      store<f64>(scratch + c * TILE_ROW + (r << 3), value);
    }
  }
  for (let p: usize = 0; p < TILE; p++) {
    const row = scratch + p * TILE_ROW;
    const pivot = load<f64>(row + (p << 3));
    if (!(pivot > 0)) return 1;
    const by = f64x2.splat(1 / pivot);
    for (let o: usize = 0; o < TILE_ROW; o += 16) v128.store(row + o, f64x2.mul(v128.load(row + o), by));
    for (let r: usize = 0; r < TILE; r++) {
      if (r == p) continue;
      const other = scratch + r * TILE_ROW;
      const factor = load<f64>(other + (p << 3));
      const times = f64x2.splat(factor);
      for (let o: usize = 0; o < TILE_ROW; o += 16)
        v128.store(other + o, f64x2.sub(v128.load(other + o), f64x2.mul(times, v128.load(row + o))));
      // What stood there is the pivot's column: factor / pivot.
      store<f64>(other + (p << 3), factor / pivot);
    }
    store<f64>(row + (p << 3), -1 / pivot);
  }
  for (let r: usize = 0; r < TILE; r++)
    for (let c: usize = 0; c < TILE; c++) {
      // Rounding differs on the two sides of the diagonal: the lower one counts.
      const at = scratch + max(r, c) * TILE_ROW + (min(r, c) << 3);
      store<f64>(pack + (r >> 2) * GROUP + (c << 5) + ((r & 3) << 3), -load<f64>(at));
    }
  return 0;
}

/**
 * Sweep of tile row k, first half, for tile rows i0 … i1 − 1 but k: V_i becomes the pack of A_ik and W_i that of A_ik·D,
 * D the pack of A_kk's inverse. V, W: a pack a tile row. Reads `tiles`, writes V and W only. 64³ multiplications a row.
 */
export function sweepPanel(i0: u32, i1: u32, tiles: usize, k: u32, D: usize, V: usize, W: usize): void {
  for (let i = i0; i < i1; i++) {
    if (i == k) continue;
    const v = V + <usize>i * TILE_BYTES,
      w = W + <usize>i * TILE_BYTES;
    if (i > k) packRows(tileAt(tiles, i, k), v);
    else packColumns(tileAt(tiles, k, i), v);
    for (let r: usize = 0; r < TILE_BYTES; r += GROUP)
      for (let p: usize = 0; p < TILE; p += 4)
        product(D + (p >> 2) * GROUP, v + r, w + r + (p << 5), 32, false);
  }
}

/** The pack of a tile. */
function packRows(tile: usize, pack: usize): void {
  for (let r: usize = 0; r < TILE; r++) {
    let from = tile + r * TILE_ROW,
      to = pack + (r >> 2) * GROUP + ((r & 3) << 3);
    for (let c: usize = 0; c < TILE; c++, from += 8, to += 32) store<f64>(to, load<f64>(from));
  }
}

/** The pack of a tile's transpose. */
function packColumns(tile: usize, pack: usize): void {
  for (let r: usize = 0; r < TILE; r++) {
    let from = tile + r * TILE_ROW,
      to = pack + (r << 5);
    for (let c: usize = 0; c < TILE; c += 4, from += 32, to += GROUP) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
    }
  }
}

/** The tile of a pack. */
function unpackRows(pack: usize, tile: usize): void {
  for (let r: usize = 0; r < TILE; r++) {
    let from = pack + (r >> 2) * GROUP + ((r & 3) << 3),
      to = tile + r * TILE_ROW;
    for (let c: usize = 0; c < TILE; c++, from += 32, to += 8) store<f64>(to, load<f64>(from));
  }
}

/** The transposed tile of a pack. */
function unpackColumns(pack: usize, tile: usize): void {
  for (let r: usize = 0; r < TILE; r++) {
    let from = pack + (r << 5),
      to = tile + r * TILE_ROW;
    for (let c: usize = 0; c < TILE; c += 4, from += GROUP, to += 32) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
    }
  }
}

/**
 * Sweep of tile row k, second half, for the tiles numbered t0 … t1 − 1: A_ij −= A_ik·D·A_kj, A_ik ← A_ik·D, A_kk ← −D.
 * Once every tile row was swept A is −A⁻¹ (Goodnight 1979, "A Tutorial on the SWEEP Operator", here by blocks). For a
 * positive definite A every pivot is a Schur complement, positive definite again, so nothing is exchanged.
 * 64³ multiplications a tile; n³/2 for the whole inverse.
 */
export function sweepTiles(t0: u32, t1: u32, tiles: usize, k: u32, D: usize, V: usize, W: usize): void {
  let i = tileRowOf(t0);
  let j = t0 - (i * (i + 1)) / 2;
  for (let t = t0; t < t1; t++) {
    const tile = tiles + <usize>t * TILE_BYTES;
    if (i == k && j == k) {
      unpackRows(D, tile);
      for (let o: usize = 0; o < TILE_BYTES; o += 16) v128.store(tile + o, f64x2.neg(v128.load(tile + o)));
    } else if (j == k) unpackRows(W + <usize>i * TILE_BYTES, tile);
    else if (i == k) unpackColumns(W + <usize>j * TILE_BYTES, tile);
    else {
      const w = W + <usize>i * TILE_BYTES,
        v = V + <usize>j * TILE_BYTES;
      for (let r: usize = 0; r < TILE; r += 4)
        for (let c: usize = 0; c < TILE; c += 4)
          product(w + (r >> 2) * GROUP, v + (c >> 2) * GROUP, tile + r * TILE_ROW + (c << 3), TILE_ROW, true);
    }
    if (++j > i) {
      i++;
      j = 0;
    }
  }
}

/** The largest i with i(i + 1)/2 ≤ t. */
export function tileRowOf(t: u32): u32 {
  let i = <u32>((sqrt<f64>(8 * <f64>t + 1) - 1) / 2);
  while ((i * (i + 1)) / 2 > t) i--;
  while (((i + 1) * (i + 2)) / 2 <= t) i++;
  return i;
}
