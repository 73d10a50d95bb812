/**
 * What the entries of a ledger make of a user's history. Opinions always hold; what was played counts where the history does
 * not know it yet. A pure function: the same entries give the same history, whatever else there is.
 */
import type { Pairs } from '../contracts.js';
import type { Entry } from '../ledger/entry.js';
import { banned, isTime, maxWeight, noTime, preferred, weightUnits } from '../numeric/pairs.js';
import { emptyPairs, pairsAt } from '../numeric/split-pairs.js';
import { isBeyond, type KnownEntries } from './known-entries.js';

/** What a ledger holds of a user. */
export interface UserEntries {
  /** By time, then seq. */
  readonly entries: readonly Entry[];
  /** Entries that the history holds, and that were undone since. */
  readonly undone: readonly Entry[];
  /** ms since 1970 UTC: what the history knows of that time or before, or without a time, is not used. */
  readonly forgottenAt: number | undefined;
}

export function isNothing({ entries, undone, forgottenAt }: UserEntries): boolean {
  return entries.length + undone.length === 0 && forgottenAt === undefined;
}

export interface OverlayOptions {
  readonly known: KnownEntries;
  /** Rows of the items that an entry is about: none where the snapshot does not have them. */
  readonly rowsOf: (entry: Entry) => Iterable<number>;
  /** How much of the weight of an item's plays each skip of it takes; 0: none. */
  readonly skipWeight: number;
}

/** Of an item, while the entries are gone through. */
interface Pair {
  weight: bigint;
  count: number;
  lastAt: bigint;
  flags: number;
  /** Whether the history has it. */
  readonly isStored: boolean;
  /** What the latest like or dislike said, and when. */
  opinion: { readonly isDislike: boolean; readonly atMs: number } | undefined;
  /** What the latest ban or unban said. */
  isBanned: boolean | undefined;
  /** Bans, and the latest one's time: of a pair that has nothing else. */
  bans: number;
  bannedAt: bigint;
  skipped: bigint;
}

/**
 * A single user's history with what a ledger says beyond it; the history itself where that is nothing. Neither bans nor
 * unbans change what a vector is made from.
 */
export function overlay(history: Pairs, user: UserEntries, options: OverlayOptions): Pairs {
  if (isNothing(user)) return history;
  const { entries, undone, forgottenAt } = user;
  const used = forgottenAt === undefined ? history : laterThan(history, forgottenAt);
  const pairs = new Map<number, Pair>();
  for (const entry of undone)
    for (const row of options.rowsOf(entry)) takeBack(storedPair(pairs, used, row), entry);
  for (const entry of entries)
    for (const row of options.rowsOf(entry)) take(pairOf(pairs, used, row), entry, options);
  const result = withPairs(used, pairs);
  const { vector } = used;
  return vector === undefined ? result : { ...result, vector };
}

/** The pairs of later events; without a vector that was imported, which is of no time. */
export function laterThan(history: Pairs, forgottenAt: number): Pairs {
  const { item, lastAt } = history;
  const isLater = (last: bigint): boolean => isTime(last) && last > BigInt(forgottenAt);
  const positions = [...item.keys()].filter((p) => isLater(lastAt[p] ?? noTime));
  return pairsAt(history, positions, Uint32Array.of(0, positions.length));
}

/** A history with the pairs that entries are about put in their places; all others are copied a run at a time. */
function withPairs(history: Pairs, pairs: ReadonlyMap<number, Pair>): Pairs {
  const { item, weight, count, lastAt, flags, numItems } = history;
  const settled = [...pairs]
    .sort(([a], [b]) => a - b)
    .map(([row, pair]) => ({ row, pair, isKept: settle(pair) }));
  const change = settled.reduce((sum, { pair, isKept }) => sum + Number(isKept) - Number(pair.isStored), 0);
  const result = emptyPairs(Uint32Array.of(0, item.length + change), numItems);
  let [from, at] = [0, 0];
  const copyTo = (to: number): void => {
    result.item.set(item.subarray(from, to), at);
    result.weight.set(weight.subarray(from, to), at);
    result.count.set(count.subarray(from, to), at);
    result.lastAt.set(lastAt.subarray(from, to), at);
    result.flags.set(flags.subarray(from, to), at);
    at += to - from;
    from = to;
  };
  for (const { row, pair, isKept } of settled) {
    copyTo(placeOf(item, row));
    if (pair.isStored) from += 1;
    if (!isKept) continue;
    result.item[at] = row;
    result.weight[at] = pair.weight;
    result.count[at] = pair.count;
    result.lastAt[at] = pair.lastAt;
    result.flags[at] = pair.flags;
    at += 1;
  }
  copyTo(item.length);
  return result;
}

/** How many rows of an ascending list are below `row`. */
function placeOf(rows: Uint32Array, row: number): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((rows[middle] ?? 0) < row) low = middle + 1;
    else high = middle;
  }
  return low;
}

function newPair(weight: bigint, count: number, lastAt: bigint, flags: number, isStored: boolean): Pair {
  // Written out: spreading an object into another takes a hundred times as long.
  return {
    weight,
    count,
    lastAt,
    flags,
    isStored,
    opinion: undefined,
    isBanned: undefined,
    bans: 0,
    bannedAt: noTime,
    skipped: 0n,
  };
}

function storedPair(pairs: Map<number, Pair>, history: Pairs, row: number): Pair | undefined {
  const known = pairs.get(row);
  if (known !== undefined) return known;
  const { item, weight, count, lastAt, flags } = history;
  const p = placeOf(item, row);
  if (item[p] !== row) return undefined;
  const pair = newPair(weight[p] ?? 0n, count[p] ?? 0, lastAt[p] ?? noTime, flags[p] ?? 0, true);
  pairs.set(row, pair);
  return pair;
}

function pairOf(pairs: Map<number, Pair>, history: Pairs, row: number): Pair {
  const stored = storedPair(pairs, history, row);
  if (stored !== undefined) return stored;
  const pair = newPair(0n, 0, noTime, preferred, false);
  pairs.set(row, pair);
  return pair;
}

/** What an undone entry left in the history; the weight of a play, like or dislike stays. */
function takeBack(pair: Pair | undefined, { type }: Entry): void {
  if (pair === undefined) return;
  if (type === 'ban') pair.isBanned = false;
  else if (type === 'dislike') pair.flags |= preferred;
}

function take(pair: Pair, entry: Entry, { known, skipWeight }: OverlayOptions): void {
  const { type, atMs } = entry;
  switch (type) {
    case 'play':
      if (isBeyond(entry, known)) add(pair, entry);
      return;
    case 'like':
    case 'dislike': {
      if (!pair.isStored || isBeyond(entry, known)) add(pair, entry);
      const isDislike = type === 'dislike';
      // Of equal times the dislike holds, as in training.
      if (isDislike || pair.opinion === undefined || pair.opinion.atMs < atMs)
        pair.opinion = { isDislike, atMs };
      return;
    }
    case 'ban':
      pair.isBanned = true;
      pair.bans += 1;
      pair.bannedAt = latest(pair.bannedAt, atMs);
      return;
    case 'unban':
      pair.isBanned = false;
      return;
    case 'skip':
      if (entry.seq > known.foldedTo) pair.skipped += (unitsOf(skipWeight) * entry.weight) / weightUnits;
      return;
    case 'undo':
      return;
  }
}

function add(pair: Pair, { weight, atMs }: Entry): void {
  const sum = pair.weight + weight;
  pair.weight = sum < maxWeight ? sum : maxWeight;
  pair.count += 1;
  pair.lastAt = latest(pair.lastAt, atMs);
}

function latest(lastAt: bigint, atMs: number): bigint {
  const at = BigInt(atMs);
  return at > lastAt ? at : lastAt;
}

function unitsOf(weight: number): bigint {
  return BigInt(Math.round(weight * Number(weightUnits)));
}

/** Puts together what was gone through; false where nothing is left that would be a pair. */
function settle(pair: Pair): boolean {
  if (pair.opinion?.isDislike === false) pair.flags |= preferred;
  else if (pair.opinion?.isDislike === true) pair.flags &= ~preferred;
  const wasBanned = (pair.flags & banned) !== 0;
  if (pair.isBanned === true) pair.flags |= banned;
  else if (pair.isBanned === false) pair.flags &= ~banned;
  if (pair.skipped > 0n) pair.weight = pair.weight > pair.skipped ? pair.weight - pair.skipped : 0n;
  if (!pair.isStored && pair.count === 0 && pair.isBanned === true) {
    pair.count = pair.bans;
    pair.lastAt = pair.bannedAt;
  }
  // A ban that was taken back, and nothing else.
  if (wasBanned && pair.flags === preferred && pair.weight === 0n && pair.opinion === undefined) return false;
  return pair.isStored || pair.count > 0;
}

/** Whether the same vector is made from two histories: whatever weighs something is the same. */
export function weighAlike(a: Pairs, b: Pairs): boolean {
  if (a === b) return true;
  const [weighedA, weighedB] = [weighed(a), weighed(b)];
  return (
    weighedA.length === weighedB.length &&
    weighedA.every((p, at) => {
      const q = weighedB[at] ?? 0;
      return (
        a.item[p] === b.item[q] &&
        a.weight[p] === b.weight[q] &&
        a.lastAt[p] === b.lastAt[q] &&
        ((a.flags[p] ?? 0) & preferred) === ((b.flags[q] ?? 0) & preferred)
      );
    })
  );
}

/** Positions of the pairs that weigh something. */
function weighed({ item, weight }: Pairs): number[] {
  return [...item.keys()].filter((p) => weight[p] !== 0n);
}
