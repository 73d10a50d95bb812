// The ridge map from items' features to their vectors: sums over sparse rows and a sparse triangular solve, in f64 and in
// one order. B: f64 [features × d]; Y: f32 [items × d]; d is a multiple of 8. Items' rows: indptr u32 (absolute), idx u32,
// w f32.
import { at4 } from './simd';

// @ts-ignore: decorator
@inline
function at8(base: usize, at: u32): usize {
  return base + (<usize>at << 3);
}

/** to ← to + by · from, f64 [d]. */
// @ts-ignore: decorator
@inline
function addTo(to: usize, by: v128, from: usize, stride: usize): void {
  for (let o: usize = 0; o < stride; o += 32) {
    v128.store(to + o, f64x2.add(v128.load(to + o), f64x2.mul(by, v128.load(from + o))));
    v128.store(to + o, f64x2.add(v128.load(to + o, 16), f64x2.mul(by, v128.load(from + o, 16))), 16);
  }
}

/** B ← B + FᵀDY of items r0 … r1 − 1, whose first row of Y stands at Y; D: f64 [items]. */
export function scatterRows(
  r0: u32, r1: u32, indptr: usize, idx: usize, w: usize, D: usize, Y: usize, B: usize, d: u32,
): void {
  const stride = <usize>d << 3;
  for (let row = r0; row < r1; row++) {
    const y = Y + <usize>(row - r0) * (<usize>d << 2);
    for (let e = load<u32>(at4(indptr, row)), end = load<u32>(at4(indptr, row), 4); e < end; e++) {
      const by = f64x2.splat(load<f64>(at8(D, row)) * <f64>load<f32>(at4(w, e)));
      const to = B + <usize>load<u32>(at4(idx, e)) * stride;
      for (let o: usize = 0; o < stride; o += 16) {
        const value = f64x2.promote_low_f32x4(v128.load64_zero(y + (o >> 1)));
        v128.store(to + o, f64x2.add(v128.load(to + o), f64x2.mul(by, value)));
      }
    }
  }
}

/** Rows r0 … r1 − 1 of FB, rounded once, to Y and on. */
export function gatherRows(
  r0: u32, r1: u32, indptr: usize, idx: usize, w: usize, Y: usize, B: usize, d: u32,
): void {
  const stride = <usize>d << 3;
  for (let row = r0; row < r1; row++) {
    const from = load<u32>(at4(indptr, row)),
      end = load<u32>(at4(indptr, row), 4);
    for (let o: usize = 0; o < stride; o += 32) {
      let low = f64x2.splat(0),
        high = low;
      for (let e = from; e < end; e++) {
        const by = f64x2.splat(<f64>load<f32>(at4(w, e))),
          b = B + <usize>load<u32>(at4(idx, e)) * stride + o;
        low = f64x2.add(low, f64x2.mul(by, v128.load(b)));
        high = f64x2.add(high, f64x2.mul(by, v128.load(b, 16)));
      }
      v128.store(Y, v128.shuffle<f32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5));
      Y += 16;
    }
  }
}

/**
 * B ← (L·Lᵀ)⁻¹B of `size` rows; L by column: its diagonal entry first, then rows ascending. starts: u32 [size + 1];
 * rows: u32, values: f64 [entries]. Cost: 2 · entries · d multiplications.
 */
export function solveTriangles(size: u32, starts: usize, rows: usize, values: usize, B: usize, d: u32): void {
  const stride = <usize>d << 3;
  for (let k: u32 = 0; k < size; k++) {
    const start = load<u32>(at4(starts, k)),
      end = load<u32>(at4(starts, k), 4);
    const own = B + <usize>k * stride;
    divide(own, load<f64>(at8(values, start)), stride);
    for (let e = start + 1; e < end; e++)
      addTo(B + <usize>load<u32>(at4(rows, e)) * stride, f64x2.splat(-load<f64>(at8(values, e))), own, stride);
  }
  for (let k = size; k-- > 0; ) {
    const start = load<u32>(at4(starts, k)),
      end = load<u32>(at4(starts, k), 4);
    const own = B + <usize>k * stride;
    for (let e = start + 1; e < end; e++)
      addTo(own, f64x2.splat(-load<f64>(at8(values, e))), B + <usize>load<u32>(at4(rows, e)) * stride, stride);
    divide(own, load<f64>(at8(values, start)), stride);
  }
}

function divide(row: usize, by: f64, stride: usize): void {
  const divisor = f64x2.splat(by);
  for (let o: usize = 0; o < stride; o += 16) v128.store(row + o, f64x2.div(v128.load(row + o), divisor));
}
