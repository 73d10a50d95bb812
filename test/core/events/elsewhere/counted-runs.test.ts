import fc from 'fast-check';
import {
  mergeCounted,
  orderOfCounted,
  placePairs,
  type CountedIds,
  type PairBlock,
} from '#dist/core/events/elsewhere/counted-runs.js';
import { packStrings } from '#dist/core/tables/string-column.js';
import { describe, expect, it } from 'vitest';

const counted = (ids: readonly (readonly [string, number])[]): CountedIds => ({
  ids: packStrings(ids.map(([id]) => id)),
  events: Uint32Array.from(ids, ([, events]) => events),
});
const rowOrder = (a: readonly [string, number], b: readonly [string, number]): number =>
  b[1] - a[1] || Buffer.compare(Buffer.from(a[0]), Buffer.from(b[0]));

/** U+FFFF is before U+10000 by bytes, and after it by UTF-16. */
const ids = fc.uniqueArray(
  fc.tuple(
    fc.string({ unit: fc.constantFrom('a', 'b', '\uffff', '\u{10000}'), maxLength: 4 }),
    fc.integer({ min: 1, max: 3 }),
  ),
  { selector: ([id]) => id, maxLength: 40 },
);

it('counted ids are ordered by events, then by bytes, in one run and merged from several', () => {
  fc.assert(
    fc.property(ids, fc.integer({ min: 1, max: 5 }), (all, numRuns) => {
      const wanted = all.toSorted(rowOrder);
      expect(Array.from(orderOfCounted(counted(all)), (row) => all[row])).toEqual(wanted);
      const runs = Array.from({ length: numRuns }, (_, run) =>
        all.filter((_id, at) => at % numRuns === run).sort(rowOrder),
      );
      const { ids: merged, rowsOf } = mergeCounted(runs.map(counted), 'user');
      expect(Array.from({ length: merged.length }, (_, row) => merged.at(row))).toEqual(
        wanted.map(([id]) => id),
      );
      for (const [run, rows] of rowsOf.entries())
        expect(Array.from(rows, (row) => wanted[row])).toEqual(runs[run]);
    }),
  );
});

/** Pairs whose every number says whose they are. */
const block = (numbers: readonly number[]): PairBlock => ({
  item: Uint32Array.from(numbers),
  weight: BigInt64Array.from(numbers, (n) => BigInt(n) << 33n),
  count: Uint32Array.from(numbers, (n) => n + 1),
  lastAt: BigInt64Array.from(numbers, (n) => -BigInt(n) << 34n),
  flags: Uint8Array.from(numbers),
});
async function* blocksOf(...all: readonly PairBlock[]): AsyncGenerator<PairBlock> {
  await Promise.resolve();
  yield* all;
}

describe('blocks of pairs', () => {
  const placed = {
    rowsOf: [Uint32Array.of(1, 3), Uint32Array.of(), Uint32Array.of(0, 2)],
    pairsOf: [Uint32Array.of(2, 1), Uint32Array.of(), Uint32Array.of(1, 0)],
  };

  it('stand by user row', async () => {
    const pairs = await placePairs(placed, blocksOf(block([10, 11, 30]), block([]), block([1])), 50);
    expect(pairs).toEqual({
      numUsers: 4,
      numItems: 50,
      indptr: Uint32Array.of(0, 1, 3, 3, 4),
      ...block([1, 10, 11, 30]),
    });
  });

  it.each([
    ['too few', [block([10, 11, 30]), block([])]],
    ['too large', [block([10, 11, 30, 31]), block([]), block([1])]],
  ])('that are %s are an error', async (_, blocks) => {
    await expect(placePairs(placed, blocksOf(...blocks), 50)).rejects.toThrow(/blocks? /);
  });
});
