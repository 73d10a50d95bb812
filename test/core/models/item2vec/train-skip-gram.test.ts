import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { openPool, type ComputePool } from '#dist/core/compute/pool.js';
import type { EpochReport } from '#dist/core/contracts.js';
import { seededRandom } from '#dist/core/numeric/random.js';
import type { SkipGramOptions } from '#dist/core/models/item2vec/skip-gram-options.js';
import { skipGramShape } from '#dist/core/models/item2vec/skip-gram-plan.js';
import { trainSkipGram, type TrainingSequences } from '#dist/core/models/item2vec/train-skip-gram.js';
import { fromRows, inner, type Matrix } from '../../../helpers/dense.js';

let pool: ComputePool | undefined;
afterEach(() => pool?.close());

const base: SkipGramOptions = {
  factors: 12,
  epochs: 3,
  window: 4,
  negatives: 5,
  negativeExponent: 0.5,
  subsample: 0,
  learningRate: 0.05,
  sessionGap: '30m',
  recency: 0,
  seed: 42,
};

/** Sessions that stay within one of `groups` groups of items but for one play in ten. */
function plantedSequences(
  numItems: number,
  numSequences: number,
  { groups = 8, length = 12, seed = 3 } = {},
): TrainingSequences {
  const random = seededRandom(seed);
  const offsets = [0];
  const item: number[] = [];
  for (let s = 0; s < numSequences; s++) {
    const count = 2 + random.nextBelow(length);
    for (let e = 0; e < count; e++) {
      const any = random.nextBelow(numItems);
      const stray = random.nextFraction() < 0.1;
      item.push(stray ? any : Math.min(numItems - 1, any - (any % groups) + (s % groups)));
    }
    offsets.push(item.length);
  }
  return { numItems, offsets: Uint32Array.from(offsets), item: Uint32Array.from(item) };
}

async function train(
  sequences: TrainingSequences,
  options: SkipGramOptions,
  {
    threads = 1,
    parts,
    stopAfter = Infinity,
    resume,
  }: {
    threads?: number;
    parts?: number;
    stopAfter?: number;
    resume?: { states: Buffer[]; epochs: readonly EpochReport[] };
  } = {},
) {
  const shape = skipGramShape(sequences.numItems, sequences.item.length, options, parts);
  pool = openPool({ threads, ...shape, signal: new AbortController().signal });
  const { workspace } = pool;
  const bytes = ({ address, numRows, dim }: { address: number; numRows: number; dim: number }): Uint8Array =>
    workspace.u8(address, 4 * numRows * dim);
  const trained = await trainSkipGram(pool, shape, sequences, options, () => 0, {
    resume: ({ input, output }) => {
      if (resume === undefined) return [];
      bytes(input).set(resume.states[0]!);
      bytes(output).set(resume.states[1]!);
      return resume.epochs;
    },
    afterEpoch: ({ epoch }) => Promise.resolve(epoch < stopAfter),
  });
  const states = [trained.input, trained.output].map((side) => Buffer.from(bytes(side)));
  const read = ({ address, numRows, dim }: typeof trained.input): Matrix =>
    fromRows(workspace.f32(address, numRows * dim), numRows, dim, options.factors);
  const result = {
    input: read(trained.input),
    output: read(trained.output),
    epochs: trained.epochs,
    states,
    parts: shape.parts,
    hash: createHash('sha256').update(states[0]!).update(states[1]!).digest('hex'),
  };
  await pool.close();
  return result;
}

/** The share of items whose best other item by cosine is of their group. */
function neighboursInGroup(vectors: Matrix, groups: number): number {
  const unit = vectors.map((row) => row.map((x) => x / Math.sqrt(inner(row, row))));
  const good = unit.filter((row, i) => {
    const scores = unit.map((other, j) => (j === i ? -Infinity : inner(row, other)));
    return scores.indexOf(Math.max(...scores)) % groups === i % groups;
  });
  return good.length / vectors.length;
}

describe('trainSkipGram', () => {
  it.each([
    ['one part', 40, 300],
    ['several parts', 1100, 3000],
  ])('gives the same bits at 1, 2 and 3 threads, in %s', async (_, numItems, numSequences) => {
    const sequences = plantedSequences(numItems, numSequences);
    const options = { ...base, subsample: 0.01 };
    const runs = [];
    for (const threads of [1, 2, 3]) runs.push(await train(sequences, options, { threads }));
    expect(runs[0]!.parts).toBe(numItems > 1024 ? 4 : 1);
    expect(new Set(runs.map(({ hash }) => hash)).size).toBe(1);
    expect(new Set(runs.map(({ epochs }) => JSON.stringify(epochs))).size).toBe(1);
    expect((await train(sequences, { ...options, seed: 43 })).hash).not.toBe(runs[0]!.hash);
  });

  it('finds planted groups, the loss falling from that of zero vectors, and vectors of another part as well', async () => {
    const sequences = plantedSequences(800, 4000);
    const { input, output, epochs, parts } = await train(sequences, { ...base, epochs: 8 });
    expect(parts).toBe(3);
    const losses = epochs.map(({ loss }) => loss);
    expect(losses[0]).toBeLessThan(6 * Math.LN2 * 1.01);
    expect(losses).toEqual(losses.toSorted((a, b) => b - a));
    expect(losses.at(-1)).toBeLessThan(0.8 * losses[0]!);
    expect(neighboursInGroup(input, 8)).toBeGreaterThan(0.95);
    expect(neighboursInGroup(output, 8)).toBeGreaterThan(0.95);
  });

  it('is as good in parts as in one', async () => {
    // Parts across the groups: noise of the same group alone would teach nothing.
    const sequences = plantedSequences(400, 1250);
    const [one, seven] = [
      await train(sequences, { ...base, epochs: 10 }, { parts: 1 }),
      await train(sequences, { ...base, epochs: 10 }, { parts: 7 }),
    ];
    const found = [one, seven].map(({ input }) => neighboursInGroup(input, 8));
    expect(Math.abs(found[0]! - found[1]!)).toBeLessThan(0.05);
    expect(seven.epochs.at(-1)!.loss / one.epochs.at(-1)!.loss).toBeLessThan(1.05);
  });

  it('resumed after an epoch ends with the bits of a run that was not interrupted', async () => {
    const sequences = plantedSequences(60, 200);
    const whole = await train(sequences, base);
    const cut = await train(sequences, base, { stopAfter: 2 });
    expect(cut.epochs).toHaveLength(2);
    const resumed = await train(sequences, base, { resume: cut });
    expect(resumed.hash).toBe(whole.hash);
    expect(resumed.epochs).toEqual(whole.epochs);
  });

  it('leaves padded columns zero, and what nobody plays where it started', async () => {
    const sequences = plantedSequences(20, 50);
    const { states, output } = await train({ ...sequences, numItems: 23 }, { ...base, factors: 5 });
    const rows = fromRows(new Float32Array(new Uint8Array(states[0]!).buffer), 23, 8);
    for (const row of rows) expect(row.slice(5)).toEqual([0, 0, 0]);
    expect(output.slice(20)).toEqual([0, 1, 2].map(() => [0, 0, 0, 0, 0]));
  });

  it('says that it diverged, in which epoch, and what to try', async () => {
    const error = await train(plantedSequences(40, 300), { ...base, learningRate: 10 }).then(
      () => undefined,
      (thrown: unknown) => thrown as Record<string, any>,
    );
    expect(error).toMatchObject({ code: 'diverged' });
    expect(error!['message']).toMatch(/loss of epoch 1 is/);
    expect(error!['suggestions'][0]).toBe('lower `learningRate` (it is 10)');
  });
});
