import { describe, expect, it } from 'vitest';
import { openWorkspace, type Workspace } from '#dist/core/compute/workspace.js';
import { buildAliasTable } from '#dist/core/numeric/alias-table.js';
import { seededRandom } from '#dist/core/numeric/random.js';
import { fromRows } from '../../helpers/dense.js';
import {
  below,
  pairsOfSequences,
  rangeRandom,
  stepOn,
  type ItemPair,
} from '../../helpers/skip-gram-oracle.js';

const dim = 8;
const always = 2 ** 32 - 1;

function putWords(workspace: Workspace, values: ArrayLike<number>): number {
  const address = workspace.allocate(values.length * 4);
  workspace.u32(address, values.length).set(values);
  return address;
}

/** A region's pairs by block, as the kernel sorted them. */
function blocksOf(workspace: Workspace, region: number, parts: number): ItemPair[][] {
  const starts = workspace.u32(region, parts * parts + 1);
  const pairs = workspace.u32(region + 4 * (parts * parts + 1), 2 * starts[parts * parts]!);
  return Array.from({ length: parts * parts }, (_, block) =>
    Array.from({ length: starts[block + 1]! - starts[block]! }, (__, at): ItemPair => {
      const pair = 2 * (starts[block]! + at);
      return [pairs[pair]!, pairs[pair + 1]!];
    }),
  );
}

function pairsInto(
  workspace: Workspace,
  sequences: readonly (readonly number[])[],
  { keep, window, parts, stream }: { keep: number[]; window: number; parts: number; stream: number },
): number {
  const events = sequences.flat();
  const offsets = [0];
  for (const sequence of sequences) offsets.push(offsets.at(-1)! + sequence.length);
  const region = workspace.allocate(4 * (parts * parts + 1) + 16 * window * events.length);
  const longest = Math.max(...sequences.map(({ length }) => length));
  const scratch = workspace.allocate(4 * parts * parts + 4 * longest + 16 * window * events.length);
  workspace.kernels.skipGramPairs(
    ...([0, sequences.length, stream, putWords(workspace, offsets), putWords(workspace, events)] as const),
    ...([putWords(workspace, keep), window, parts, region, scratch, longest] as const),
  );
  return region;
}

it('the logistic functions of the kernels are those of mathematics as far as f32 goes, and exact at the ends', () => {
  const { kernels } = openWorkspace(0);
  for (let z = -80; z <= 80; z += 0.37) {
    const error = (1 + Math.abs(z)) * 1e-7;
    expect(Math.abs(kernels.sigmoid(z) * (1 + Math.exp(-Math.fround(z))) - 1)).toBeLessThan(error);
    const x = Math.fround(z);
    const wanted = Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    expect(Math.abs(kernels.softplus(z) / wanted - 1)).toBeLessThan(error);
  }
  expect(kernels.sigmoid(0)).toBe(0.5);
  expect(kernels.softplus(0)).toBeCloseTo(Math.LN2, 6);
  expect([kernels.sigmoid(-Infinity), kernels.sigmoid(Infinity)]).toEqual([0, 1]);
  expect([kernels.softplus(-Infinity), kernels.softplus(Infinity)]).toEqual([0, Infinity]);
  expect(kernels.sigmoid(NaN)).toBeNaN();
  expect(kernels.softplus(NaN)).toBeNaN();
});

describe('the pairs of sequences', () => {
  const random = seededRandom(5);
  const numItems = 11;
  const sequences = Array.from({ length: 20 }, () =>
    Array.from({ length: 1 + random.nextBelow(9) }, () => random.nextBelow(numItems)),
  );
  const keep = Array.from({ length: numItems }, (_, item) => (item % 3 === 0 ? 2 ** 31 : always));

  it.each([
    [1, 1],
    [3, 4],
    [5, 40],
  ])('in %i parts within a window of %i are those of a plain reading, block by block', (parts, window) => {
    const workspace = openWorkspace(1 << 20);
    const region = pairsInto(workspace, sequences, { keep, window, parts, stream: 77 });
    const wanted = pairsOfSequences(sequences, rangeRandom(77, 0), keep, window);
    const blocks = blocksOf(workspace, region, parts);
    expect(blocks.flat()).toHaveLength(wanted.length);
    blocks.forEach((pairs, block) => {
      const [a, b] = [Math.floor(block / parts), block % parts];
      expect(pairs).toEqual(wanted.filter(([i, j]) => i % parts === a && j % parts === b));
    });
    expect(wanted.length).toBeGreaterThan(20);
  });

  it('of an item with itself are none, nor of a sequence of one', () => {
    const workspace = openWorkspace(1 << 20);
    const options = { keep: [always, always], window: 3, parts: 1, stream: 1 };
    expect(blocksOf(workspace, pairsInto(workspace, [[0, 0, 0], [1]], options), 1)).toEqual([[]]);
  });
});

describe('descending over blocks', () => {
  const numItems = 10;
  const counts = [50, 9, 8, 7, 6, 5, 4, 3, 2, 1];

  /** The alias tables of all parts, and a draw from them. */
  function noiseOf(parts: number) {
    const table = new Uint32Array(2 * numItems);
    for (let part = 0; part < parts; part++) {
      const rows = counts.map((_, item) => item).filter((item) => item % parts === part);
      const { threshold, alias } = buildAliasTable(
        Float64Array.from(rows, (item) => Math.sqrt(counts[item]!)),
      );
      rows.forEach((item, at) => table.set([threshold[at]!, rows[alias[at]!]!], 2 * item));
    }
    const draw = (random: bigint, part: number): number => {
      const drawn = below(random, Math.ceil((numItems - part) / parts)) * parts + part;
      return Number(random & 0xffffffffn) < table[2 * drawn]! ? drawn : table[2 * drawn + 1]!;
    };
    return { table, draw };
  }

  it.each([
    [1, 1],
    [1, 5],
    [2, 3],
    [3, 8],
  ])('in %i parts with %i negatives does what the formula says, pair by pair', (parts, negatives) => {
    const workspace = openWorkspace(1 << 20);
    const random = seededRandom(3);
    const sequences = Array.from({ length: 12 }, () =>
      Array.from({ length: 8 }, () => random.nextBelow(numItems)),
    );
    const keep = new Array<number>(numItems).fill(always);
    const region = pairsInto(workspace, sequences, { keep, window: 3, parts, stream: 9 });
    const side = (): number => {
      const address = workspace.allocate(4 * numItems * dim);
      const values = workspace.f32(address, numItems * dim);
      for (let at = 0; at < values.length; at++) values[at] = 2 * random.nextFraction() - 1;
      return address;
    };
    const [x, y] = [side(), side()];
    const read = (address: number) => fromRows(workspace.f32(address, numItems * dim), numItems, dim);
    const [X, Y] = [read(x), read(y)];
    const { table, draw } = noiseOf(parts);
    const noise = putWords(workspace, table);
    const scratch = workspace.allocate(4 * dim + 8 * (negatives + 8));
    const rate = Math.fround(0.1);
    for (let shift = 0; shift < parts; shift++) {
      const blocks = blocksOf(workspace, region, parts);
      let wanted = 0;
      for (let a = 0; a < parts; a++) {
        const b = (a + shift) % parts;
        const drawn = rangeRandom(100 + shift, a);
        for (const pair of blocks[a * parts + b]!) {
          const rows = Array.from({ length: negatives }, () => draw(drawn(), b));
          wanted += stepOn(X, Y, pair, rows, rate);
        }
      }
      let loss = 0;
      for (let a = 0; a < parts; a++) {
        loss += workspace.kernels.skipGramBlocks(
          ...([a, a + 1, 100 + shift, shift, parts, region, 1, 0, x, y, numItems, dim, noise] as const),
          ...([negatives, rate, scratch] as const),
        );
      }
      expect(loss / wanted).toBeCloseTo(1, 5);
    }
    read(x).forEach((row, i) => row.forEach((value, f) => expect(value).toBeCloseTo(X[i]![f]!, 4)));
    read(y).forEach((row, i) => row.forEach((value, f) => expect(value).toBeCloseTo(Y[i]![f]!, 4)));
  });

  it('touches only the rows of its block', () => {
    const workspace = openWorkspace(1 << 20);
    const parts = 2;
    const sequences = [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]];
    const keep = new Array<number>(numItems).fill(always);
    const region = pairsInto(workspace, sequences, { keep, window: 9, parts, stream: 9 });
    const x = workspace.allocate(4 * numItems * dim);
    const y = workspace.allocate(4 * numItems * dim);
    workspace.f32(x, numItems * dim).fill(0.5);
    workspace.f32(y, numItems * dim).fill(0.25);
    const noise = putWords(workspace, noiseOf(parts).table);
    workspace.kernels.skipGramBlocks(
      ...([0, 1, 1, 1, parts, region, 1, 0, x, y, numItems, dim, noise, 4, 0.1] as const),
      workspace.allocate(256),
    );
    const changed = (address: number, was: number): number[] =>
      fromRows(workspace.f32(address, numItems * dim), numItems, dim).flatMap((row, i) =>
        row.some((value) => value !== was) ? [i] : [],
      );
    expect(changed(x, 0.5)).toEqual([0, 2, 4, 6, 8]);
    expect(changed(y, 0.25)).toEqual([1, 3, 5, 7, 9]);
  });
});
