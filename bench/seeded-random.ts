/**
 * Random numbers for benchmarks: seeded, and the same on every machine, since they are made of integer operations,
 * additions, multiplications and divisions only.
 */

/** sfc32 (Chris Doty-Humphrey): a function that returns uniform integers in [0, 2³²). */
export function randomIntegers(seed: number): () => number {
  let a = 0;
  let b = seed | 0;
  let c = 0x9e3779b9;
  let counter = 1;
  const next = (): number => {
    const result = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + result;
    return result >>> 0;
  };
  for (let i = 0; i < 16; i++) next();
  return next;
}

/** Uniform in [0, 1), 32 bits of it. */
export function randomFractions(seed: number): () => number {
  const next = randomIntegers(seed);
  return () => next() / 4294967296;
}

/**
 * Draws from a discrete distribution in constant time (Walker's alias method, built as Vose does).
 * `weights` need not sum to 1; `fraction` returns uniform numbers in [0, 1).
 */
export function aliasSampler(weights: Float64Array, fraction: () => number): () => number {
  const n = weights.length;
  let total = 0;
  for (const weight of weights) total += weight;
  const probability = new Float64Array(n);
  const alias = new Uint32Array(n);
  const small: number[] = [];
  const large: number[] = [];
  for (let i = 0; i < n; i++) {
    probability[i] = ((weights[i] ?? 0) * n) / total;
    ((probability[i] ?? 0) < 1 ? small : large).push(i);
  }
  for (;;) {
    const less = small.pop();
    const more = large.at(-1);
    if (less === undefined || more === undefined) {
      if (less !== undefined) probability[less] = 1;
      break;
    }
    alias[less] = more;
    probability[more] = (probability[more] ?? 0) - (1 - (probability[less] ?? 0));
    if ((probability[more] ?? 0) < 1) {
      large.pop();
      small.push(more);
    }
  }
  for (const rest of [...small, ...large]) probability[rest] = 1;
  return () => {
    const at = fraction() * n;
    const i = Math.floor(at);
    return at - i < (probability[i] ?? 0) ? i : (alias[i] ?? 0);
  };
}

/** Roughly normal, mean 0, deviation 1: twelve uniform numbers (Irwin–Hall). */
export function normalDraw(fraction: () => number): number {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += fraction();
  return sum;
}

/** eˣ for |x| ≲ 20 as (1 + x/2²⁰)^(2²⁰), by squaring: the same bits everywhere, which Math.exp does not promise. */
export function portableExp(x: number): number {
  let result = 1 + x / 1048576;
  for (let i = 0; i < 20; i++) result *= result;
  return result;
}
