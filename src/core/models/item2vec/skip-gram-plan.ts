/** How skip-gram training is cut: by the numbers of items and events and the options, never by the number of threads. */
import { factorsLayout, paddedDim } from '../../compute/factors.js';
import { allocatedBytes, layoutOf } from '../../compute/workspace.js';
import type { SkipGramOptions } from './skip-gram-options.js';

/** Events of a sequence that are seen together; a longer sequence is cut. */
export const longestSequence = 4096;
/** Events of a range of sequences: its pairs are found on one thread. */
const rangeEvents = 4096;
/** Pairs of a batch at most: 32 MiB of memory, and far more work than its hand-overs. */
const batchPairs = 1 << 22;
/** Parts that the items are dealt to, and so threads that are of use. */
const maxParts = 16;
/** Items a part at least: the noise of a pair is drawn from one part. */
const minPartItems = 256;

export interface SkipGramShape {
  readonly dim: number;
  readonly parts: number;
  /** Events of a batch at most: sequences whose pairs are found together, then descended over block by block. */
  readonly batchEvents: number;
  readonly regionBytes: number;
  readonly layout: ReturnType<typeof skipGramLayout>;
  /** Of the layout, and of whatever else is to find room. */
  readonly workspaceBytes: number;
  readonly scratchBytes: number;
}

/** How many parts the items are dealt to. */
function defaultParts(numItems: number): number {
  return Math.max(1, Math.min(maxParts, Math.floor(numItems / minPartItems)));
}

/** @param numEvents of all sequences @param parts other bits, the same quality: to measure with */
export function skipGramShape(
  numItems: number,
  numEvents: number,
  { factors, window, negatives }: SkipGramOptions,
  parts = defaultParts(numItems),
): SkipGramShape {
  const dim = paddedDim(factors);
  const pairsAnEvent = 2 * window;
  // A range ends before the sequence that would take it past its limit, so it is more than half full, or two are.
  const wanted = Math.max(rangeEvents, Math.floor(batchPairs / pairsAnEvent));
  const batchEvents = Math.min(wanted, Math.max(longestSequence, numEvents));
  const batchRanges = 2 * Math.ceil(batchEvents / rangeEvents) + 1;
  const pairBytes = 8 * pairsAnEvent * rangeEvents;
  const regionBytes = allocatedBytes(4 * (parts * parts + 1) + pairBytes);
  const layout = skipGramLayout(numItems, dim, batchEvents, batchRanges * regionBytes);
  return {
    dim,
    parts,
    batchEvents,
    regionBytes,
    layout,
    workspaceBytes: layout.bytes,
    scratchBytes: Math.max(
      4 * parts * parts + 4 * longestSequence + pairBytes,
      4 * dim + 2 * 4 * (negatives + 8),
    ),
  };
}

/** Vectors of items as words and as contexts; then, of a batch, its events, where its sequences begin, and its pairs. */
function skipGramLayout(numItems: number, dim: number, batchEvents: number, pairBytes: number) {
  return layoutOf({
    input: factorsLayout(numItems, dim),
    output: factorsLayout(numItems, dim),
    noise: 8 * numItems,
    keep: 4 * numItems,
    itemsAddress: 4 * batchEvents,
    offsetsAddress: 4 * (batchEvents + 1),
    regions: pairBytes,
  });
}

/** Boundaries of consecutive sequences with at most `rangeEvents` events together. */
export function sequenceRanges(offsets: ArrayLike<number>, numSequences: number): Uint32Array {
  const bounds = [0];
  let from = 0;
  for (let s = 0; s < numSequences; s++) {
    if (s > from && offsets[s + 1]! - offsets[from]! > rangeEvents) {
      bounds.push(s);
      from = s;
    }
  }
  if (numSequences > 0) bounds.push(numSequences);
  return Uint32Array.from(bounds);
}
