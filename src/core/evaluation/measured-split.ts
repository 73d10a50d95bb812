/**
 * What is trained on, whose histories are folded in, and what they should find: one form for every way to split.
 */
import type { Count, Pairs, StringColumn } from '../contracts.js';
import type { CountedEvents } from '../events/interactions-hash.js';
import { pickPairs } from '../events/pick-pairs.js';
import { isWanted, pairsMarked, usersAt } from '../numeric/split-pairs.js';
import { mark } from '../numeric/splits.js';
import { renumberItems } from '../histories/renumber-items.js';
import { rowFinder } from '../tables/row-finder.js';
import type { Targets } from './evaluate-ranker.js';

/** Whom a ranker is measured for. */
export interface Measured {
  /** A row a measured user, of the ranker's items. */
  readonly histories: Pairs;
  /** Of the same users, each with one at least. */
  readonly targets: Targets;
  readonly findings: SplitFindings;
}

export interface MeasuredSplit extends Measured {
  /** As if these events alone had been read: what `train` would see. */
  readonly train: CountedEvents;
}

/** What is worth a word about a split. */
export interface SplitFindings {
  /** Targets whose items the ranker does not have: in every denominator, and never found. */
  readonly unknownTargets: Count;
  readonly unknownItems: Count;
  /** Test pairs that are in their user's history as well, so that they are never recommended. */
  readonly heardTargets: Count;
  /** Test users of whom there is no history. */
  readonly usersWithoutHistory: Count;
  /** Test users of whom no target is left. */
  readonly usersWithoutTargets: Count;
}

/** What becomes of test pairs that no ranking can do justice to. */
export interface SplitRules {
  /** Whether seen targets are left out; else they are in the denominators and never found. */
  readonly leaveOutSeen: boolean;
  /** Whether users without a history are left out; else they get what everybody without one gets. */
  readonly leaveOutNewUsers: boolean;
}

/** As the code of published numbers does it: everything in the test file counts. */
export const countEverything: SplitRules = { leaveOutSeen: false, leaveOutNewUsers: false };

/**
 * A split of one set of interactions. Histories are what is folded in where anything is, else what is trained on.
 * @param marks [nnz] of numeric/splits.ts
 */
export function splitByMarks(all: CountedEvents, marks: Uint8Array): MeasuredSplit {
  const { events: train, itemNow, userBefore } = pickPairs(all, marks, mark.train);
  const test = pairsMarked(all.pairs, marks, mark.target);
  const measured = (histories: Pairs, historyOf: Int32Array): MeasuredSplit => ({
    train,
    ...measuredOf(test, itemNow, histories, historyOf, countEverything),
  });
  const { numUsers } = all.pairs;
  if (marks.includes(mark.fold)) {
    const folded = pairsMarked(all.pairs, marks, mark.fold);
    const everyone = Int32Array.from({ length: numUsers }, (_, u) => u);
    return measured(renumberItems(folded, itemNow, train.items.length), everyone);
  }
  const rowNow = new Int32Array(numUsers).fill(-1);
  userBefore.forEach((u, row) => (rowNow[u] = row));
  return measured(train.pairs, rowNow);
}

/**
 * A split that was made before: models are trained on `train` and measured for the users of `test`, whose histories are
 * their events in `folded`.
 * @param folded `train` itself, or the events of users who are not trained on
 */
export function splitOfFiles(
  train: CountedEvents,
  folded: CountedEvents,
  test: CountedEvents,
  rules: SplitRules,
): MeasuredSplit {
  const itemRows = rowFinder(train.items);
  const histories =
    folded === train
      ? train.pairs
      : renumberItems(folded.pairs, rowsOf(folded.items, itemRows), train.items.length);
  const historyOf = rowsOf(test.users, rowFinder(folded.users));
  return { train, ...measuredOf(test.pairs, rowsOf(test.items, itemRows), histories, historyOf, rules) };
}

/**
 * Histories and targets of the test users who are measured.
 * @param itemNow [test.numItems] the ranker's row of each item, or −1
 * @param histories of the ranker's items
 * @param historyOf [test.numUsers] the row of each test user's history, or −1
 */
export function measuredOf(
  test: Pairs,
  itemNow: Int32Array,
  histories: Pairs,
  historyOf: Int32Array,
  rules: SplitRules,
): Measured {
  const rows: number[] = [];
  const indptr = [0];
  const targets: number[] = [];
  const unknown: number[] = [];
  const unknownItems = new Set<number>();
  let heardTargets = 0;
  let usersWithoutHistory = 0;
  let usersWithoutTargets = 0;
  for (let u = 0; u < test.numUsers; u++) {
    const row = historyOf[u] ?? -1;
    const seen = new Set(
      row < 0 ? [] : histories.item.subarray(histories.indptr[row], histories.indptr[row + 1]),
    );
    const own: number[] = [];
    const strange: number[] = [];
    for (let p = test.indptr[u] ?? 0; p < (test.indptr[u + 1] ?? 0); p++) {
      if (!isWanted(test, p)) continue;
      const before = test.item[p] ?? 0;
      const item = itemNow[before] ?? -1;
      if (item < 0) {
        strange.push(before);
      } else if (!seen.has(item)) {
        own.push(item);
      } else {
        heardTargets++;
        if (!rules.leaveOutSeen) own.push(item);
      }
    }
    if (own.length + strange.length === 0) {
      if ((test.indptr[u + 1] ?? 0) > (test.indptr[u] ?? 0)) usersWithoutTargets++;
      continue;
    }
    if (seen.size === 0) {
      usersWithoutHistory++;
      if (rules.leaveOutNewUsers) continue;
    }
    for (const item of own.sort((a, b) => a - b)) targets.push(item);
    rows.push(row);
    indptr.push(targets.length);
    unknown.push(strange.length);
    for (const item of strange) unknownItems.add(item);
  }
  const known = withEmptyUser(histories);
  return {
    histories: usersAt(
      known,
      rows.map((row) => (row < 0 ? histories.numUsers : row)),
    ),
    targets: {
      indptr: Uint32Array.from(indptr),
      item: Uint32Array.from(targets),
      unknown: Uint32Array.from(unknown),
    },
    findings: {
      unknownTargets: unknown.reduce((total, count) => total + count, 0),
      unknownItems: unknownItems.size,
      heardTargets,
      usersWithoutHistory,
      usersWithoutTargets,
    },
  };
}

/** The same pairs with one more user, who has none. */
function withEmptyUser(pairs: Pairs): Pairs {
  const { numUsers, indptr } = pairs;
  return {
    ...pairs,
    numUsers: numUsers + 1,
    indptr: Uint32Array.from({ length: numUsers + 2 }, (_, u) => indptr[Math.min(u, numUsers)] ?? 0),
  };
}

/** The row of each id where `find` looks, or −1. */
export function rowsOf(ids: StringColumn, find: ReturnType<typeof rowFinder>): Int32Array {
  return Int32Array.from({ length: ids.length }, (_, row) => find(ids, row) ?? -1);
}

/** [numItems] distinct users of each item. */
export function usersOfItems({ numItems, item }: Pairs): Uint32Array {
  const users = new Uint32Array(numItems);
  for (const row of item) users[row] = (users[row] ?? 0) + 1;
  return users;
}
