// What every kernel shares: vectors are rows of f32, `stride` bytes each, a multiple of 32 (dims are padded with zeros).
// All pointers are byte addresses in the one linear memory; all buffers are the caller's.

/** a · b + c, rounded twice: the same bits on every machine (no relaxed SIMD, no fused multiply-add). */
// @ts-ignore: decorator
@inline
export function mulAdd(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(c, f32x4.mul(a, b));
}

/** Sum of the four lanes as (0 + 2) + (1 + 3): the order that `sumLanes4` gives each of its four rows. */
// @ts-ignore: decorator
@inline
export function sumLanes(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 2) + (f32x4.extract_lane(v, 1) + f32x4.extract_lane(v, 3))
  );
}

/** Lane k of the result is sumLanes of the k-th argument: a 4 × 4 transpose and add. */
// @ts-ignore: decorator
@inline
export function sumLanes4(s0: v128, s1: v128, s2: v128, s3: v128): v128 {
  const t0 = f32x4.add(v128.shuffle<f32>(s0, s1, 0, 4, 1, 5), v128.shuffle<f32>(s0, s1, 2, 6, 3, 7));
  const t1 = f32x4.add(v128.shuffle<f32>(s2, s3, 0, 4, 1, 5), v128.shuffle<f32>(s2, s3, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<f32>(t0, t1, 0, 1, 4, 5), v128.shuffle<f32>(t0, t1, 2, 3, 6, 7));
}

/** Inner product of two rows. The order of additions is that of every lane of `dot4`, so both give the same bits. */
// @ts-ignore: decorator
@inline
export function dot(a: usize, b: usize, stride: usize): f32 {
  let s = f32x4.splat(0);
  for (let o: usize = 0; o < stride; o += 16) s = mulAdd(v128.load(a + o), v128.load(b + o), s);
  return sumLanes(s);
}

/** Inner products of row x with four rows, one a lane. */
// @ts-ignore: decorator
@inline
export function dot4(x: usize, v0: usize, v1: usize, v2: usize, v3: usize, stride: usize): v128 {
  let s0 = f32x4.splat(0),
    s1 = s0,
    s2 = s0,
    s3 = s0;
  for (let o: usize = 0; o < stride; o += 32) {
    const a = v128.load(x + o),
      b = v128.load(x + o, 16);
    s0 = mulAdd(a, v128.load(v0 + o), s0);
    s1 = mulAdd(a, v128.load(v1 + o), s1);
    s2 = mulAdd(a, v128.load(v2 + o), s2);
    s3 = mulAdd(a, v128.load(v3 + o), s3);
    s0 = mulAdd(b, v128.load(v0 + o, 16), s0);
    s1 = mulAdd(b, v128.load(v1 + o, 16), s1);
    s2 = mulAdd(b, v128.load(v2 + o, 16), s2);
    s3 = mulAdd(b, v128.load(v3 + o, 16), s3);
  }
  return sumLanes4(s0, s1, s2, s3);
}

/** Address of a row. */
// @ts-ignore: decorator
@inline
export function rowAt(base: usize, row: u32, stride: usize): usize {
  return base + <usize>row * stride;
}

/** Address of element i of an array of 4-byte numbers. */
// @ts-ignore: decorator
@inline
export function at4(base: usize, i: u32): usize {
  return base + ((<usize>i) << 2);
}

/** Address of element i of an array of 8-byte entries. */
// @ts-ignore: decorator
@inline
export function at8(base: usize, i: usize): usize {
  return base + (i << 3);
}

/** Bytes of a row of d padded dims. */
// @ts-ignore: decorator
@inline
export function strideOf(d: u32): usize {
  return (<usize>d) << 2;
}
