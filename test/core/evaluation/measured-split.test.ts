import { describe, expect, it } from 'vitest';
import type { Pairs } from '#dist/core/contracts.js';
import type { CountedEvents } from '#dist/core/events/interactions-hash.js';
import {
  countEverything,
  splitByMarks,
  splitOfFiles,
  type MeasuredSplit,
} from '#dist/core/evaluation/measured-split.js';
import { popularityShift, shiftInWords } from '#dist/core/evaluation/popularity-shift.js';
import { mark, randomSplit, strongSplit } from '#dist/core/numeric/splits.js';
import { packStrings } from '#dist/core/tables/string-column.js';
import { pairsOf, plantedEntries } from '../../helpers/sparse.js';

/** Interactions by ids: users by name, each with the items they have. */
function eventsOf(rows: Readonly<Record<string, readonly string[]>>): CountedEvents {
  const items = [...new Set(Object.values(rows).flat())].sort();
  const pairs = pairsOf(
    Object.values(rows).map((row) =>
      row
        .map((id) => items.indexOf(id))
        .sort((a, b) => a - b)
        .map((item) => [item, 1] as const),
    ),
    items.length,
  );
  return {
    users: packStrings(Object.keys(rows)),
    items: packStrings(items),
    pairs,
    numEvents: pairs.item.length,
    firstAt: null,
    lastAt: null,
  };
}

const idsOf = ({ items }: CountedEvents, rows: ArrayLike<number>): string[] =>
  Array.from(rows, (row) => items.at(row));

const rowsOf = ({ indptr, item }: Pick<Pairs, 'indptr' | 'item'>): number[][] =>
  Array.from({ length: indptr.length - 1 }, (_, u) => [...item.subarray(indptr[u], indptr[u + 1])]);

function shown({ train, histories, targets }: MeasuredSplit): unknown {
  return {
    histories: rowsOf(histories).map((row) => idsOf(train, row).sort()),
    targets: rowsOf(targets).map((row) => idsOf(train, row).sort()),
    unknown: [...targets.unknown],
  };
}

describe('splitOfFiles', () => {
  const train = eventsOf({ ann: ['a', 'b'], bob: ['b', 'c'], cid: ['c'] });
  const test = eventsOf({ bob: ['a', 'new'], dan: ['b'], cid: ['c', 'b'] });

  it('keeps all that the test file says in the denominators', () => {
    const split = splitOfFiles(train, train, test, countEverything);
    expect(shown(split)).toEqual({
      histories: [['b', 'c'], [], ['c']],
      targets: [['a'], ['b'], ['b', 'c']],
      unknown: [1, 0, 0],
    });
    expect(split.findings).toEqual({
      unknownTargets: 1,
      unknownItems: 1,
      heardTargets: 1,
      usersWithoutHistory: 1,
      usersWithoutTargets: 0,
    });
  });

  it('leaves out what was heard before and users who are new, where it is told to', () => {
    const rules = { leaveOutSeen: true, leaveOutNewUsers: true };
    expect(shown(splitOfFiles(train, train, test, rules))).toEqual({
      histories: [['b', 'c'], ['c']],
      targets: [['a'], ['b']],
      unknown: [1, 0],
    });
  });

  it('folds in the histories of users who were not trained on', () => {
    const folded = eventsOf({ dan: ['c', 'nowhere', 'a'] });
    const split = splitOfFiles(train, folded, eventsOf({ dan: ['b'] }), countEverything);
    expect(shown(split)).toEqual({ histories: [['a', 'c']], targets: [['b']], unknown: [0] });
  });
});

describe('splitByMarks', () => {
  const numItems = 40;
  const pairs = pairsOf(plantedEntries(120, numItems, { perUser: 12 }), numItems);
  const all: CountedEvents = {
    users: packStrings(Array.from({ length: pairs.numUsers }, (_, u) => `u${u}`)),
    items: packStrings(Array.from({ length: numItems }, (_, i) => `i${i}`)),
    pairs,
    numEvents: pairs.item.length,
    firstAt: null,
    lastAt: null,
  };

  it('gives every pair to training or the targets, with the users and items that training has', () => {
    const marks = randomSplit(pairs, { share: 0.3, seed: 2 });
    const { train, histories, targets } = splitByMarks(all, marks);
    expect(train.pairs.item).toHaveLength(marks.filter((is) => is === mark.train).length);
    expect(targets.item.length + targets.unknown.reduce((sum, n) => sum + n, 0)).toBe(
      marks.filter((is) => is === mark.target).length,
    );
    expect(train.items.length).toBe(new Set(train.pairs.item).size);
    // A history is the user's training, and has nothing of their targets.
    const trained = new Set(rowsOf(train.pairs).map((row) => row.join()));
    rowsOf(histories).forEach((row, u) => {
      expect(trained.has(row.join())).toBe(true);
      expect(row.some((item) => rowsOf(targets)[u]!.includes(item))).toBe(false);
    });
  });

  it('folds in users who were not trained on', () => {
    const { marks } = strongSplit(pairs, { held: 20, share: 0.2, part: 'test', seed: 2 });
    const { train, histories, targets, findings } = splitByMarks(all, marks);
    expect(train.users.length).toBe(80);
    expect(histories.numUsers).toBe(targets.indptr.length - 1);
    expect(histories.item).toHaveLength(marks.filter((is) => is === mark.fold).length);
    expect(findings.unknownTargets).toBe(0);
  });
});

describe('popularityShift', () => {
  // 40 users: everybody has the hit, one of two has one of two songs, and each one thing of their own.
  const users = Array.from({ length: 40 }, (_, u) => `u${String(u)}`);
  const rows = (of: (u: number) => string[]) =>
    eventsOf(Object.fromEntries(users.map((user, u) => [user, of(u)])));
  const train = rows((u) => ['hit', `song${String(u % 2)}`, `own${String(u)}`]);
  const part = (of: (u: number) => string[]) => splitOfFiles(train, train, rows(of), countEverything);

  it('is the mean training users of items to be found in one part less those in the other', () => {
    const valid = part((u) => [`song${String((u + 1) % 2)}`]);
    const test = part((u) => [u < 30 ? 'hit' : `song${String((u + 1) % 2)}`]);
    const shift = popularityShift(valid, test, 1)!;
    expect(shift.valid).toBeCloseTo(20, 10);
    expect(shift.test).toBeCloseTo(35, 10);
    expect(shift.difference).toBeCloseTo(20 / 35 - 1, 10);
    const [low, high] = shift.interval;
    // Three of four test users: a mean of 35 with a standard error of 1.37.
    expect(low).toBeCloseTo(20 / 37.7 - 1, 1);
    expect(high).toBeCloseTo(20 / 32.3 - 1, 1);
    expect(shift.isShifted).toBe(true);
    expect(shiftInWords(shift)).toMatch(
      /^items .* validation have 20 training users .* test part 35 \(−42.9 %;/,
    );
    expect(popularityShift(test, valid, 1)!.isShifted).toBe(true);
  });

  it('is no warning where it is small, or may be by chance', () => {
    const even = part((u) => [`song${String((u + 1) % 2)}`]);
    expect(popularityShift(even, even, 1)).toMatchObject({
      difference: 0,
      interval: [0, 0],
      isShifted: false,
    });
    // 12 % less: never by chance, and small.
    const small = part((u) => [u < 5 ? `own${String((u + 1) % 40)}` : `song${String((u + 1) % 2)}`]);
    expect(popularityShift(small, even, 1)).toMatchObject({ isShifted: false });
    // One user of three, with a hit: 22 users in the mean instead of 13, and nobody knows.
    const few = (hits: number) =>
      splitOfFiles(
        train,
        train,
        eventsOf({ u1: [hits > 0 ? 'hit' : 'song0'], u2: ['song1'], u3: ['own7'] }),
        countEverything,
      );
    const unsure = popularityShift(few(0), few(1), 1);
    if (unsure !== null) expect(unsure).toMatchObject({ isShifted: false });
    expect(unsure?.difference ?? -1).toBeLessThan(-0.15);
  });

  it('counts what training never saw as having no users, and knows nothing where that is all', () => {
    const known = part((u) => ['hit', `song${String((u + 1) % 2)}`]);
    const half = part((u) => [`song${String((u + 1) % 2)}`, 'new']);
    expect(popularityShift(half, known, 1)).toMatchObject({ valid: 10, test: 30, isShifted: true });
    expect(
      popularityShift(
        part(() => ['new']),
        known,
        1,
      ),
    ).toBeNull();
  });
});
