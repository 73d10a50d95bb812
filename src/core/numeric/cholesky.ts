/**
 * A positive definite system in f64 that is factored once and solved for many right-hand sides. Only + − × ÷ √, in a
 * fixed order: the same bits on every machine. Matrices are [n × n] row-major; the lower triangle is read and written.
 */

/**
 * A += Σ_p weight[p] · v_p v_pᵀ (lower triangle), v_p the `n` numbers of `rows` from p · stride on. Four rows at a time, so
 * that an entry of A is loaded and stored once for all four. Cost: numRows · n² / 2 multiplications.
 */
export function addOuterProducts(
  a: Float64Array,
  n: number,
  rows: ArrayLike<number>,
  stride: number,
  weight: ArrayLike<number>,
): void {
  const numRows = weight.length;
  const [v0, v1, v2, v3] = [0, 0, 0, 0].map(() => new Float64Array(n)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const load = (into: Float64Array, p: number): number => {
    if (p >= numRows) {
      into.fill(0);
      return 0;
    }
    for (let f = 0; f < n; f++) into[f] = rows[p * stride + f];
    return weight[p];
  };
  for (let p = 0; p < numRows; p += 4) {
    const w0 = load(v0, p);
    const w1 = load(v1, p + 1);
    const w2 = load(v2, p + 2);
    const w3 = load(v3, p + 3);
    for (let r = 0; r < n; r++) {
      const [a0, a1, a2, a3] = [w0 * v0[r], w1 * v1[r], w2 * v2[r], w3 * v3[r]];
      const at = r * n;
      for (let c = 0; c <= r; c++) a[at + c] += a0 * v0[c] + a1 * v1[c] + (a2 * v2[c] + a3 * v3[c]);
    }
  }
}

/** A = L·Lᵀ in place; false, and A is spoilt, where A is not positive definite to f64's precision. n³ / 6 multiplications. */
export function factor(a: Float64Array, n: number): boolean {
  for (let r = 0; r < n; r++) {
    const row = r * n;
    for (let c = 0; c < r; c++) {
      const other = c * n;
      a[row + c] = (a[row + c] - innerProduct(a, row, other, c)) / a[other + c];
    }
    const pivot = a[row + r] - innerProduct(a, row, row, r);
    if (!(pivot > 0) || pivot === Infinity) return false;
    a[row + r] = Math.sqrt(pivot);
  }
  return true;
}

/** Solves L·Lᵀ·x = b in place of b [n]. n² multiplications. */
export function solveFactored(l: Float64Array, n: number, b: Float64Array): void {
  for (let r = 0; r < n; r++) {
    let sum = b[r];
    for (let c = 0; c < r; c++) sum -= l[r * n + c] * b[c];
    b[r] = sum / l[r * n + r];
  }
  for (let r = n - 1; r >= 0; r--) {
    const x = b[r] / l[r * n + r];
    b[r] = x;
    for (let c = 0; c < r; c++) b[c] -= l[r * n + c] * x;
  }
}

/** Of the `length` numbers from `i` and from `j` on, in four sums: one would wait for itself at every addition. */
function innerProduct(a: Float64Array, i: number, j: number, length: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let k = 0;
  for (; k + 4 <= length; k += 4) {
    s0 += a[i + k] * a[j + k];
    s1 += a[i + k + 1] * a[j + k + 1];
    s2 += a[i + k + 2] * a[j + k + 2];
    s3 += a[i + k + 3] * a[j + k + 3];
  }
  for (; k < length; k++) s0 += a[i + k] * a[j + k];
  return s0 + s1 + (s2 + s3);
}
