import { describe, expect, it } from 'vitest';
import type { Pairs } from '#dist/core/contracts.js';
import type { CountedEvents } from '#dist/core/events/interactions-hash.js';
import {
  countEverything,
  splitByMarks,
  splitOfFiles,
  type MeasuredSplit,
} from '#dist/core/evaluation/measured-split.js';
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
