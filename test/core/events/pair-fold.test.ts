import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noTimeNumber } from '#dist/core/events/event-rules.js';
import { PairFold } from '#dist/core/events/pair-fold.js';

interface Event {
  readonly user: number;
  readonly item: number;
  readonly weight: bigint;
  readonly time: number;
  readonly type: number;
}

const event: fc.Arbitrary<Event> = fc.record({
  user: fc.integer({ min: 0, max: 4 }),
  item: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constant(2 ** 32 - 1)),
  weight: fc.oneof(fc.bigInt(0n, 2n ** 58n), fc.bigInt(2n ** 32n - 3n, 2n ** 32n + 3n)),
  time: fc.oneof(fc.integer({ min: -(2 ** 47), max: 2 ** 47 }), fc.constant(noTimeNumber)),
  type: fc.integer({ min: 0, max: 3 }),
});

/** Folds sorted events in runs of the given length. */
function fold(
  events: readonly Event[],
  columns: { weight: boolean; time: boolean; type: boolean },
  runLength: number,
) {
  const result = new PairFold(5, 2 ** 32, events.length, columns);
  for (let at = 0; at < events.length; at += runLength) {
    const run = events.slice(at, at + runLength);
    result.push({
      length: run.length,
      user: Uint32Array.from(run, ({ user }) => user),
      item: Uint32Array.from(run, ({ item }) => item),
      weight: columns.weight
        ? new Uint32Array(BigInt64Array.from(run, ({ weight }) => weight).buffer)
        : undefined,
      time: columns.time ? Float64Array.from(run, ({ time }) => time) : undefined,
      type: columns.type ? Uint8Array.from(run, ({ type }) => type) : undefined,
    });
  }
  return result.finish();
}

describe('folding sorted events into pairs', () => {
  it('adds up as BigInts do, with every choice of columns and in runs of any length', () => {
    fc.assert(
      fc.property(
        fc.array(event, { maxLength: 30 }),
        fc.record({ weight: fc.boolean(), time: fc.boolean(), type: fc.boolean() }),
        fc.integer({ min: 1, max: 7 }),
        (events, columns, runLength) => {
          const sorted = [...events].sort((a, b) => a.user - b.user || a.item - b.item);
          const { pairs, firstAt, lastAt } = fold(sorted, columns, runLength);
          const groups = grouped(sorted);
          expect(pairs.item).toEqual(Uint32Array.from(groups, ([first]) => first!.item));
          for (let u = 0; u <= 5; u++)
            expect(pairs.indptr[u]).toBe(groups.filter(([first]) => first!.user < u).length);
          groups.forEach((group, p) => {
            expect(pairs.count[p]).toBe(group.length);
            const weights = group.map(({ weight }) => (columns.weight ? weight : 1_000_000_000n));
            expect(pairs.weight[p]).toBe(weights.reduce((sum, weight) => sum + weight, 0n));
            const time = (each: Event): number => (columns.time ? each.time : noTimeNumber);
            expect(pairs.lastAt[p]).toBe(BigInt(Math.max(...group.map(time))));
            const latest = (type: number): number =>
              Math.max(-Infinity, ...group.filter((each) => each.type === type).map(time));
            const disliked = columns.type && latest(2) > -Infinity && latest(2) >= latest(1);
            const banned = columns.type && group.some(({ type }) => type === 3);
            expect(pairs.flags[p]).toBe((disliked ? 0 : 1) + (banned ? 2 : 0));
          });
          const times = columns.time
            ? sorted.map(({ time }) => time).filter((time) => time !== noTimeNumber)
            : [];
          expect(firstAt).toBe(times.length === 0 ? null : BigInt(Math.min(...times)));
          expect(lastAt).toBe(times.length === 0 ? null : BigInt(Math.max(...times)));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('refuses a sum beyond int64 and keeps the largest one below', () => {
    const half = { user: 0, item: 0, time: 0, type: 0, weight: 2n ** 62n };
    const columns = { weight: true, time: false, type: false };
    expect(fold([half, { ...half, weight: 2n ** 62n - 1n }], columns, 1).pairs.weight[0]).toBe(
      2n ** 63n - 1n,
    );
    expect(() => fold([half, half], columns, 2)).toThrow('add up to more than 9223372036.854775807');
  });

  it('says so where there are more events than arrays can hold', () => {
    const columns = { weight: true, time: false, type: false };
    expect(() => new PairFold(1, 1, 2 ** 32 - 1, columns)).toThrow(
      expect.objectContaining({ code: 'too-large', message: expect.stringContaining('4294967295 events') }),
    );
  });

  it('counts events that weigh 1 beyond 32 bits of units', () => {
    const columns = { weight: false, time: false, type: false };
    const events = Array.from({ length: 70_000 }, () => ({ user: 0, item: 7, time: 0, type: 0, weight: 0n }));
    expect(fold(events, columns, 2048).pairs.weight[0]).toBe(70_000n * 1_000_000_000n);
  });
});

function grouped(sorted: readonly Event[]): Event[][] {
  const groups: Event[][] = [];
  for (const each of sorted) {
    const last = groups.at(-1)?.[0];
    if (last?.user === each.user && last.item === each.item) groups.at(-1)!.push(each);
    else groups.push([each]);
  }
  return groups;
}
