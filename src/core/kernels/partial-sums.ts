// ALS by partial sums: als.ts's row solves, where the fixed side is cut into blocks of 65,536 rows.
//
// All that a row's pairs add to its residual b − A x, to A p and to pᵀA p is summed by block: a block's *partial sum*
// begins at zero, and the partial sums are added in ascending order of blocks, y ← y + P_b. So the bits depend on the
// block size alone: not on how many blocks are in memory at once, nor on whether one call does a whole row
// (`improveByBlocks`) or each block's partial sum was made elsewhere (`addPartialSums`, `stepRows`).
//
// A partial sum of vectors is P ← P + ((c₀v₀ + c₁v₁) + (c₂v₂ + c₃v₃)) over groups of four of the block's pairs, from
// P = +0; what is missing in the last group is left out. A partial sum is never −0, nor is what one was added to: so
// adding the zeros of a block without pairs, once some block has been added, changes nothing.
//
// Sparse rows, weights, the fixed side's eigenbasis, diag and reg are als.ts's. A row without pairs stays as it is.
import { addPack, both, gatherDots, packDots, packRows, VECTORS, weights4 } from './als';
import {
  NOISE, denseCurvature, denseProduct, firstDirection, innerProduct, lastStep, preconditioner, startResidual, takeStep,
} from './conjugate-gradient';
import { at4, mulAdd, rowAt, strideOf, sumLanes } from './simd';

const BLOCK_BITS: u32 = 16;
/** Rows of a block of the fixed side. Another number gives other bits. */
export const BLOCK: u32 = 1 << BLOCK_BITS;

/** What the pairs are summed to: their part of b − A x and of the objective, of A p, of pᵀA p. */
const RESIDUAL: u32 = 0;
const PRODUCT: u32 = 1;
const CURVATURE: u32 = 2;

/** What is known of a row between two calls, beside its vectors: f64 objective, f32 r·M⁻¹r, f32 pᵀA p. */
export const ROW_STATE: usize = 16;

/** The first pair from k on, of n, that is in another block than pair k. */
function blockEnd(idx: usize, k: u32, n: u32): u32 {
  const block = load<u32>(at4(idx, k)) >>> BLOCK_BITS;
  // Where all are in one block, as most often.
  if (load<u32>(at4(idx, n - 1)) >>> BLOCK_BITS == block) return n;
  do k++;
  while (load<u32>(at4(idx, k)) >>> BLOCK_BITS == block);
  return k;
}

/** Lanes k … k + 3 of n that are there. */
// @ts-ignore: decorator
@inline
function present(k: u32, n: u32): v128 {
  return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(n - k));
}

/** t_k ← |w_k| t_k of n pairs; what stands after them stays. */
function weighProduct(n: u32, w: usize, t: usize): void {
  for (let k: u32 = 0; k < n; k += 4) {
    const tv = v128.load(at4(t, k));
    const weighed = f32x4.mul(f32x4.abs(weights4(w, k, n)), tv);
    v128.store(at4(t, k), v128.bitselect(weighed, tv, present(k, n)));
  }
}

/** als.ts's weighResidual; what stands after the n pairs stays. */
function weighMisses(n: u32, w: usize, t: usize, beta: f32): f64 {
  const zero = f32x4.splat(0),
    one = f32x4.splat(1),
    b = f32x4.splat(beta);
  let sum = f64x2.splat(0);
  for (let k: u32 = 0; k < n; k += 4) {
    const there = present(k, n),
      signed = v128.and(v128.load(at4(w, k)), there),
      stands = v128.load(at4(t, k)),
      tv = v128.and(stands, there);
    const weight = f32x4.abs(signed),
      liked = f32x4.gt(signed, zero);
    const c = f32x4.sub(v128.and(f32x4.add(weight, b), liked), f32x4.mul(weight, tv));
    v128.store(at4(t, k), v128.bitselect(c, stands, there));
    const miss = v128.and(f32x4.sub(v128.and(one, liked), tv), there);
    const loss = f32x4.sub(f32x4.mul(f32x4.add(weight, b), f32x4.mul(miss, miss)), f32x4.mul(b, f32x4.mul(tv, tv)));
    sum = f64x2.add(sum, f64x2.promote_low_f32x4(loss));
    sum = f64x2.add(sum, f64x2.promote_low_f32x4(v128.shuffle<f32>(loss, loss, 2, 3, 2, 3)));
  }
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** Σ |w_k| t_k² of n pairs. */
function squares(n: u32, w: usize, t: usize): f32 {
  let sum = f32x4.splat(0);
  for (let k: u32 = 0; k < n; k += 4) {
    const tv = v128.and(v128.load(at4(t, k)), present(k, n));
    sum = mulAdd(f32x4.abs(weights4(w, k, n)), f32x4.mul(tv, tv), sum);
  }
  return sumLanes(sum);
}

/** Where vector k stands in the pack of als.ts: its 32 bytes are followed by those of three others. */
// @ts-ignore: decorator
@inline
function packed(pack: usize, k: u32, stride: usize): usize {
  return pack + (<usize>(k >>> 2) * (stride << 2)) + ((k & 3) << 5);
}

/** y ← y + the partial sum of m ≤ 4 vectors, which begin at v₀ … v₃; byte o of one is at o · 2^apart. */
// @ts-ignore: decorator
@inline
function addFew(
  m: u32, v0: usize, v1: usize, v2: usize, v3: usize, apart: usize, c: usize, y: usize, stride: usize,
): void {
  const zero = f32x4.splat(0);
  const c0 = v128.load_splat<f32>(c);
  if (m == 1) {
    for (let o: usize = 0; o < stride; o += 32) {
      const a = v0 + (o << apart);
      const p = f32x4.add(zero, f32x4.mul(c0, v128.load(a))),
        q = f32x4.add(zero, f32x4.mul(c0, v128.load(a, 16)));
      v128.store(y + o, f32x4.add(v128.load(y + o), p));
      v128.store(y + o, f32x4.add(v128.load(y + o, 16), q), 16);
    }
    return;
  }
  const c1 = v128.load_splat<f32>(c, 4);
  if (m == 2) {
    for (let o: usize = 0; o < stride; o += 32) {
      const a = v0 + (o << apart),
        b = v1 + (o << apart);
      const p = f32x4.add(zero, both(c0, v128.load(a), c1, v128.load(b))),
        q = f32x4.add(zero, both(c0, v128.load(a, 16), c1, v128.load(b, 16)));
      v128.store(y + o, f32x4.add(v128.load(y + o), p));
      v128.store(y + o, f32x4.add(v128.load(y + o, 16), q), 16);
    }
    return;
  }
  const c2 = v128.load_splat<f32>(c, 8),
    c3 = m == 4 ? v128.load_splat<f32>(c, 12) : zero;
  for (let o: usize = 0; o < stride; o += 32) {
    const step = o << apart;
    const p = f32x4.add(
      both(c0, v128.load(v0 + step), c1, v128.load(v1 + step)),
      both(c2, v128.load(v2 + step), c3, v128.load(v3 + step)),
    );
    const q = f32x4.add(
      both(c0, v128.load(v0 + step, 16), c1, v128.load(v1 + step, 16)),
      both(c2, v128.load(v2 + step, 16), c3, v128.load(v3 + step, 16)),
    );
    v128.store(y + o, f32x4.add(v128.load(y + o), f32x4.add(zero, p)));
    v128.store(y + o, f32x4.add(v128.load(y + o, 16), f32x4.add(zero, q)), 16);
  }
}

/** sum ← sum + ((c₀v₀ + c₁v₁) + (c₂v₂ + c₃v₃)); arguments as for addFew. */
// @ts-ignore: decorator
@inline
function addGroup(
  m: u32, v0: usize, v1: usize, v2: usize, v3: usize, apart: usize, c: usize, sum: usize, stride: usize,
): void {
  const zero = f32x4.splat(0);
  const c0 = v128.load_splat<f32>(c),
    c1 = m > 1 ? v128.load_splat<f32>(c, 4) : zero,
    c2 = m > 2 ? v128.load_splat<f32>(c, 8) : zero,
    c3 = m > 3 ? v128.load_splat<f32>(c, 12) : zero;
  for (let o: usize = 0; o < stride; o += 32) {
    const step = o << apart;
    const p = f32x4.add(
      both(c0, v128.load(v0 + step), c1, v128.load(v1 + step)),
      both(c2, v128.load(v2 + step), c3, v128.load(v3 + step)),
    );
    const q = f32x4.add(
      both(c0, v128.load(v0 + step, 16), c1, v128.load(v1 + step, 16)),
      both(c2, v128.load(v2 + step, 16), c3, v128.load(v3 + step, 16)),
    );
    v128.store(sum + o, f32x4.add(v128.load(sum + o), p));
    v128.store(sum + o, f32x4.add(v128.load(sum + o, 16), q), 16);
  }
}

/** sum ← sum + Σ c_k v_k of vectors k … k + n − 1 of the pack; c: f32 [n]. */
function addPacked(pack: usize, k: u32, n: u32, c: usize, sum: usize, stride: usize): void {
  const whole = n & ~3;
  if ((k & 3) == 0) addPack(whole, c, sum, stride, packed(pack, k, stride));
  else {
    const next = stride << 2,
      end = at4(c, whole);
    let v0 = packed(pack, k, stride),
      v1 = packed(pack, k + 1, stride),
      v2 = packed(pack, k + 2, stride),
      v3 = packed(pack, k + 3, stride);
    for (let to = c; to < end; to += 16) {
      addGroup(4, v0, v1, v2, v3, 2, to, sum, stride);
      v0 += next;
      v1 += next;
      v2 += next;
      v3 += next;
    }
  }
  if (whole == n) return;
  const last = k + n - 1;
  k += whole;
  addGroup(
    n - whole, packed(pack, k, stride), packed(pack, min(k + 1, last), stride),
    packed(pack, min(k + 2, last), stride), packed(pack, min(k + 3, last), stride), 2, at4(c, whole), sum, stride,
  );
}

/** y ← y + the partial sum of the block whose n vectors begin at vector k of the pack. */
function addPackedBlock(pack: usize, k: u32, n: u32, c: usize, sum: usize, y: usize, stride: usize): void {
  if (n <= 4) {
    const last = k + n - 1;
    addFew(
      n, packed(pack, k, stride), packed(pack, min(k + 1, last), stride), packed(pack, min(k + 2, last), stride),
      packed(pack, min(k + 3, last), stride), 2, c, y, stride,
    );
    return;
  }
  memory.fill(sum, 0, stride);
  addPacked(pack, k, n, c, sum, stride);
  addVector(sum, y, stride);
}

/** y ← y + v */
// @ts-ignore: decorator
@inline
function addVector(v: usize, y: usize, stride: usize): void {
  for (let o: usize = 0; o < stride; o += 16) v128.store(y + o, f32x4.add(v128.load(y + o), v128.load(v + o)));
}

/** Weighs n products t of one block, and adds to `share` what they come to: of the objective, or of pᵀA p. */
// @ts-ignore: decorator
@inline
function weighBlock(pass: u32, n: u32, w: usize, t: usize, beta: f32, share: f64): f64 {
  if (pass == RESIDUAL) return share + weighMisses(n, w, t, beta);
  if (pass == CURVATURE) return <f64>(<f32>share + squares(n, w, t));
  weighProduct(n, w, t);
  return share;
}

/**
 * Adds all blocks' partial sums of one row's nnz ≥ 1 pairs: of vectors to y, of numbers to `share`, which is returned.
 * `isPacked`: the pack holds the row's vectors, of which there are no more than it has room for.
 */
// @ts-ignore: decorator
@inline
function addBlocks(
  V: usize, idx: usize, w: usize, nnz: u32, x: usize, y: usize, d: u32, pass: u32, isPacked: bool, beta: f32,
  share: f64, scratch: usize,
): f64 {
  const stride = strideOf(d),
    capacity = packRows(d);
  const sum = scratch + (VECTORS - 1) * stride,
    t = scratch + VECTORS * stride,
    pack = at4(t, capacity);
  if (nnz <= capacity) {
    if (isPacked) packDots(nnz, x, stride, pack, t);
    else gatherDots(V, idx, nnz, x, stride, pack, t);
    for (let k: u32 = 0; k < nnz;) {
      const end = blockEnd(idx, k, nnz),
        n = end - k;
      share = weighBlock(pass, n, at4(w, k), at4(t, k), beta, share);
      if (pass != CURVATURE) addPackedBlock(pack, k, n, at4(t, k), sum, y, stride);
      k = end;
    }
    return share;
  }
  for (let k: u32 = 0; k < nnz;) {
    const end = blockEnd(idx, k, nnz);
    let part: f64 = 0;
    memory.fill(sum, 0, stride);
    for (; k < end; k += capacity) {
      const n = min(capacity, end - k);
      gatherDots(V, at4(idx, k), n, x, stride, pack, t);
      part = weighBlock(pass, n, at4(w, k), t, beta, part);
      if (pass != CURVATURE) addPacked(pack, 0, n, t, sum, stride);
    }
    k = end;
    share = pass == CURVATURE ? <f64>(<f32>share + <f32>part) : share + part;
    if (pass != CURVATURE) addVector(sum, y, stride);
  }
  return share;
}

/**
 * Moves rows r0 … r1 − 1 of X by exactly `steps` ≥ 1 steps, all of the fixed side V being in memory; arguments and
 * result as als.ts's improveRows. A row's vectors are gathered once, where they fit into the pack.
 */
export function improveByBlocks(
  r0: u32, r1: u32, indptr: usize, idx: usize, w: usize, scratch: usize,
  V: usize, X: usize, d: u32, diag: usize, reg: usize, beta: f32, steps: u32,
): f64 {
  const stride = strideOf(d);
  const first = load<u32>(indptr),
    capacity = packRows(d);
  const r = scratch,
    p = scratch + stride,
    y = scratch + 2 * stride,
    inverse = scratch + 3 * stride;
  let sum: f64 = 0;
  for (let row = r0; row < r1; row++) {
    const from = load<u32>(at4(indptr, row - r0)),
      nnz = load<u32>(at4(indptr, row - r0), 4) - from;
    if (nnz == 0) continue;
    const ii = at4(idx, from - first),
      ww = at4(w, from - first),
      x = rowAt(X, row, stride);
    const lambda = f32x4.splat(load<f32>(at4(reg, row)));
    const fits = nnz <= capacity;
    let objective = startResidual(x, r, diag, lambda, stride, true);
    objective = addBlocks(V, ii, ww, nnz, x, r, d, RESIDUAL, false, beta, objective, scratch);
    preconditioner(inverse, diag, lambda, stride);
    let rz = firstDirection(r, p, inverse, stride);
    for (let step: u32 = 1; step <= steps && rz > NOISE; step++) {
      if (step == steps) {
        const dense = <f64>denseCurvature(p, diag, lambda, stride);
        const alpha = rz / <f32>addBlocks(V, ii, ww, nnz, p, y, d, CURVATURE, fits, beta, dense, scratch);
        objective -= <f64>alpha * <f64>rz;
        lastStep(x, p, alpha, stride);
      } else {
        denseProduct(p, y, diag, lambda, stride);
        addBlocks(V, ii, ww, nnz, p, y, d, PRODUCT, fits, beta, 0, scratch);
        const alpha = rz / innerProduct(p, y, stride);
        objective -= <f64>alpha * <f64>rz;
        rz = takeStep(x, r, p, y, inverse, rz, alpha, stride);
      }
    }
    sum += objective;
  }
  return sum;
}

/**
 * The first of the calls that together do what improveByBlocks does: `beginRows`; then for pass = 0 … steps, each of
 * the fixed side's blocks in ascending order by `addPartialSums`, and `stepRows`.
 *
 * R ← −(diag + reg) X of rows r0 … r1 − 1, and the dense part of their objective. X, R: f32 [· × d]; S: ROW_STATE bytes
 * by row.
 */
export function beginRows(
  r0: u32, r1: u32, X: usize, R: usize, S: usize, d: u32, diag: usize, reg: usize,
): void {
  const stride = strideOf(d);
  for (let row = r0; row < r1; row++) {
    const lambda = f32x4.splat(load<f32>(at4(reg, row))),
      state = S + <usize>row * ROW_STATE;
    const dense = startResidual(rowAt(X, row, stride), rowAt(R, row, stride), diag, lambda, stride, true);
    store<f64>(state, dense);
    store<f64>(state, 0, 8);
  }
}

/**
 * Adds what some whole blocks of V add to rows r0 … r1 − 1: the sparse rows hold the pairs with these blocks, and only
 * their rows of V are read. Of pass 0, D being X, to Y = R and to the objective; of pass `steps`, D being the directions
 * P, to pᵀA p, and Y is not touched; of the passes between to Y = A p. Where Y and S were zero, what one block's call
 * leaves in them is its partial sums; added up elsewhere in order of blocks they give the same bits.
 */
export function addPartialSums(
  r0: u32, r1: u32, indptr: usize, idx: usize, w: usize, scratch: usize,
  V: usize, D: usize, d: u32, Y: usize, S: usize, beta: f32, pass: u32, steps: u32,
): void {
  const stride = strideOf(d);
  const first = load<u32>(indptr);
  for (let row = r0; row < r1; row++) {
    const from = load<u32>(at4(indptr, row - r0)),
      nnz = load<u32>(at4(indptr, row - r0), 4) - from;
    if (nnz == 0) continue;
    const ii = at4(idx, from - first),
      ww = at4(w, from - first),
      x = rowAt(D, row, stride),
      y = rowAt(Y, row, stride),
      state = S + <usize>row * ROW_STATE;
    if (pass == 0) {
      store<f64>(state, addBlocks(V, ii, ww, nnz, x, y, d, RESIDUAL, false, beta, load<f64>(state), scratch));
    } else if (pass == steps) {
      const before = <f64>load<f32>(state, 12);
      const curvature = addBlocks(V, ii, ww, nnz, x, y, d, CURVATURE, false, beta, before, scratch);
      store<f32>(state, <f32>curvature, 12);
    } else addBlocks(V, ii, ww, nnz, x, y, d, PRODUCT, false, beta, 0, scratch);
  }
}

/**
 * What follows once all blocks of a pass are added: of pass 0 the first directions P, of the others a step of X. Leaves
 * the dense part of what the next pass adds to, in Y or S. Returns the objective's share of the rows, which is that of
 * improveByBlocks after pass `steps`. P: f32 [· × d]; scratch: a vector.
 */
export function stepRows(
  r0: u32, r1: u32, X: usize, R: usize, P: usize, Y: usize, S: usize, d: u32, diag: usize, reg: usize,
  pass: u32, steps: u32, scratch: usize,
): f64 {
  const stride = strideOf(d);
  let sum: f64 = 0;
  for (let row = r0; row < r1; row++) {
    const lambda = f32x4.splat(load<f32>(at4(reg, row)));
    const x = rowAt(X, row, stride),
      r = rowAt(R, row, stride),
      p = rowAt(P, row, stride),
      y = rowAt(Y, row, stride),
      state = S + <usize>row * ROW_STATE;
    let objective = load<f64>(state),
      rz = load<f32>(state, 8);
    preconditioner(scratch, diag, lambda, stride);
    if (pass == 0) rz = firstDirection(r, p, scratch, stride);
    else if (rz > NOISE) {
      const alpha = rz / (pass == steps ? load<f32>(state, 12) : innerProduct(p, y, stride));
      objective -= <f64>alpha * <f64>rz;
      if (pass == steps) lastStep(x, p, alpha, stride);
      else rz = takeStep(x, r, p, y, scratch, rz, alpha, stride);
    }
    if (pass + 1 == steps) store<f32>(state, denseCurvature(p, diag, lambda, stride), 12);
    else if (pass < steps) denseProduct(p, y, diag, lambda, stride);
    store<f64>(state, objective);
    store<f32>(state, rz, 8);
    sum += objective;
  }
  return sum;
}

/**
 * Adds to rows r0 … r1 − 1 of X, which begin at zero, the partial sums Σ p·V[idx] of some whole blocks of V in ascending
 * order: the product of the preference matrix with V, for the randomized SVD start (Halko et al. 2011).
 */
export function addPreferred(
  r0: u32, r1: u32, indptr: usize, idx: usize, w: usize, scratch: usize, V: usize, X: usize, d: u32,
): void {
  const stride = strideOf(d),
    sum = scratch,
    c = scratch + stride;
  const first = load<u32>(indptr);
  for (let row = r0; row < r1; row++) {
    const x = rowAt(X, row, stride);
    const from = load<u32>(at4(indptr, row - r0)) - first,
      nnz = load<u32>(at4(indptr, row - r0), 4) - first - from;
    const ii = at4(idx, from),
      ww = at4(w, from);
    for (let k: u32 = 0; k < nnz;) {
      const end = blockEnd(ii, k, nnz),
        n = end - k,
        last = end - 1;
      if (n > 4) memory.fill(sum, 0, stride);
      for (; k < end; k += 4) {
        const m = min(4, end - k);
        v128.store(c, v128.and(f32x4.splat(1), f32x4.gt(weights4(ww, k, end), f32x4.splat(0))));
        const v0 = rowAt(V, load<u32>(at4(ii, k)), stride),
          v1 = rowAt(V, load<u32>(at4(ii, min(k + 1, last))), stride),
          v2 = rowAt(V, load<u32>(at4(ii, min(k + 2, last))), stride),
          v3 = rowAt(V, load<u32>(at4(ii, min(k + 3, last))), stride);
        if (n > 4) addGroup(m, v0, v1, v2, v3, 0, c, sum, stride);
        else addFew(m, v0, v1, v2, v3, 0, c, x, stride);
      }
      if (n > 4) addVector(sum, x, stride);
      k = end;
    }
  }
}
