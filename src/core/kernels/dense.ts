// Dense products over tall matrices: Gram matrix, rotation, scaling, norms.
import { at4, at8, mulAdd, rowAt, strideOf } from './simd';

/** Rows summed in f32 before they are added to the f64 Gramian: bounds the rounding error, fits the L2 cache. */
const GRAM_BLOCK: u32 = 512;

/**
 * G = VᵀV over rows r0 … r1 − 1. V: f32 [· × d]; G: f64 [d × d], overwritten, symmetric; tile: f32 [d × d], scratch.
 * Blocks of 512 rows are summed in f32, blocks in f64, both in row order: the bits depend on r0 and r1 only.
 * Cost: (r1 − r0) · d² multiplications (one triangle).
 */
export function gram(r0: u32, r1: u32, V: usize, d: u32, G: usize, tile: usize): void {
  const stride = strideOf(d);
  memory.fill(G, 0, (<usize>d * d) << 3);
  for (let r = r0; r < r1; r += GRAM_BLOCK) {
    const v = rowAt(V, r, stride);
    gramBlock(v, v, min(GRAM_BLOCK, r1 - r), d, tile, false);
    for (let i: u32 = 0; i < d; i++) {
      // The upper triangle in tiles of 8 columns, as gramBlock fills it.
      for (let j = i & ~7; j < d; j += 2) {
        const g = at8(G, <usize>i * d + j);
        const t = v128.load64_zero(at4(tile, i * d + j));
        v128.store(g, f64x2.add(v128.load(g), f64x2.promote_low_f32x4(t)));
      }
    }
  }
  for (let i: u32 = 0; i < d; i++)
    for (let j: u32 = 0; j < i; j++)
      store<f64>(at8(G, <usize>i * d + j), load<f64>(at8(G, <usize>j * d + i)));
}

/** f64 arrays of `length` (even) numbers, end to end: the first becomes the sum of all, added in order. */
export function addParts(parts: usize, numParts: u32, length: u32): void {
  const bytes = (<usize>length) << 3,
    end = parts + bytes * numParts;
  for (let part = parts + bytes; part < end; part += bytes)
    for (let o: usize = 0; o < bytes; o += 16)
      v128.store(parts + o, f64x2.add(v128.load(parts + o), v128.load(part + o)));
}

/**
 * G = AᵀB over rows r0 … r1 − 1. A, B: f32 [· × d]; G: f64 [d × d], overwritten; tile: f32 [d × d], scratch. Summed as
 * `gram` sums. Cost: (r1 − r0) · d² multiplications.
 */
export function crossGram(r0: u32, r1: u32, A: usize, B: usize, d: u32, G: usize, tile: usize): void {
  const stride = strideOf(d);
  const length = <usize>d * d;
  memory.fill(G, 0, length << 3);
  for (let r = r0; r < r1; r += GRAM_BLOCK) {
    gramBlock(rowAt(A, r, stride), rowAt(B, r, stride), min(GRAM_BLOCK, r1 - r), d, tile, true);
    for (let i: usize = 0; i < length; i += 2) {
      const t = v128.load64_zero(tile + (i << 2));
      v128.store(at8(G, i), f64x2.add(v128.load(at8(G, i)), f64x2.promote_low_f32x4(t)));
    }
  }
}

/** ‖A[r] − B[r]‖² of rows r0 … r1 − 1, in f64, into out: f64 by row. A, B: f32 [· × d]. */
export function squaredDistances(r0: u32, r1: u32, A: usize, B: usize, d: u32, out: usize): void {
  const stride = strideOf(d);
  for (let r = r0; r < r1; r++) {
    const a = rowAt(A, r, stride),
      b = rowAt(B, r, stride);
    let sum = f64x2.splat(0);
    for (let o: usize = 0; o < stride; o += 8) {
      const x = f64x2.promote_low_f32x4(v128.load64_zero(a + o));
      const y = f64x2.sub(x, f64x2.promote_low_f32x4(v128.load64_zero(b + o)));
      sum = f64x2.add(sum, f64x2.mul(y, y));
    }
    store<f64>(at8(out, r), f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1));
  }
}

/** AᵀB of n rows into the f32 [d × d] at T, in tiles of 4 × 8: all of it, or its upper triangle. */
function gramBlock(A: usize, B: usize, n: u32, d: u32, T: usize, whole: bool): void {
  const stride = strideOf(d);
  const end = B + <usize>n * stride;
  for (let i: usize = 0; i < <usize>d; i += 4) {
    const apart = A - B + (i << 2);
    for (let j: usize = whole ? 0 : (i & ~7) << 2; j < stride; j += 32) {
      let a0 = f32x4.splat(0),
        a1 = a0,
        b0 = a0,
        b1 = a0,
        c0 = a0,
        c1 = a0,
        e0 = a0,
        e1 = a0;
      for (let r = B; r < end; r += stride) {
        const v0 = v128.load(r + j),
          v1 = v128.load(r + j, 16);
        const ri = r + apart;
        let q = v128.load_splat<f32>(ri);
        a0 = mulAdd(q, v0, a0);
        a1 = mulAdd(q, v1, a1);
        q = v128.load_splat<f32>(ri, 4);
        b0 = mulAdd(q, v0, b0);
        b1 = mulAdd(q, v1, b1);
        q = v128.load_splat<f32>(ri, 8);
        c0 = mulAdd(q, v0, c0);
        c1 = mulAdd(q, v1, c1);
        q = v128.load_splat<f32>(ri, 12);
        e0 = mulAdd(q, v0, e0);
        e1 = mulAdd(q, v1, e1);
      }
      const t = T + i * stride + j;
      v128.store(t, a0);
      v128.store(t, a1, 16);
      v128.store(t + stride, b0);
      v128.store(t + stride, b1, 16);
      v128.store(t + 2 * stride, c0);
      v128.store(t + 2 * stride, c1, 16);
      v128.store(t + 3 * stride, e0);
      v128.store(t + 3 * stride, e1, 16);
    }
  }
}

/**
 * Rows r0 … r1 − 1 of V become V·Q, in place. Q: f32 [d × d]; scratch: four rows. V needs room for three rows past its
 * last one: they are read (never written) when r1 − r0 is no multiple of four. Cost: (r1 − r0) · 2d² flops.
 */
export function rotate(r0: u32, r1: u32, V: usize, d: u32, Q: usize, scratch: usize): void {
  const stride = strideOf(d);
  for (let r = r0; r < r1; r += 4) {
    const v = rowAt(V, r, stride);
    rotate4(v, Q, scratch, stride);
    memory.copy(v, scratch, <usize>min(4, r1 - r) * stride);
  }
}

function rotate4(V: usize, Q: usize, Y: usize, stride: usize): void {
  const s2 = stride + stride,
    s3 = s2 + stride;
  for (let j: usize = 0; j < stride; j += 32) {
    let a0 = f32x4.splat(0),
      a1 = a0,
      b0 = a0,
      b1 = a0,
      c0 = a0,
      c1 = a0,
      e0 = a0,
      e1 = a0;
    let q = Q + j;
    const end = V + stride;
    for (let v = V; v < end; v += 4) {
      const q0 = v128.load(q),
        q1 = v128.load(q, 16);
      let x = v128.load_splat<f32>(v);
      a0 = mulAdd(x, q0, a0);
      a1 = mulAdd(x, q1, a1);
      x = v128.load_splat<f32>(v + stride);
      b0 = mulAdd(x, q0, b0);
      b1 = mulAdd(x, q1, b1);
      x = v128.load_splat<f32>(v + s2);
      c0 = mulAdd(x, q0, c0);
      c1 = mulAdd(x, q1, c1);
      x = v128.load_splat<f32>(v + s3);
      e0 = mulAdd(x, q0, e0);
      e1 = mulAdd(x, q1, e1);
      q += stride;
    }
    const y = Y + j;
    v128.store(y, a0);
    v128.store(y, a1, 16);
    v128.store(y + stride, b0);
    v128.store(y + stride, b1, 16);
    v128.store(y + s2, c0);
    v128.store(y + s2, c1, 16);
    v128.store(y + s3, e0);
    v128.store(y + s3, e1, 16);
  }
}

/** Σ over rows r0 … r1 − 1 of weight[r] · ‖V[r]‖², in f64. weight: f32 by row. */
export function weightedSquares(r0: u32, r1: u32, V: usize, d: u32, weight: usize): f64 {
  const stride = strideOf(d);
  let sum: f64 = 0;
  for (let r = r0; r < r1; r++) {
    const v = rowAt(V, r, stride);
    let s = f64x2.splat(0);
    for (let o: usize = 0; o < stride; o += 8) {
      const x = f64x2.promote_low_f32x4(v128.load64_zero(v + o));
      s = f64x2.add(s, f64x2.mul(x, x));
    }
    sum += <f64>load<f32>(at4(weight, r)) * (f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1));
  }
  return sum;
}

/** 1 if every f32 of the n at V is finite, else 0. */
export function allFinite(V: usize, n: u32): u32 {
  const end = at4(V, n);
  for (let v = V; v < end; v += 4) if (!isFinite<f32>(load<f32>(v))) return 0;
  return 1;
}

/** Does nothing: for a job that only copies stored rows into V. */
export function keepRows(_r0: u32, _r1: u32, _V: usize): void {}
