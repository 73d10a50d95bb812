import type { Matrix } from './dense.js';

const mask = (1n << 64n) - 1n;

/** SplitMix64, as its authors write it. */
function splitMix64(seed: bigint): () => bigint {
  let state = seed & mask;
  return () => {
    state = (state + 0x9e3779b97f4a7c15n) & mask;
    return mix(state);
  };
}

function mix(state: bigint): bigint {
  let z = state;
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & mask;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & mask;
  return z ^ (z >> 31n);
}

/** The random numbers of a job's range: seeded by its stream and where the range starts. */
export function rangeRandom(stream: number, range: number): () => bigint {
  return splitMix64(mix((BigInt(stream) << 32n) | BigInt(range)));
}

export const below = (random: bigint, bound: number): number =>
  Number(((random >> 32n) * BigInt(bound)) >> 32n);

export type ItemPair = readonly [item: number, neighbour: number];

/** Every pair of the sequences, in order. @param keep chances of 2³² − 1, by item */
export function pairsOfSequences(
  sequences: readonly (readonly number[])[],
  random: () => bigint,
  keep: readonly number[],
  window: number,
): ItemPair[] {
  const pairs: ItemPair[] = [];
  for (const sequence of sequences) {
    const kept = sequence.filter(
      (item) => keep[item] === 2 ** 32 - 1 || Number(random() >> 32n) < keep[item]!,
    );
    kept.forEach((item, at) => {
      const reach = 1 + below(random(), window);
      kept.forEach((neighbour, other) => {
        if (other !== at && Math.abs(other - at) <= reach && neighbour !== item)
          pairs.push([item, neighbour]);
      });
    });
  }
  return pairs;
}

const softplus = (z: number): number => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));
const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, f) => sum + x * b[f]!, 0);

/**
 * One step on a pair: x ← x + rate · Σ (label − σ(x·y)) y, y ← y + rate · (label − σ(x·y)) x, all scores taken before.
 * Returns its loss.
 */
export function stepOn(
  X: Matrix,
  Y: Matrix,
  [item, neighbour]: ItemPair,
  noise: readonly number[],
  rate: number,
): number {
  const x = X[item]!.slice();
  const targets = [neighbour, ...noise.filter((row) => row !== neighbour)];
  const scores = targets.map((row) => dot(x, Y[row]!));
  let loss = 0;
  targets.forEach((row, t) => {
    const label = t === 0 ? 1 : 0;
    loss += softplus(t === 0 ? -scores[t]! : scores[t]!);
    const c = rate * (label - sigmoid(scores[t]!));
    Y[row]!.forEach((y, f) => {
      X[item]![f]! += c * y;
      Y[row]![f] = y + c * x[f]!;
    });
  });
  return loss;
}
