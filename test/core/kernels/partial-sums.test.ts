import { describe, expect, it } from 'vitest';
import { sparseKernelBytes } from '#dist/core/compute/job.js';
import { blockRows, rowStateBytes } from '#dist/core/compute/kernel-exports.js';
import { openWorkspace } from '#dist/core/compute/workspace.js';
import type { SparseRows } from '#dist/core/numeric/csr.js';
import { seededRandom } from '#dist/core/numeric/random.js';
import { improveRow, preferredRow, type Row } from '../../helpers/partial-sums-oracle.js';
import { sparseRows } from '../../helpers/sparse.js';

const dim = 16;
const numBlocks = 4;
/** The last block is not full. */
const numOthers = (numBlocks - 1) * blockRows + 1000;
/** Vectors that the pack holds at 16 dimensions: fewer than a block has rows. */
const capacity = openWorkspace(0).kernels.packRows(dim);

/** Rows of n pairs in some blocks each: around every group of four, alone in a block, longer than the pack. */
function someRows(): Row[] {
  const random = seededRandom(5);
  const inBlocks = (...sizes: number[]): Row => {
    const row = sizes.flatMap((size, block) => {
      const rows = block === numBlocks - 1 ? 1000 : blockRows;
      const others = new Set<number>();
      for (let at = 0; others.size < size; at++)
        others.add(block * blockRows + (size > rows / 4 ? at : random.nextBelow(rows)));
      return [...others].sort((a, b) => a - b);
    });
    return row.map((other) => {
      const w = Math.fround(0.5 + 3 * random.nextFraction());
      return [other, random.nextFraction() < 0.2 ? -w : w];
    });
  };
  return [
    inBlocks(1),
    inBlocks(0, 0, 1),
    [],
    ...[2, 3, 4, 5, 6, 7, 8, 9].map((n) => inBlocks(n)),
    inBlocks(1, 1, 1, 1),
    inBlocks(2, 0, 3, 1),
    inBlocks(5, 1, 4, 7),
    inBlocks(3, 6, 2, 9),
    inBlocks(0, 31, 0, 18),
    inBlocks(200, 0, 171, 350),
    inBlocks(capacity + 9, 3, 40, 1),
    inBlocks(2, capacity - 1, 5),
    inBlocks(capacity - 7, 7, 1),
  ];
}

const rows = someRows();

const madeSparse = new Map<string, SparseRows>();
/** Their pairs in some blocks. */
function sparseIn(from: number, to: number): SparseRows {
  const key = `${from}-${to}`;
  const sparse =
    madeSparse.get(key) ??
    sparseRows(
      rows.map((row) => row.filter(([other]) => other >= from * blockRows && other < to * blockRows)),
    );
  madeSparse.set(key, sparse);
  return sparse;
}

const random = seededRandom(7);
const fractions = (length: number): Float32Array =>
  Float32Array.from({ length }, () => random.nextFraction() - 0.5);
const fixedSide = fractions(numOthers * dim);
const start = fractions(rows.length * dim);
// As training has them: a row without pairs is 0.
rows.forEach((row, u) => row.length === 0 && start.fill(0, u * dim, (u + 1) * dim));

/** Kernel memory with the fixed side, the rows where they start, and what the kernels write. */
function world(beta: number) {
  const workspace = openWorkspace(1 << 25);
  const { kernels } = workspace;
  const put = (values: ArrayLike<number>): number => {
    const address = workspace.allocate(values.length * 4);
    workspace.f32(address, values.length).set(values);
    return address;
  };
  const V = put(fixedSide);
  const [diag, reg] = [
    Float32Array.from({ length: dim }, (_, o) => (o < 13 ? 20 / (o + 1) : 0)),
    Float32Array.from(rows, (_, row) => 0.5 + 0.05 * row),
  ];
  const [X, R, P, Y] = [put(start), put(start), put(start), put(start)];
  const S = workspace.allocate(rows.length * rowStateBytes);
  const at = { V, X, R, P, Y, S, diag: put(diag), reg: put(reg) };
  const scratch = workspace.allocate(sparseKernelBytes(dim));
  const end = workspace.mark();

  /** The pairs of some blocks, as a kernel reads them. */
  const pairsIn = (from: number, to: number): [indptr: number, idx: number, w: number] => {
    workspace.release(end);
    const sparse = sparseIn(from, to);
    const [indptr, idx] = [sparse.indptr, sparse.idx].map((array) => {
      const address = workspace.allocate(array.byteLength + 16);
      workspace.u32(address, array.length).set(array);
      return address;
    });
    const w = workspace.allocate(sparse.weight.byteLength + 16);
    workspace.f32(w, sparse.weight.length).set(sparse.weight);
    return [indptr!, idx!, w];
  };
  const vectorOf = (other: number): Float32Array => workspace.f32(V + other * dim * 4, dim);
  return {
    kernels,
    vectorOf,
    vectors: () => [...workspace.f32(X, rows.length * dim)],
    clear: (address: number, bytes: number) => workspace.u8(address, bytes).fill(0),
    at,
    pairsIn,
    scratch,
    /** All of the fixed side in memory. */
    fused(steps: number): number {
      const sparse = pairsIn(0, numBlocks);
      return kernels.improveByBlocks(
        ...([0, rows.length, ...sparse, scratch, V, X, dim, at.diag, at.reg, beta, steps] as const),
      );
    },
    /** So many blocks at a time. */
    split(steps: number, groups: readonly (readonly [number, number])[]): number {
      const n = rows.length;
      kernels.beginRows(0, n, X, R, S, dim, at.diag, at.reg);
      let objective = 0;
      for (let pass = 0; pass <= steps; pass++) {
        const [D, sums] = pass === 0 ? [X, R] : [P, Y];
        for (const [from, to] of groups)
          kernels.addPartialSums(
            ...([0, n, ...pairsIn(from, to), scratch, V, D, dim, sums, S, beta, pass, steps] as const),
          );
        objective = kernels.stepRows(
          ...([0, n, X, R, P, Y, S, dim, at.diag, at.reg, pass, steps, scratch] as const),
        );
      }
      return objective;
    },
    /** Each block's partial sums from zero, added to the row's afterwards: as an executor and a reducer do it. */
    apart(steps: number): number {
      const n = rows.length;
      const bytes = n * dim * 4;
      const f32 = (address: number): Float32Array => workspace.f32(address, n * dim);
      const states = new DataView(workspace.memory.buffer, S, n * rowStateBytes);
      kernels.beginRows(0, n, X, R, S, dim, at.diag, at.reg);
      let objective = 0;
      for (let pass = 0; pass <= steps; pass++) {
        const [D, sums] = pass === 0 ? [X, R] : [P, Y];
        const total = { vectors: f32(sums).slice(), states: workspace.u8(S, n * rowStateBytes).slice() };
        const whole = new DataView(total.states.buffer);
        for (let block = 0; block < numBlocks; block++) {
          workspace.u8(sums, bytes).fill(0);
          workspace.u8(S, n * rowStateBytes).fill(0);
          kernels.addPartialSums(
            ...([
              0,
              n,
              ...pairsIn(block, block + 1),
              scratch,
              V,
              D,
              dim,
              sums,
              S,
              beta,
              pass,
              steps,
            ] as const),
          );
          f32(sums).forEach((value, o) => (total.vectors[o]! += value));
          for (let o = 0; o < n * rowStateBytes; o += rowStateBytes) {
            whole.setFloat64(o, whole.getFloat64(o, true) + states.getFloat64(o, true), true);
            whole.setFloat32(o + 12, whole.getFloat32(o + 12, true) + states.getFloat32(o + 12, true), true);
          }
        }
        f32(sums).set(total.vectors);
        workspace.u8(S, n * rowStateBytes).set(total.states);
        objective = kernels.stepRows(
          ...([0, n, X, R, P, Y, S, dim, at.diag, at.reg, pass, steps, scratch] as const),
        );
      }
      return objective;
    },
    /** As the oracle has it. */
    wanted(steps: number): { vectors: number[]; objective: number } {
      let objective = 0;
      const vectors = rows.flatMap((row, u) => {
        const x = start.slice(u * dim, (u + 1) * dim);
        objective += improveRow(row, vectorOf, x, diag, reg[u]!, beta, steps, capacity);
        return [...x];
      });
      return { vectors, objective };
    },
  };
}

const each: [number, number][] = Array.from({ length: numBlocks }, (_, block) => [block, block + 1]);

describe.each([
  [0, 1],
  [0, 2],
  [1, 2],
  [0, 3],
])('a row solved by partial sums, β = %d, %d steps', (beta, steps) => {
  const { wanted } = world(beta);
  const right = wanted(steps);

  it('has the bits of the oracle where all blocks are in memory', () => {
    const { fused, vectors } = world(beta);
    expect(fused(steps)).toBe(right.objective);
    expect(vectors()).toEqual(right.vectors);
  });

  it.each([
    ['one block', each],
    [
      'three blocks and one',
      [
        [0, 3],
        [3, 4],
      ],
    ],
    ['all', [[0, 4]]],
  ] as [string, [number, number][]][])('has the same with %s at a time', (_, groups) => {
    const { split, vectors } = world(beta);
    expect(split(steps, groups)).toBe(right.objective);
    expect(vectors()).toEqual(right.vectors);
  });

  it('has the same where the partial sums of each block were made from zero and added up', () => {
    const { apart, vectors } = world(beta);
    expect(apart(steps)).toBe(right.objective);
    expect(vectors()).toEqual(right.vectors);
  });
});

it('a row that is solved already stays as it is, and becomes no NaN', () => {
  const { split, fused, vectors } = world(0);
  for (let epoch = 0; epoch < 2; epoch++) fused(24);
  expect(vectors().every(Number.isFinite)).toBe(true);
  const other = world(0);
  for (let epoch = 0; epoch < 2; epoch++) other.split(24, each);
  expect(other.vectors()).toEqual(vectors());
  expect(split(1, each)).toBeGreaterThan(0);
});

it('addPreferred sums the vectors of what a row prefers, with the same bits in any groups of blocks', () => {
  const sums = [
    each,
    [
      [0, 2],
      [2, 4],
    ],
    [[0, 4]],
  ].map((groups) => {
    const { kernels, at, pairsIn, scratch, vectors, clear } = world(0);
    clear(at.X, rows.length * dim * 4);
    for (const [from = 0, to = 0] of groups)
      kernels.addPreferred(0, rows.length, ...pairsIn(from, to), scratch, at.V, at.X, dim);
    return vectors();
  });
  const { vectorOf } = world(0);
  const wanted = rows.flatMap((row) => [...preferredRow(row, vectorOf, dim)]);
  for (const got of sums) expect(got).toEqual(wanted);
});
