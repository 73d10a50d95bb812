import type { Factors } from '../../compute/factors.js';
import type { ComputePool } from '../../compute/pool.js';
import type { AddressesOf } from '../../compute/workspace.js';
import type { EpochReport } from '../../contracts.js';
import { AppError } from '../../errors.js';
import { buildAliasTable } from '../../numeric/alias-table.js';
import { seededRandom, shuffled, type Random } from '../../numeric/random.js';
import type { EpochHooks } from '../model.js';
import type { SkipGramOptions } from './skip-gram-options.js';
import { sequenceRanges, type SkipGramShape } from './skip-gram-plan.js';

/** Items in order, sequence by sequence. */
export interface TrainingSequences {
  readonly numItems: number;
  /** [numSequences + 1] where each starts in `item`; none longer than `longestSequence`. */
  readonly offsets: Uint32Array;
  /** [numEvents] item rows. */
  readonly item: Uint32Array;
}

/** Vectors in kernel memory: all that an epoch leaves to the next. */
export interface SkipGramState {
  /** What an item brings as the centre of a window. */
  readonly input: Factors;
  /** What it brings as a neighbour. */
  readonly output: Factors;
}

/** The last step's length, as a share of the first one's (word2vec's). */
const lastRate = 1e-4;
/** A loss of this many times what zero vectors have has run away. */
const runaway = 2;

/**
 * Skip-gram with negative sampling (kernels/skipgram.ts) by stochastic gradient descent, the step's length falling evenly.
 * Sequences come in another order every epoch, a batch of them at a time: its pairs are sorted into blocks of which
 * those of one shift are independent of each other. The same bits at any number of threads.
 * The loss of an epoch is the mean over its pairs of −ln σ(x·y) − Σ ln σ(−x·y′), each as it was met.
 * AppError 'diverged'. Training that is resumed goes on with the bits of one that was not interrupted.
 * Cost an epoch: pairs · (1 + negatives) · 6 · dim flops.
 *
 * @param shape of skipGramShape, which the pool was opened with
 */
export async function trainSkipGram(
  pool: ComputePool,
  shape: SkipGramShape,
  sequences: TrainingSequences,
  options: SkipGramOptions,
  clock: () => number,
  { resume, afterEpoch }: EpochHooks<SkipGramState>,
): Promise<SkipGramState & { readonly epochs: readonly EpochReport[] }> {
  const { numItems, offsets, item } = sequences;
  const { workspace } = pool;
  const { dim, parts } = shape;
  const start = seededRandom(options.seed);
  const arrays = shape.layout.allocate(workspace);
  const { input, output, noise, keep } = arrays;
  const state = { input, output };
  startVectors(pool, input, options.factors, start);
  workspace.f32(output.address, numItems * dim).fill(0);
  const epochs = [...(resume?.(state) ?? [])];
  const counts = new Float64Array(numItems);
  for (const i of item) counts[i]! += 1;
  writeNoise(workspace.u32(noise, 2 * numItems), counts, parts, options, workspace.kernels.power);
  workspace.u32(keep, numItems).set(chancesToStay(counts, item.length, options.subsample));
  const batch = openBatch(pool, shape, arrays);

  const numSequences = offsets.length - 1;
  const totalEvents = item.length * options.epochs;
  for (let epoch = 1; epoch <= options.epochs; epoch++) {
    // Every epoch has random numbers of its own, so that one can begin with any.
    const random = seededRandom(start.nextUint32());
    if (epoch <= epochs.length) continue;
    const started = clock();
    const order = shuffled(numSequences, random);
    let loss = 0;
    let pairs = 0;
    let events = (epoch - 1) * item.length;
    for (let from = 0; from < numSequences;) {
      const { to, numEvents } = batch.fill(sequences, order, from);
      const bounds = sequenceRanges(batch.offsets, to - from);
      await pool.run({
        kernel: 'skipGramPairs',
        bounds,
        args: [
          random.nextUint32(),
          ...([batch.offsetsAddress, batch.itemsAddress, keep, options.window, parts] as const),
          { base: batch.regions, perRange: shape.regionBytes },
          'scratch',
          batch.longest(to - from),
        ],
      });
      const numRegions = bounds.length - 1;
      pairs += batch.countPairs(numRegions);
      for (let shift = 0; shift < parts; shift++) {
        const done = (events + (numEvents * shift) / parts) / totalEvents;
        const rate = options.learningRate * Math.max(lastRate, 1 - done);
        const losses = await pool.run({
          kernel: 'skipGramBlocks',
          bounds: batch.blocks,
          args: [
            ...([random.nextUint32(), shift, parts, batch.regions, numRegions, shape.regionBytes] as const),
            ...([input.address, output.address, numItems, dim, noise, options.negatives, rate] as const),
            'scratch',
          ],
        });
        for (const part of losses) loss += part;
      }
      events += numEvents;
      from = to;
    }
    const report = { epoch, loss: pairs === 0 ? 0 : loss / pairs, seconds: clock() - started };
    // As a negation, so that NaN is caught.
    if (!(report.loss <= runaway * (1 + options.negatives) * Math.LN2)) throw diverged(report, options);
    epochs.push(report);
    if (!(await afterEpoch(report, state))) break;
  }
  return { ...state, epochs };
}

/** Input vectors evenly from (−½, ½) / dim, as word2vec starts; padded columns are 0. */
function startVectors(
  { workspace }: ComputePool,
  { address, numRows, dim }: Factors,
  factors: number,
  random: Random,
): void {
  const values = workspace.f32(address, numRows * dim).fill(0);
  for (let row = 0; row < numRows; row++)
    for (let f = 0; f < factors; f++) values[row * dim + f] = (random.nextFraction() - 0.5) / factors;
}

/** An alias table for each part: thresholds and item rows, by item. */
function writeNoise(
  table: Uint32Array,
  counts: Float64Array,
  parts: number,
  { negativeExponent }: SkipGramOptions,
  power: (x: number, y: number) => number,
): void {
  for (let part = 0; part < parts; part++) {
    const size = Math.ceil((counts.length - part) / parts);
    const weights = Float64Array.from({ length: size }, (_, j) => {
      const count = counts[j * parts + part] ?? 0;
      return count === 0 ? 0 : power(count, negativeExponent);
    });
    // A part whose items never come in a sequence has no pairs, and no noise is drawn from it.
    if (weights.every((weight) => weight === 0)) weights.fill(1);
    const { threshold, alias } = buildAliasTable(weights);
    for (let j = 0; j < size; j++) {
      table[2 * (j * parts + part)] = threshold[j] ?? 0;
      table[2 * (j * parts + part) + 1] = (alias[j] ?? 0) * parts + part;
    }
  }
}

/** word2vec's subsampling of frequent items: √(t/f) + t/f, as a share of 2³² − 1. */
function chancesToStay(counts: Float64Array, numEvents: number, subsample: number): Uint32Array {
  const always = 2 ** 32 - 1;
  return Uint32Array.from(counts, (count) => {
    if (subsample === 0 || count === 0) return always;
    const ratio = (subsample * numEvents) / count;
    return Math.floor(Math.min(1, Math.sqrt(ratio) + ratio) * always);
  });
}

/** A batch of sequences, and its pairs. */
function openBatch(
  { workspace }: ComputePool,
  { parts, batchEvents, regionBytes }: SkipGramShape,
  { itemsAddress, offsetsAddress, regions }: AddressesOf<SkipGramShape['layout']>,
) {
  const items = workspace.u32(itemsAddress, batchEvents);
  const offsets = workspace.u32(offsetsAddress, batchEvents + 1);
  return {
    itemsAddress,
    offsetsAddress,
    regions,
    offsets,
    /** [parts + 1]: a range a block. */
    blocks: Uint32Array.from({ length: parts + 1 }, (_, a) => a),
    /** Copies sequences order[from …] until the batch is full; says where it stopped. */
    fill({ offsets: starts, item }: TrainingSequences, order: Uint32Array, from: number) {
      let numEvents = 0;
      let to = from;
      offsets[0] = 0;
      for (; to < order.length; to++) {
        const start = starts[order[to]!]!;
        const end = starts[order[to]! + 1]!;
        if (numEvents + end - start > batchEvents) break;
        items.set(item.subarray(start, end), numEvents);
        numEvents += end - start;
        offsets[to - from + 1] = numEvents;
      }
      return { to, numEvents };
    },
    /** Events of the longest of the first sequences. */
    longest(numSequences: number): number {
      let longest = 0;
      for (let s = 0; s < numSequences; s++) longest = Math.max(longest, offsets[s + 1]! - offsets[s]!);
      return longest;
    },
    countPairs(numRegions: number): number {
      let pairs = 0;
      for (let r = 0; r < numRegions; r++)
        pairs += workspace.u32(regions + r * regionBytes, parts * parts + 1)[parts * parts]!;
      return pairs;
    },
  };
}

function diverged({ epoch, loss }: EpochReport, { learningRate }: SkipGramOptions): AppError {
  return new AppError(
    'diverged',
    `training diverged: the loss of epoch ${String(epoch)} is ${loss.toPrecision(3)}, far above that of zero vectors`,
    {
      suggestions: [
        `lower \`learningRate\` (it is ${String(learningRate)})`,
        'use fewer `negatives`, or a `negativeExponent` nearer to 0.75',
      ],
    },
  );
}
