// Eigenvalues and eigenvectors of a symmetric matrix: Householder tridiagonalisation, then implicit QL (tred2 and tql2 of
// EISPACK; Bowdler, Martin, Reinsch & Wilkinson 1968, as in JAMA), in f64.
//
// Matrices are f64 [n × ld], row-major, ld even. Eigenvectors come out as rows. QL's plane rotations do not depend on
// the vectors: they are written down first and applied afterwards, which lets threads share the columns, and keeps a few
// columns at a time in the L1 cache. Every column's operations are the same however columns are shared out.
import { at4, at8 } from './simd';

/** Columns that rotations are applied to at once: a cache line. */
export const BLOCK: u32 = 8;

// @ts-ignore: decorator
@inline
function sum2(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1);
}

/** Σ a_k b_k over k < n. */
// @ts-ignore: decorator
@inline
function dotOf(a: usize, b: usize, n: u32): f64 {
  let s = f64x2.splat(0),
    t = s;
  let k: u32 = 0;
  for (; k + 4 <= n; k += 4) {
    s = f64x2.add(s, f64x2.mul(v128.load(at8(a, k)), v128.load(at8(b, k))));
    t = f64x2.add(t, f64x2.mul(v128.load(at8(a, k), 16), v128.load(at8(b, k), 16)));
  }
  let sum = sum2(f64x2.add(s, t));
  for (; k < n; k++) sum += load<f64>(at8(a, k)) * load<f64>(at8(b, k));
  return sum;
}

/**
 * Brings the symmetric matrix M (its upper triangle is read) to tridiagonal form: diagonal d [n], subdiagonal e [n] from
 * index 1. The reflections that do it stay in M's lower triangle, row i the vector u of I − u·uᵀ/h_i, h [n]. Cost: 4n³/3.
 */
export function tridiagonalise(M: usize, n: u32, ld: u32, d: usize, e: usize, h: usize): void {
  for (let j: u32 = 0; j < n; j++) store<f64>(at8(d, j), load<f64>(at8(M, <usize>j * ld + n - 1)));
  for (let i = n - 1; i > 0; i--) {
    let scale: f64 = 0;
    for (let k: u32 = 0; k < i; k++) scale += abs(load<f64>(at8(d, k)));
    store<f64>(at8(h, i), 0);
    if (scale == 0) {
      store<f64>(at8(e, i), load<f64>(at8(d, i - 1)));
      for (let j: u32 = 0; j < i; j++) {
        store<f64>(at8(d, j), load<f64>(at8(M, <usize>j * ld + i - 1)));
        store<f64>(at8(M, <usize>i * ld + j), 0);
      }
    } else store<f64>(at8(h, i), reflect(M, i, ld, d, e, scale));
  }
  store<f64>(e, 0);
  store<f64>(h, 0);
  for (let j: u32 = 0; j < n; j++) store<f64>(at8(d, j), load<f64>(at8(M, <usize>j * ld + j)));
}

/** One reflection: d [i] holds column i above the diagonal, and afterwards column i − 1. Returns h_i. */
function reflect(M: usize, i: u32, ld: u32, d: usize, e: usize, scale: f64): f64 {
  const u = at8(M, <usize>i * ld);
  let h: f64 = 0;
  for (let k: u32 = 0; k < i; k++) {
    const x = load<f64>(at8(d, k)) / scale;
    store<f64>(at8(d, k), x);
    h += x * x;
  }
  const f = load<f64>(at8(d, i - 1));
  const g = f > 0 ? -sqrt(h) : sqrt(h);
  store<f64>(at8(e, i), scale * g);
  h -= f * g;
  store<f64>(at8(d, i - 1), f - g);
  memory.copy(u, d, <usize>i << 3);
  memory.fill(e, 0, <usize>i << 3);
  // e ← M u, the upper triangle of M standing for both.
  for (let j: u32 = 0; j < i; j++) {
    const row = at8(M, <usize>j * ld);
    const uj = load<f64>(at8(u, j));
    const uv = f64x2.splat(uj);
    let sum = f64x2.splat(0);
    let k = j + 1;
    for (; k + 2 <= i; k += 2) {
      const m = v128.load(at8(row, k));
      sum = f64x2.add(sum, f64x2.mul(m, v128.load(at8(u, k))));
      v128.store(at8(e, k), f64x2.add(v128.load(at8(e, k)), f64x2.mul(m, uv)));
    }
    let g = load<f64>(at8(e, j)) + load<f64>(at8(row, j)) * uj + sum2(sum);
    if (k < i) {
      const m = load<f64>(at8(row, k));
      g += m * load<f64>(at8(u, k));
      store<f64>(at8(e, k), load<f64>(at8(e, k)) + m * uj);
    }
    store<f64>(at8(e, j), g);
  }
  let eu: f64 = 0;
  for (let j: u32 = 0; j < i; j++) {
    const x = load<f64>(at8(e, j)) / h;
    store<f64>(at8(e, j), x);
    eu += x * load<f64>(at8(u, j));
  }
  const hh = eu / (h + h);
  for (let j: u32 = 0; j < i; j++) store<f64>(at8(e, j), load<f64>(at8(e, j)) - hh * load<f64>(at8(u, j)));
  // M ← M − u·eᵀ − e·uᵀ
  for (let j: u32 = 0; j < i; j++) {
    const row = at8(M, <usize>j * ld);
    const uj = load<f64>(at8(u, j)),
      ej = load<f64>(at8(e, j));
    const uv = f64x2.splat(uj),
      ev = f64x2.splat(ej);
    let k = j;
    for (; k + 2 <= i; k += 2) {
      const change = f64x2.add(f64x2.mul(uv, v128.load(at8(e, k))), f64x2.mul(ev, v128.load(at8(u, k))));
      v128.store(at8(row, k), f64x2.sub(v128.load(at8(row, k)), change));
    }
    if (k < i) {
      const change = uj * load<f64>(at8(e, k)) + ej * load<f64>(at8(u, k));
      store<f64>(at8(row, k), load<f64>(at8(row, k)) - change);
    }
    store<f64>(at8(d, j), load<f64>(at8(row, i - 1)));
  }
  return h;
}

/**
 * Rows j0 … j1 − 1 of W: the columns of the orthogonal matrix that the reflections of `tridiagonalise` multiply to.
 * Cost of all: 4n³/3.
 */
export function multiplyReflections(j0: u32, j1: u32, M: usize, n: u32, ld: u32, h: usize, W: usize): void {
  for (let j = j0; j < j1; j++) {
    const row = at8(W, <usize>j * ld);
    memory.fill(row, 0, <usize>ld << 3);
    store<f64>(at8(row, j), 1);
    for (let i = j + 1; i < n; i++) {
      const hi = load<f64>(at8(h, i));
      if (hi == 0) continue;
      const u = at8(M, <usize>i * ld);
      const by = dotOf(u, row, i) / hi;
      const bv = f64x2.splat(by);
      let k: u32 = 0;
      for (; k + 2 <= i; k += 2)
        v128.store(at8(row, k), f64x2.sub(v128.load(at8(row, k)), f64x2.mul(bv, v128.load(at8(u, k)))));
      if (k < i) store<f64>(at8(row, k), load<f64>(at8(row, k)) - by * load<f64>(at8(u, k)));
    }
  }
}

/** √(a² + b²) without overflow. */
// @ts-ignore: decorator
@inline
function length2(a: f64, b: f64): f64 {
  const x = abs(a),
    y = abs(b);
  const large = max(x, y);
  if (large == 0) return 0;
  const t = min(x, y) / large;
  return large * sqrt(1 + t * t);
}

/**
 * Implicit QL on the tridiagonal (d, e): d becomes the eigenvalues, in no order. The rotations go to `rotations`, f64
 * [capacity × 2] (c, s), sweep by sweep; `sweeps`, u32 [4n × 2], has each one's first and last row: it turns rows
 * (to − 1, to), then (to − 2, to − 1), down to (from, from + 1). Where they would not fit, those so far are applied to W
 * first. Returns the number of sweeps to apply afterwards. capacity ≥ n; scratch: f64 [n × 8].
 */
export function iterateQl(
  d: usize, e: usize, n: u32, rotations: usize, capacity: u32, sweeps: usize, W: usize, ld: u32, scratch: usize,
): u32 {
  const epsilon: f64 = 2.220446049250313e-16;
  let numSweeps: u32 = 0,
    numRotations: u32 = 0;
  for (let i: u32 = 1; i < n; i++) store<f64>(at8(e, i - 1), load<f64>(at8(e, i)));
  store<f64>(at8(e, n - 1), 0);
  let shift: f64 = 0,
    largest: f64 = 0;
  for (let l: u32 = 0; l < n; l++) {
    largest = max(largest, abs(load<f64>(at8(d, l))) + abs(load<f64>(at8(e, l))));
    const negligible = epsilon * largest;
    let m = l;
    while (m < n - 1 && abs(load<f64>(at8(e, m))) > negligible) m++;
    if (m > l) {
      do {
        if (numRotations + (m - l) > capacity || numSweeps == 4 * n) {
          applyRotations(0, (n + BLOCK - 1) / BLOCK, W, n, ld, sweeps, numSweeps, rotations, scratch);
          numSweeps = 0;
          numRotations = 0;
        }
        shift += sweep(d, e, n, l, m, at8(rotations, 2 * numRotations));
        store<u32>(at4(sweeps, 2 * numSweeps), l);
        store<u32>(at4(sweeps, 2 * numSweeps), m, 4);
        numSweeps++;
        numRotations += m - l;
      } while (abs(load<f64>(at8(e, l))) > negligible);
    }
    store<f64>(at8(d, l), load<f64>(at8(d, l)) + shift);
    store<f64>(at8(e, l), 0);
  }
  return numSweeps;
}

/** One sweep over rows l … m; writes its m − l rotations, from row m − 1 down. Returns what it shifted d by. */
function sweep(d: usize, e: usize, n: u32, l: u32, m: u32, rotations: usize): f64 {
  const el = load<f64>(at8(e, l));
  let g = load<f64>(at8(d, l));
  let p = (load<f64>(at8(d, l + 1)) - g) / (2 * el);
  let r = length2(p, 1);
  if (p < 0) r = -r;
  store<f64>(at8(d, l), el / (p + r));
  store<f64>(at8(d, l + 1), el * (p + r));
  const dl1 = load<f64>(at8(d, l + 1));
  const shift = g - load<f64>(at8(d, l));
  for (let i = l + 2; i < n; i++) store<f64>(at8(d, i), load<f64>(at8(d, i)) - shift);
  p = load<f64>(at8(d, m));
  let c: f64 = 1,
    c2: f64 = 1,
    c3: f64 = 1,
    s: f64 = 0,
    s2: f64 = 0;
  const el1 = load<f64>(at8(e, l + 1));
  for (let i = m; i-- > l; ) {
    c3 = c2;
    c2 = c;
    s2 = s;
    const ei = load<f64>(at8(e, i)),
      di = load<f64>(at8(d, i));
    g = c * ei;
    const h = c * p;
    r = length2(p, ei);
    store<f64>(at8(e, i + 1), s * r);
    s = ei / r;
    c = p / r;
    p = c * di - s * g;
    store<f64>(at8(d, i + 1), h + s * (c * g + s * di));
    store<f64>(rotations, c);
    store<f64>(rotations, s, 8);
    rotations += 16;
  }
  p = (-s * s2 * c3 * el1 * load<f64>(at8(e, l))) / dl1;
  store<f64>(at8(e, l), s * p);
  store<f64>(at8(d, l), c * p);
  return shift;
}

/**
 * Applies rotations to blocks b0 … b1 − 1 of eight columns of W, f64 [n × ld], ld a multiple of 8.
 * scratch: f64 [n × 8]. Cost a rotation and column: 6 flops.
 */
export function applyRotations(
  b0: u32, b1: u32, W: usize, n: u32, ld: u32, sweeps: usize, numSweeps: u32, rotations: usize, scratch: usize,
): void {
  for (let b = b0; b < b1; b++) {
    const columns = at8(W, b * BLOCK);
    for (let j: u32 = 0; j < n; j++) memory.copy(scratch + (<usize>j << 6), columns + <usize>j * (ld << 3), 64);
    let rotation = rotations;
    for (let k: u32 = 0; k < numSweeps; k++) {
      const from = scratch + (<usize>load<u32>(at4(sweeps, 2 * k)) << 6);
      let row = scratch + (<usize>load<u32>(at4(sweeps, 2 * k), 4) << 6);
      let a = v128.load(row),
        b = v128.load(row, 16),
        c = v128.load(row, 32),
        d = v128.load(row, 48);
      while (row > from) {
        row -= 64;
        const cos = v128.load_splat<f64>(rotation),
          sin = v128.load_splat<f64>(rotation, 8);
        rotation += 16;
        let w = v128.load(row);
        v128.store(row, f64x2.add(f64x2.mul(sin, w), f64x2.mul(cos, a)), 64);
        a = f64x2.sub(f64x2.mul(cos, w), f64x2.mul(sin, a));
        w = v128.load(row, 16);
        v128.store(row, f64x2.add(f64x2.mul(sin, w), f64x2.mul(cos, b)), 80);
        b = f64x2.sub(f64x2.mul(cos, w), f64x2.mul(sin, b));
        w = v128.load(row, 32);
        v128.store(row, f64x2.add(f64x2.mul(sin, w), f64x2.mul(cos, c)), 96);
        c = f64x2.sub(f64x2.mul(cos, w), f64x2.mul(sin, c));
        w = v128.load(row, 48);
        v128.store(row, f64x2.add(f64x2.mul(sin, w), f64x2.mul(cos, d)), 112);
        d = f64x2.sub(f64x2.mul(cos, w), f64x2.mul(sin, d));
      }
      v128.store(row, a);
      v128.store(row, b, 16);
      v128.store(row, c, 32);
      v128.store(row, d, 48);
    }
    for (let j: u32 = 0; j < n; j++) memory.copy(columns + <usize>j * (ld << 3), scratch + (<usize>j << 6), 64);
  }
}
