/**
 * Seeded random numbers, the same on every machine: xoshiro128** (Blackman & Vigna 2018), seeded by SplitMix32.
 * Only 32-bit integer arithmetic and one division by a power of two: exact.
 */
export interface Random {
  /** A whole number, 0 ≤ n < 2^32. */
  nextUint32(): number;
  /** A multiple of 2^-32 in [0, 1). */
  nextFraction(): number;
  /** A whole number, 0 ≤ n < bound, without bias; bound ≤ 2^32. */
  nextBelow(bound: number): number;
}

/** @param seed a whole number; its low 53 bits count. */
export function seededRandom(seed: number): Random {
  let mix = (seed ^ Math.imul(Math.floor(seed / 2 ** 32), 0x85ebca6b)) >>> 0;
  const splitMix = (): number => {
    mix = (mix + 0x9e3779b9) >>> 0;
    let z = mix;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  let a = splitMix();
  let b = splitMix();
  let c = splitMix();
  let d = splitMix();

  const nextUint32 = (): number => {
    const product = Math.imul(b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = (d << 11) | (d >>> 21);
    return result;
  };

  return {
    nextUint32,
    nextFraction: () => nextUint32() / 2 ** 32,
    nextBelow: (bound) => {
      const limit = 2 ** 32 - (2 ** 32 % bound);
      let n = nextUint32();
      while (n >= limit) n = nextUint32();
      return n % bound;
    },
  };
}

/** `count` distinct whole numbers below `bound`, ascending (Floyd's algorithm); all of them where count ≥ bound. */
export function sampleRows(random: Random, count: number, bound: number): Uint32Array {
  if (count >= bound) return Uint32Array.from({ length: bound }, (_, row) => row);
  const chosen = new Set<number>();
  for (let last = bound - count; last < bound; last++) {
    const row = random.nextBelow(last + 1);
    chosen.add(chosen.has(row) ? last : row);
  }
  return Uint32Array.from(chosen).sort();
}

/** 0 … count − 1 in random order (Fisher and Yates). */
export function shuffled(count: number, random: Random): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, row) => row);
  for (let last = count - 1; last > 0; last--) {
    const other = random.nextBelow(last + 1);
    const row = order[last];
    order[last] = order[other];
    order[other] = row;
  }
  return order;
}
