import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Entry } from '#dist/core/ledger/entry.js';
import { heldOf, heldOfLists } from '#dist/core/ledger/held-entries.js';
import { entryOf } from '../../helpers/ledger-entries.js';

const someEntries = fc
  .array(
    fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd'),
      undoes: fc.option(fc.constantFrom('a', 'b', 'c', 'd'), { freq: 2 }),
      atMs: fc.nat(5),
    }),
    { maxLength: 12 },
  )
  .map((all) =>
    all.map(({ id, undoes, atMs }, at): Entry => {
      const entry = { ...entryOf('u', 'x'), id, atMs, seq: at + 1 };
      return undoes === null ? entry : { ...entry, type: 'undo', undoes };
    }),
  );

/** The first of each id. */
const byId = (entries: readonly Entry[]): Entry[] =>
  entries.filter(({ id, seq }) => !entries.some((other) => other.id === id && other.seq < seq));

/** By the words of `LedgerView.of`, with no eye on cost. */
function byHand(entries: readonly Entry[]): Entry[] {
  const firsts = byId(entries);
  const isUndone = ({ id }: Entry): boolean => firsts.some(({ undoes }) => undoes === id);
  return firsts
    .filter((entry) => entry.type !== 'undo' && !isUndone(entry))
    .sort((a, b) => a.atMs - b.atMs || a.seq - b.seq);
}

describe('what holds of a user', () => {
  it('is the first of each id that was not undone, by time', () => {
    fc.assert(
      fc.property(someEntries, (entries) => {
        expect(heldOf(entries).held).toEqual(byHand(entries));
      }),
    );
  });

  it('is the same where the last list has grown since, and others came after it or instead of it', () => {
    fc.assert(
      fc.property(
        ...[someEntries, fc.array(fc.nat(12), { minLength: 4, maxLength: 4 }), fc.boolean()],
        (entries, cuts, isReplaced) => {
          const [one = 0, two, three, four] = cuts.sort((a, b) => a - b);
          const table = entries.slice(0, one);
          const journal = entries.slice(one, two);
          heldOfLists([table, journal]);
          journal.push(...entries.slice(two, three));
          heldOfLists([table, journal]);
          journal.push(...entries.slice(three, four));
          const after = entries.slice(four);
          const lists = isReplaced ? [table, [...journal, ...after]] : [table, journal, after];
          expect(heldOfLists(lists).held).toEqual(byHand(entries));
          const ids = new Set(entries.map(({ id }) => id));
          expect(heldOfLists(lists).latestMs).toBe(Math.max(...byId(entries).map(({ atMs }) => atMs)));
          expect([...heldOfLists(lists).byId.keys()].sort()).toEqual([...ids].sort());
        },
      ),
    );
  });

  it('changes a list that it gave only at its end', () => {
    fc.assert(
      fc.property(someEntries, fc.nat(12), (entries, at) => {
        const last = entries.slice(0, at);
        const { held } = heldOfLists([last]);
        const then = [...held];
        last.push(...entries.slice(at));
        heldOfLists([last]);
        expect(held.slice(0, then.length)).toEqual(then);
      }),
    );
  });
});
