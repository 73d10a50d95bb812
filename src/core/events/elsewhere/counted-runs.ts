/** Users, items and pairs that other machines added up → interactions as they are when this one adds up. */
import type { Pairs, StringColumn } from '../../contracts.js';
import {
  compareStrings,
  maxColumnBytes,
  maxTextBytes,
  StringColumnBuilder,
} from '../../tables/string-column.js';

/** Distinct ids, and [ids] how many events each has. */
export interface CountedIds {
  readonly ids: StringColumn;
  readonly events: Uint32Array;
}

/** Rows are numbered by events descending, then by bytes ascending. */
function compareCounted(a: CountedIds, aRow: number, b: CountedIds, bRow: number): number {
  return b.events[bRow]! - a.events[aRow]! || compareStrings(a.ids, aRow, b.ids, bRow);
}

/** [ids] places, in the order in which rows are numbered. */
export function orderOfCounted(counted: CountedIds): Uint32Array {
  const order = new Uint32Array(counted.events.length);
  for (let row = 0; row < order.length; row++) order[row] = row;
  return order.sort((a, b) => compareCounted(counted, a, counted, b));
}

/** Ids of several runs, none of them in two, each in the order of its rows → all of them in that order, and each run's rows. */
export interface MergedIds {
  readonly ids: StringColumn;
  readonly rowsOf: readonly Uint32Array[];
}

/** AppError 'too-large' where all of them do not fit. Cost: ids × log runs comparisons. */
export function mergeCounted(runs: readonly CountedIds[], side: 'user' | 'item'): MergedIds {
  const mostBytes = side === 'user' ? maxTextBytes : maxColumnBytes;
  const builder = new StringColumnBuilder(`${side} ids`, undefined, undefined, mostBytes);
  const next = new Uint32Array(runs.length);
  const rowsOf = runs.map(({ events }) => new Uint32Array(events.length));
  /** A heap of runs by the first of what is left of them. */
  const heap: number[] = [];
  const isBefore = (a: number, b: number): boolean =>
    compareCounted(runs[a]!, next[a]!, runs[b]!, next[b]!) < 0;
  const sink = (from: number): void => {
    for (let at = from; ;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      let first = at;
      if (left < heap.length && isBefore(heap[left]!, heap[first]!)) first = left;
      if (right < heap.length && isBefore(heap[right]!, heap[first]!)) first = right;
      if (first === at) return;
      [heap[at], heap[first]] = [heap[first]!, heap[at]!];
      at = first;
    }
  };
  for (const [run, { events }] of runs.entries()) if (events.length > 0) heap.push(run);
  for (let at = heap.length >> 1; at-- > 0;) sink(at);
  for (let row = 0; heap.length > 0; row++) {
    const [run = 0] = heap;
    const { ids, events } = runs[run]!;
    const at = next[run]!;
    builder.pushBytes(ids.bytes, ids.offsets[at], ids.offsets[at + 1]);
    rowsOf[run]![at] = row;
    next[run] = at + 1;
    if (next[run] === events.length) {
      const last = heap.pop()!;
      if (heap.length === 0) break;
      heap[0] = last;
    }
    sink(0);
  }
  return { ids: builder.finish(), rowsOf };
}

/** The pairs of some users, one user after the other: [pairs] each. */
export type PairBlock = Pick<Pairs, 'item' | 'weight' | 'count' | 'lastAt' | 'flags'>;

/**
 * Pairs by user row.
 *
 * @param rowsOf for each block its users' rows, and `pairsOf` how many pairs each of them has
 * @param blocks in that order. Error where they are not what was said.
 */
export async function placePairs(
  { rowsOf, pairsOf }: { readonly rowsOf: readonly Uint32Array[]; readonly pairsOf: readonly Uint32Array[] },
  blocks: AsyncIterable<PairBlock>,
  numItems: number,
): Promise<Pairs> {
  const numUsers = rowsOf.reduce((sum, rows) => sum + rows.length, 0);
  const indptr = new Uint32Array(numUsers + 1);
  for (const [block, rows] of rowsOf.entries())
    for (let at = 0; at < rows.length; at++) indptr[rows[at]! + 1] = pairsOf[block]![at]!;
  for (let u = 0; u < numUsers; u++) indptr[u + 1]! += indptr[u]!;
  const numPairs = indptr[numUsers]!;
  const pairs = {
    ...{ numUsers, numItems, indptr },
    item: new Uint32Array(numPairs),
    weight: new BigInt64Array(numPairs),
    count: new Uint32Array(numPairs),
    lastAt: new BigInt64Array(numPairs),
    flags: new Uint8Array(numPairs),
  };
  // As words: a BigInt for every pair would cost more than all the rest.
  const [weights, times] = [wordsOf(pairs.weight), wordsOf(pairs.lastAt)];
  let block = 0;
  for await (const { item, weight, count, lastAt, flags } of blocks) {
    const [rows, sizes] = [rowsOf[block]!, pairsOf[block]!];
    const [ownWeights, ownTimes] = [wordsOf(weight), wordsOf(lastAt)];
    let from = 0;
    for (let at = 0; at < rows.length; at++) {
      const place = indptr[rows[at]!]! - from;
      const to = from + sizes[at]!;
      for (; from < to; from++) {
        const p = place + from;
        pairs.item[p] = item[from]!;
        pairs.count[p] = count[from]!;
        pairs.flags[p] = flags[from]!;
        weights[2 * p] = ownWeights[2 * from]!;
        weights[2 * p + 1] = ownWeights[2 * from + 1]!;
        times[2 * p] = ownTimes[2 * from]!;
        times[2 * p + 1] = ownTimes[2 * from + 1]!;
      }
    }
    if (from !== item.length)
      throw new Error(`block ${block} has ${item.length} pairs, where its users have ${from}`);
    block += 1;
  }
  if (block !== rowsOf.length) throw new Error(`${block} blocks of pairs came, of ${rowsOf.length}`);
  return pairs;
}

function wordsOf({ buffer, byteOffset, length }: BigInt64Array): Int32Array {
  return new Int32Array(buffer, byteOffset, 2 * length);
}
