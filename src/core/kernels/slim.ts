// A ridge per item over its nearest columns (SLIM and EASE restricted to neighbours), and sparse item × item matrices.
// Y is users × items in compressed sparse rows, in both orders: indptr u32 [rows + 1], idx u32 [nnz] ascending, w f32 [nnz],
// signed, never 0. G = YᵀY: a product of two entries is exact in f64, sums go in f64 by user ascending and are rounded to f32
// once, so that G_ab has the same bits however it is made.
import { clearHeap, offer } from './scan';
import { at4, at8 } from './simd';

/** Address of row a of a lower triangle f32. */
// @ts-ignore: decorator
@inline
function triangleRow(triangle: usize, a: u32): usize {
  return triangle + (((<usize>a * (<usize>a + 1)) >> 1) << 2);
}

/**
 * Rows a0 … a1 − 1 of the lower triangle of G, f32: row a has its entries 0 … a. Scratch: f64 [a1], zero and
 * left so. Cost: for each entry of the columns, the entries of its user up to there.
 */
export function gramTriangle(
  a0: u32, a1: u32,
  userIndptr: usize, userIdx: usize, userW: usize,
  itemIndptr: usize, itemIdx: usize, itemW: usize,
  triangle: usize, scratch: usize,
): void {
  for (let a = a0; a < a1; a++) {
    const end = load<u32>(at4(itemIndptr, a), 4);
    for (let p = load<u32>(at4(itemIndptr, a)); p < end; p++) {
      const user = load<u32>(at4(itemIdx, p)),
        y = <f64>load<f32>(at4(itemW, p));
      for (let q = load<u32>(at4(userIndptr, user)); ; q++) {
        const b = load<u32>(at4(userIdx, q)),
          sum = at8(scratch, b);
        store<f64>(sum, load<f64>(sum) + y * <f64>load<f32>(at4(userW, q)));
        if (b == a) break;
      }
    }
    const row = triangleRow(triangle, a);
    for (let b: u32 = 0; b <= a; b++) store<f32>(at4(row, b), <f32>load<f64>(at8(scratch, b)));
    memory.fill(scratch, 0, at8(0, <usize>a + 1));
  }
}

/**
 * For items j0 … j1 − 1: of column j of G the m largest entries above 0, ties by row, N, into neighbours u32 [· × m]
 * ascending and their number into counts u32; and w = (G_NN + diag ridge_N)⁻¹ G_Nj by Cholesky in f64, times give_i · take_j,
 * into weights f32 [· × m]. ridge, give, take: f64 by item. `triangle` has the first `hot` rows of G (gramTriangle): for those
 * it is looked up, for others made of the pairs, with the same bits. Scratch: 12 n bytes (rounded up to 64) that are zero and
 * are left so, then 8 m (m + 6) bytes. Returns how many systems were not positive definite to f64's precision: their weights
 * are 0. Cost an item: twice its column; for each neighbour from `hot` on the rows of its users up to it; m³ / 6.
 */
export function solveItems(
  j0: u32, j1: u32,
  userIndptr: usize, userIdx: usize, userW: usize,
  itemIndptr: usize, itemIdx: usize, itemW: usize,
  n: u32, hot: u32, triangle: usize, m: u32,
  ridge: usize, give: usize, take: usize,
  neighbours: usize, weights: usize, counts: usize, scratch: usize,
): u32 {
  const sums = scratch,
    places = at8(sums, n),
    heap = scratch + ((<usize>n * 12 + 63) & ~63),
    x = at8(heap, m),
    A = at8(x, m + (m & 1)),
    stride = <usize>(m + (m & 1)) << 3;
  let failed: u32 = 0;
  for (let j = j0; j < j1; j++) {
    const from = load<u32>(at4(itemIndptr, j)),
      end = load<u32>(at4(itemIndptr, j), 4);
    for (let p = from; p < end; p++) {
      const user = load<u32>(at4(itemIdx, p)),
        y = <f64>load<f32>(at4(itemW, p)),
        last = load<u32>(at4(userIndptr, user), 4);
      for (let q = load<u32>(at4(userIndptr, user)); q < last; q++) {
        const sum = at8(sums, load<u32>(at4(userIdx, q)));
        store<f64>(sum, load<f64>(sum) + y * <f64>load<f32>(at4(userW, q)));
      }
    }
    // A second pass over the same pairs takes every sum once, and leaves zeros.
    clearHeap(heap, m);
    for (let p = from; p < end; p++) {
      const user = load<u32>(at4(itemIdx, p)),
        last = load<u32>(at4(userIndptr, user), 4);
      for (let q = load<u32>(at4(userIndptr, user)); q < last; q++) {
        const i = load<u32>(at4(userIdx, q)),
          sum = at8(sums, i),
          entry = <f32>load<f64>(sum);
        store<f64>(sum, 0);
        if (entry > 0 && i != j) offer(heap, m, entry, i, 0);
      }
    }
    const count = sortByRow(heap, m);
    store<u32>(at4(counts, j), count);
    for (let p: u32 = 0; p < count; p++) {
      const a = load<u32>(at8(heap, p), 4);
      store<u32>(at4(places, a), p + 1);
      const row = A + <usize>p * stride;
      if (a < hot) {
        const stored = triangleRow(triangle, a);
        for (let q: u32 = 0; q <= p; q++)
          store<f64>(at8(row, q), <f64>load<f32>(at4(stored, load<u32>(at8(heap, q), 4))));
      } else addPairs(a, p, userIndptr, userIdx, userW, itemIndptr, itemIdx, itemW, places, row);
      const diagonal = at8(row, p);
      store<f64>(diagonal, load<f64>(diagonal) + load<f64>(at8(ridge, a)));
      store<f64>(at8(x, p), <f64>load<f32>(at8(heap, p)));
    }
    const solved = solveInPlace(A, stride, count, x);
    if (!solved) failed++;
    const out = <usize>j * m,
      taken = load<f64>(at8(take, j));
    for (let p: u32 = 0; p < count; p++) {
      const a = load<u32>(at8(heap, p), 4);
      store<u32>(at4(places, a), 0);
      store<u32>(neighbours + ((out + p) << 2), a);
      const weight = solved ? load<f64>(at8(x, p)) * load<f64>(at8(give, a)) * taken : 0;
      store<f32>(weights + ((out + p) << 2), <f32>weight);
    }
  }
  return failed;
}

/** Entries 0 … p of a row of G_NN, that of item a at place p: of the pairs of its users up to it. */
function addPairs(
  a: u32, p: u32,
  userIndptr: usize, userIdx: usize, userW: usize,
  itemIndptr: usize, itemIdx: usize, itemW: usize,
  places: usize, row: usize,
): void {
  memory.fill(row, 0, at8(0, <usize>p + 1));
  const end = load<u32>(at4(itemIndptr, a), 4);
  for (let r = load<u32>(at4(itemIndptr, a)); r < end; r++) {
    const user = load<u32>(at4(itemIdx, r)),
      y = <f64>load<f32>(at4(itemW, r));
    for (let q = load<u32>(at4(userIndptr, user)); ; q++) {
      const b = load<u32>(at4(userIdx, q)),
        place = load<u32>(at4(places, b));
      if (place != 0) {
        const sum = at8(row, place - 1);
        store<f64>(sum, load<f64>(sum) + y * <f64>load<f32>(at4(userW, q)));
      }
      if (b == a) break;
    }
  }
  for (let q: u32 = 0; q <= p; q++) store<f64>(at8(row, q), <f64>(<f32>load<f64>(at8(row, q))));
}

/** From a heap to its entries by row ascending, in place, empty ones last; how many there are. */
function sortByRow(heap: usize, m: u32): u32 {
  // The row is the upper half of an entry's 64 bits.
  for (let i: u32 = 1; i < m; i++) {
    const entry = load<u64>(at8(heap, i));
    let to = i;
    for (; to > 0 && load<u64>(at8(heap, to - 1)) > entry; to--)
      store<u64>(at8(heap, to), load<u64>(at8(heap, to - 1)));
    store<u64>(at8(heap, to), entry);
  }
  let count = m;
  while (count > 0 && load<u32>(at8(heap, count - 1), 4) == u32.MAX_VALUE) count--;
  return count;
}

/** x = A⁻¹ x by A = LLᵀ, the lower triangle of A in place; false where a pivot is not above 0. */
function solveInPlace(A: usize, stride: usize, n: u32, x: usize): bool {
  for (let r: u32 = 0; r < n; r++) {
    const row = A + <usize>r * stride;
    for (let c: u32 = 0; c < r; c++) {
      const other = A + <usize>c * stride,
        entry = at8(row, c);
      store<f64>(entry, (load<f64>(entry) - dotRows(row, other, c)) / load<f64>(at8(other, c)));
    }
    const pivot = load<f64>(at8(row, r)) - dotRows(row, row, r);
    if (!(pivot > 0)) return false;
    store<f64>(at8(row, r), sqrt(pivot));
    store<f64>(at8(x, r), (load<f64>(at8(x, r)) - dotRows(row, x, r)) / sqrt(pivot));
  }
  for (let r = n; r-- > 0; ) {
    const row = A + <usize>r * stride,
      value = load<f64>(at8(x, r)) / load<f64>(at8(row, r));
    store<f64>(at8(x, r), value);
    addRow(r, -value, row, x);
  }
  return true;
}

/** Σ a_i b_i over n numbers f64: four sums in turn, then (0 + 2) + (1 + 3), then what is left over. */
// @ts-ignore: decorator
@inline
function dotRows(a: usize, b: usize, n: u32): f64 {
  let s = f64x2.splat(0),
    t = s;
  const end = at8(0, n & ~3);
  for (let o: usize = 0; o < end; o += 32) {
    s = f64x2.add(s, f64x2.mul(v128.load(a + o), v128.load(b + o)));
    t = f64x2.add(t, f64x2.mul(v128.load(a + o, 16), v128.load(b + o, 16)));
  }
  s = f64x2.add(s, t);
  let sum = f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1);
  for (let i = n & ~3; i < n; i++) sum += load<f64>(at8(a, i)) * load<f64>(at8(b, i));
  return sum;
}

/** sum += weight · row, n numbers f64. */
// @ts-ignore: decorator
@inline
function addRow(n: u32, weight: f64, row: usize, sum: usize): void {
  for (let i: u32 = 0; i < n; i++) {
    const to = at8(sum, i);
    store<f64>(to, load<f64>(to) + weight * load<f64>(at8(row, i)));
  }
}
