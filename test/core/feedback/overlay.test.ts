import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Pairs } from '#dist/core/contracts.js';
import type { Entry, EntryType } from '#dist/core/ledger/entry.js';
import { nothingKnown, type KnownEntries } from '#dist/core/feedback/known-entries.js';
import { growingOverlay, overlay, weighAlike, type OverlayOptions } from '#dist/core/feedback/overlay.js';
import { banned, byGroup, isTime, noTime, preferred, weightUnits } from '#dist/core/numeric/pairs.js';

const numItems = 6;
/** Items of the only artist there is. */
const artistRows = [1, 2, 4];

interface Stored {
  readonly item: number;
  readonly weight: bigint;
  readonly count: number;
  readonly lastAt: bigint;
  readonly flags: number;
}

function historyOf(stored: readonly Stored[]): Pairs {
  const sorted = [...stored].sort((a, b) => a.item - b.item);
  return {
    ...{ numUsers: 1, numItems, indptr: Uint32Array.of(0, sorted.length) },
    item: Uint32Array.from(sorted, ({ item }) => item),
    weight: BigInt64Array.from(sorted, ({ weight }) => weight),
    count: Uint32Array.from(sorted, ({ count }) => count),
    lastAt: BigInt64Array.from(sorted, ({ lastAt }) => lastAt),
    flags: Uint8Array.from(sorted, ({ flags }) => flags),
  };
}

function storedOf({ item, weight, count, lastAt, flags }: Pairs): Stored[] {
  return [...item].map((row, p) => ({
    ...{ item: row, weight: weight[p]!, count: count[p]!, lastAt: lastAt[p]!, flags: flags[p]! },
  }));
}

function entryOf(type: EntryType, of: Partial<Entry>): Entry {
  const seq = of.seq ?? 1;
  return {
    ...{ id: `e${seq}`, user: 'u', item: '0', type, scope: 'item', weight: weightUnits, atMs: 10, seq },
    ...of,
  };
}

/** Item ids are rows; the artist's name is its own; what else is named is in no snapshot. */
const rowsOf = ({ item, scope }: Entry): number[] => {
  if (scope !== 'item') return item === 'artist' ? artistRows : [];
  return Number(item) < numItems ? [Number(item)] : [];
};

const options = (known: KnownEntries = nothingKnown, skipWeight = 0): OverlayOptions => ({
  ...{ known, rowsOf, skipWeight },
});

const inOrder = (entries: readonly Entry[]): Entry[] =>
  [...entries].sort((a, b) => a.atMs - b.atMs || a.seq - b.seq);

/** What the table of docs/reference/feedback.md says, item by item, with no eye on cost. */
function byHand(
  stored: readonly Stored[],
  entries: readonly Entry[],
  undone: readonly Entry[],
  forgottenAt: number | undefined,
  { known, skipWeight }: OverlayOptions,
): Stored[] {
  const found: Stored[] = [];
  const used = stored.filter(
    ({ lastAt }) => forgottenAt === undefined || (isTime(lastAt) && lastAt > BigInt(forgottenAt)),
  );
  for (let item = 0; item < numItems; item++) {
    const base = used.find((pair) => pair.item === item);
    const of = (...types: EntryType[]): Entry[] =>
      entries.filter((entry) => types.includes(entry.type) && rowsOf(entry).includes(item));
    const isNew = ({ seq, atMs }: Entry): boolean => {
      if (seq <= known.foldedTo) return false;
      return known.trainedTo === undefined ? atMs > known.endsAtMs : seq > known.trainedTo;
    };
    const added = [
      ...of('play').filter(isNew),
      ...of('like', 'dislike').filter((entry) => base === undefined || isNew(entry)),
    ];
    const opinions = of('like', 'dislike');
    const wasTakenBack = (type: EntryType): boolean =>
      undone.some((entry) => entry.type === type && rowsOf(entry).includes(item));
    const wasPreferred = base === undefined || (base.flags & preferred) !== 0 || wasTakenBack('dislike');
    const isPreferred = opinions.length === 0 ? wasPreferred : opinions.at(-1)?.type === 'like';
    const wasBanned = base !== undefined && (base.flags & banned) !== 0;
    const ban = of('ban', 'unban').at(-1);
    const isBanned = ban === undefined ? wasBanned && !wasTakenBack('ban') : ban.type === 'ban';
    const skips = of('skip')
      .filter(({ seq }) => seq > known.foldedTo)
      .reduce((sum, { weight }) => sum + weight * BigInt(skipWeight), 0n);
    const sum = added.reduce((total, { weight }) => total + weight, base?.weight ?? 0n);
    const weight = sum > skips ? sum - skips : 0n;
    const events = [...added];
    if (base === undefined && added.length === 0 && isBanned) events.push(...of('ban'));
    if (base === undefined && events.length === 0) continue;
    if (wasBanned && !isBanned && weight === 0n && isPreferred && opinions.length === 0) continue;
    const isSeen =
      of('play').length > 0 ||
      opinions.some(({ scope }) => scope === 'item') ||
      (base !== undefined && (base.flags & byGroup) === 0);
    const isByGroup =
      !isSeen && (opinions.length > 0 || (base !== undefined && (base.flags & byGroup) !== 0));
    const times = [base?.lastAt ?? noTime, ...events.map(({ atMs }) => BigInt(atMs))];
    found.push({
      item,
      weight,
      count: (base?.count ?? 0) + events.length,
      lastAt: times.reduce((a, b) => (a > b ? a : b)),
      flags: (isPreferred ? preferred : 0) | (isBanned ? banned : 0) | (isByGroup ? byGroup : 0),
    });
  }
  return found;
}

const types = ['play', 'like', 'dislike', 'skip', 'ban', 'unban'] as const;
const someEntries = fc
  .array(
    fc.record({
      type: fc.constantFrom(...types),
      item: fc.constantFrom('0', '1', '2', '5', '9'),
      isOfArtist: fc.nat(4).map((n) => n === 0),
      atMs: fc.nat(8),
      weight: fc.bigInt({ min: 0n, max: 3n }),
    }),
    { maxLength: 14 },
  )
  .map((all) =>
    all.map(({ type, item, isOfArtist, atMs, weight }, at) =>
      entryOf(type, {
        ...{ seq: at + 1, atMs, weight: weight * weightUnits },
        ...(isOfArtist ? { item: 'artist', scope: 'artist' } : { item }),
      }),
    ),
  );
const someHistory = fc.uniqueArray(
  fc.record({
    item: fc.nat(numItems - 1),
    weight: fc.bigInt({ min: 0n, max: 4n }).map((n) => n * weightUnits),
    count: fc.integer({ min: 1, max: 4 }),
    lastAt: fc.option(fc.nat(8)).map((at) => (at === null ? noTime : BigInt(at))),
    flags: fc.nat(7),
  }),
  { selector: ({ item }) => item, maxLength: numItems },
);
const someKnown = fc.record({
  foldedTo: fc.constantFrom(0, 0, 4),
  trainedTo: fc.constantFrom(undefined, undefined, 3),
  endsAtMs: fc.constantFrom(-Infinity, 4),
  isReplaced: fc.constant(false),
});

describe('what a ledger makes of a history', () => {
  it('is what the table says, whatever the entries', () => {
    fc.assert(
      fc.property(
        ...[someHistory, someEntries, someKnown, fc.nat(2), fc.option(fc.nat(8)), fc.nat(3)],
        (stored, entries, known, skipWeight, forgotten, everyUndone) => {
          const isUndone = ({ seq }: Entry): boolean => everyUndone > 0 && seq % (everyUndone + 1) === 0;
          const forgottenAt = forgotten ?? undefined;
          const user = {
            entries: inOrder(entries.filter((entry) => !isUndone(entry))),
            undone: inOrder(entries.filter((entry) => isUndone(entry) && entry.seq <= 4)),
            forgottenAt,
          };
          const asked = options(known, skipWeight);
          const made = overlay(historyOf(stored), user, asked);
          expect(storedOf(made)).toEqual(byHand(stored, user.entries, user.undone, forgottenAt, asked));
          expect([...made.indptr]).toEqual([0, made.item.length]);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('is the same where the list of entries has grown since', () => {
    fc.assert(
      fc.property(someHistory, someEntries, someKnown, fc.nat(14), (stored, entries, known, first) => {
        const all = inOrder(entries);
        const list = all.slice(0, first);
        const history = historyOf(stored);
        const growing = growingOverlay(options(known));
        growing(history, { entries: list, forgottenAt: undefined });
        list.push(...all.slice(first));
        const user = { entries: list, forgottenAt: undefined };
        expect(growing(history, user)).toEqual(overlay(history, { ...user, undone: [] }, options(known)));
      }),
    );
  });

  it('is the history itself where the ledger says nothing', () => {
    const history = historyOf([{ item: 1, weight: 1n, count: 1, lastAt: noTime, flags: preferred }]);
    expect(overlay(history, { entries: [], undone: [], forgottenAt: undefined }, options())).toBe(history);
  });

  it('never has a vector changed by bans and unbans', () => {
    fc.assert(
      fc.property(someHistory, someEntries, (stored, entries) => {
        const bans = inOrder(entries.filter(({ type }) => type === 'ban' || type === 'unban'));
        const history = historyOf(stored);
        const made = overlay(history, { entries: bans, undone: [], forgottenAt: undefined }, options());
        expect(weighAlike(history, made)).toBe(true);
      }),
    );
  });

  it('loses an imported vector with what was forgotten, and by nothing else', () => {
    const vector = Float32Array.of(1, 2);
    const history = { ...historyOf([]), vector };
    const ban = entryOf('ban', { item: '3' });
    const user = { entries: [ban], undone: [], forgottenAt: undefined };
    expect(overlay(history, user, options()).vector).toBe(vector);
    expect(overlay(history, { ...user, forgottenAt: 5 }, options()).vector).toBeUndefined();
  });

  it('holds no more weight than a pair can', () => {
    const history = historyOf([{ item: 0, weight: 2n ** 63n - 2n, count: 1, lastAt: 3n, flags: preferred }]);
    const user = { entries: [entryOf('play', {})], undone: [], forgottenAt: undefined };
    expect(overlay(history, user, options()).weight[0]).toBe(2n ** 63n - 1n);
  });
});

it('two histories weigh alike exactly where what weighs is the same', () => {
  const pair = { item: 1, weight: 1n, count: 1, lastAt: 3n, flags: preferred };
  const one = historyOf([pair]);
  expect(weighAlike(one, historyOf([{ ...pair, count: 9, flags: preferred | banned }]))).toBe(true);
  expect(weighAlike(one, historyOf([pair, { ...pair, item: 2, weight: 0n }]))).toBe(true);
  for (const other of [{ item: 2 }, { weight: 2n }, { lastAt: 4n }, { flags: 0 }])
    expect(weighAlike(one, historyOf([{ ...pair, ...other }]))).toBe(false);
  expect(weighAlike(one, historyOf([]))).toBe(false);
});
