/** kernels/partial-sums.ts, number by number in f32: what its bits have to be. */
import { blockRows } from '#dist/core/compute/kernel-exports.js';

const f = Math.fround;
type Vector = Float32Array;
export type Row = readonly (readonly [other: number, weight: number])[];

/** Four lanes, two vectors of them a step. */
function dot(a: Vector, b: Vector): number {
  const lanes = [0, 0, 0, 0];
  for (let o = 0; o < a.length; o += 8)
    for (let l = 0; l < 4; l++)
      lanes[l] = f(lanes[l]! + f(f(a[o + l]! * b[o + l]!) + f(a[o + 4 + l]! * b[o + 4 + l]!)));
  return sumLanes(lanes);
}

const sumLanes = ([a, b, c, d]: number[]): number => f(f(a! + c!) + f(b! + d!));

/** Σ of terms, four lanes. */
function laneSum(terms: readonly number[]): number {
  const lanes = [0, 0, 0, 0];
  terms.forEach((term, k) => (lanes[k % 4] = f(lanes[k % 4]! + term)));
  return sumLanes(lanes);
}

/** The same in f64, two lanes. */
function wideSum(terms: readonly number[]): number {
  const lanes = [0, 0];
  terms.forEach((term, k) => (lanes[k % 2]! += term));
  return lanes[0]! + lanes[1]!;
}

/** A row's pairs by block, ascending. */
function blocksOf(row: Row): Row[] {
  const blocks = new Map<number, [number, number][]>();
  for (const [other, w] of row) {
    const block = Math.floor(other / blockRows);
    const pairs = blocks.get(block) ?? [];
    blocks.set(block, pairs);
    pairs.push([other, w]);
  }
  return [...blocks].sort(([a], [b]) => a - b).map(([, pairs]) => pairs);
}

/** Σ c v from zero, by groups of four. */
function partialSum(c: readonly number[], vectors: readonly Vector[], dim: number): Vector {
  const sum = new Float32Array(dim);
  for (let k = 0; k < c.length; k += 4) {
    for (let o = 0; o < dim; o++) {
      const term = (at: number): number => (at < c.length ? f(c[at]! * vectors[at]![o]!) : 0);
      sum[o] = f(sum[o]! + f(f(term(k) + term(k + 1)) + f(term(k + 2) + term(k + 3))));
    }
  }
  return sum;
}

/**
 * A row moved by so many steps from x, which is overwritten; returns its objective. @param portion pairs of a block whose
 * losses are summed at once: as many as the pack holds
 */
export function improveRow(
  row: Row,
  vectorOf: (other: number) => Vector,
  x: Vector,
  diag: Vector,
  reg: number,
  beta: number,
  steps: number,
  portion: number,
): number {
  if (row.length === 0) return 0;
  const dim = x.length;
  const blocks = blocksOf(row).map((pairs) => ({ pairs, vectors: pairs.map(([other]) => vectorOf(other)) }));
  const portions = <T>(terms: readonly T[]): T[][] =>
    Array.from({ length: Math.ceil(terms.length / portion) }, (_, at) =>
      terms.slice(at * portion, (at + 1) * portion),
    );
  const add = (y: Vector, p: Vector): void => p.forEach((value, o) => (y[o] = f(y[o]! + value)));
  const dense = Float32Array.from(diag, (value) => f(value + f(reg)));
  const inverse = dense.map((value) => f(1 / value));
  const elements = (of: (o: number) => number): Float32Array =>
    Float32Array.from({ length: dim }, (_, o) => of(o));

  const ax = elements((o) => f(dense[o]! * x[o]!));
  let r: Vector = ax.map((value) => -value);
  let objective = wideSum([...ax].map((value, o) => f(value * x[o]!)));
  for (const { pairs, vectors } of blocks) {
    const t = vectors.map((v) => dot(x, v));
    const c = pairs.map(([, w], k) => f((w > 0 ? f(Math.abs(w) + beta) : 0) - f(Math.abs(w) * t[k]!)));
    const losses = pairs.map(([, w], k) => {
      const miss = f((w > 0 ? 1 : 0) - t[k]!);
      return f(f(f(Math.abs(w) + beta) * f(miss * miss)) - f(beta * f(t[k]! * t[k]!)));
    });
    objective += portions(losses)
      .map(wideSum)
      .reduce((sum, each) => sum + each, 0);
    add(r, partialSum(c, vectors, dim));
  }
  let p: Vector = elements((o) => f(inverse[o]! * r[o]!));
  let rz = laneSum([...r].map((value, o) => f(value * p[o]!)));
  for (let step = 1; step <= steps && rz > f(1e-30); step++) {
    if (step === steps) {
      let pAp = laneSum(Array.from(p, (value, o) => f(f(dense[o]! * value) * value)));
      for (const { pairs, vectors } of blocks) {
        const terms = vectors.map((v, k) => {
          const t = dot(p, v);
          return f(Math.abs(pairs[k]![1]) * f(t * t));
        });
        pAp = f(
          pAp +
            portions(terms)
              .map(laneSum)
              .reduce((sum, each) => f(sum + each), 0),
        );
      }
      const alpha = f(rz / pAp);
      objective -= alpha * rz;
      p.forEach((value, o) => (x[o] = f(x[o]! + f(alpha * value))));
      break;
    }
    const y = elements((o) => f(dense[o]! * p[o]!));
    for (const { pairs, vectors } of blocks) {
      const c = vectors.map((v, k) => f(Math.abs(pairs[k]![1]) * dot(p, v)));
      add(y, partialSum(c, vectors, dim));
    }
    const alpha = f(rz / laneSum(Array.from(p, (value, o) => f(value * y[o]!))));
    objective -= alpha * rz;
    p.forEach((value, o) => (x[o] = f(x[o]! + f(alpha * value))));
    r = elements((o) => f(r[o]! + f(-alpha * y[o]!)));
    const next = laneSum([...r].map((value, o) => f(value * f(inverse[o]! * value))));
    const conjugate = f(next / rz);
    p = elements((o) => f(f(inverse[o]! * r[o]!) + f(conjugate * p[o]!)));
    rz = next;
  }
  return objective;
}

/** Σ of the vectors that a row prefers. */
export function preferredRow(row: Row, vectorOf: (other: number) => Vector, dim: number): Vector {
  const x = new Float32Array(dim);
  for (const pairs of blocksOf(row)) {
    const c = pairs.map(([, w]) => (w > 0 ? 1 : 0));
    const vectors = pairs.map(([other]) => vectorOf(other));
    partialSum(c, vectors, dim).forEach((value, o) => (x[o] = f(x[o]! + value)));
  }
  return x;
}
