import { describe, expect, it } from 'vitest';
import { findKnownItems } from '#dist/core/comparison/known-items.js';
import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
import { matchItems } from '#dist/core/comparison/match-snapshots.js';
import { makeSmallSnapshot } from '../../helpers/small-snapshot.js';
import { idA, idB, listening } from '../../helpers/snapshots.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const directory = temporaryDirectories();

/** By item: how many users have it. */
async function known(a: readonly number[] | undefined, b: readonly number[] | undefined) {
  const root = directory();
  for (const [id, heard] of [
    [idA, a],
    [idB, b],
  ] as const) {
    const users = new Map(
      Array.from({ length: 9 }, (_, u) => [
        `user-${String(u)}`,
        (heard ?? []).flatMap((times, row) => (u < times ? row : [])),
      ]),
    );
    const items = ['x', 'y', 'z', id].map((item): [string, number] => [item, 1]);
    await makeSmallSnapshot(root, id, { items, ...(heard === undefined ? {} : { users }) });
  }
  const [sideA, sideB] = [
    await openForReading(root, idA, listening()),
    await openForReading(root, idB, listening()),
  ];
  try {
    return findKnownItems(sideA, sideB, await matchItems(sideA, sideB));
  } finally {
    sideA.close();
    sideB.close();
  }
}

describe('findKnownItems', () => {
  it('counts the users of common items in the snapshot where they are fewer', async () => {
    const items = await known([9, 5, 7, 9], [6, 9, 4, 9]);
    expect([...items.common]).toEqual([0, 1, 2]);
    expect([...items.listeners!]).toEqual([6, 5, 4, 0]);
    expect([0, 1, 2].map((row) => items.isKnown(row))).toEqual([true, true, false]);
    expect(items.numKnown).toBe(2);
  });

  it('goes by the one side that has histories, and knows every item where none has', async () => {
    const one = await known(undefined, [6, 1, 5, 9]);
    expect([...one.listeners!.subarray(0, 3)]).toEqual([6, 1, 5]);
    expect(one.numKnown).toBe(2);
    const none = await known(undefined, undefined);
    expect(none.listeners).toBeUndefined();
    expect([none.numKnown, none.isKnown(2)]).toEqual([3, true]);
  });
});
