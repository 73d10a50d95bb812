/**
 * What the entries of a ledger make of a user's history. Opinions always hold; what was played counts where the history does
 * not know it yet. A pure function: the same entries give the same history, whatever else there is.
 */
import type { Pairs } from '../contracts.js';
import type { Entry } from '../ledger/entry.js';
import { banned, byGroup, isTime, maxWeight, noTime, preferred, weightUnits } from '../numeric/pairs.js';
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
  /** What another ledger holds of them: by time both are one sequence. */
  readonly beside?:
    (Pick<OverlayOptions, 'known' | 'rowsOf'> & { readonly entries: readonly Entry[] }) | undefined;
}

export function isNothing({ entries, undone, forgottenAt, beside }: UserEntries): boolean {
  const count = entries.length + undone.length + (beside?.entries.length ?? 0);
  return count === 0 && forgottenAt === undefined;
}

export interface OverlayOptions {
  readonly known: KnownEntries;
  /** Rows of the items that an entry is about: none where the snapshot does not have them. */
  readonly rowsOf: (entry: Entry) => Iterable<number>;
  /** How much of the weight of an item's plays each skip of it takes; 0: none. */
  readonly skipWeight: number;
}

/** What entries say of an item, whatever a history knows of it. */
interface Said {
  /** Of what counts beyond the history. */
  readonly beyond: Sum;
  /** Whether it was played, or there is an opinion of the item itself. */
  isSeen: boolean;
  rest: SaidBesides | undefined;
}

interface Sum {
  weight: bigint;
  count: number;
  lastAt: bigint;
}

/** What most items do not have. */
interface SaidBesides {
  /** Of likes and dislikes that the history knows, unless it does not have the item. */
  readonly known: Sum;
  /** Whether the latest like or dislike is a dislike. */
  isDislike: boolean | undefined;
  /** A dislike was undone. */
  isForgiven: boolean;
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
  const said = new Map<number, Said>();
  for (const entry of user.undone)
    for (const row of options.rowsOf(entry)) takeBack(saidOf(said, row), entry);
  const others = user.beside?.entries ?? [];
  const byOthers = { ...options, ...user.beside };
  let next = 0;
  for (const entry of user.entries) {
    for (; (others[next]?.atMs ?? Infinity) < entry.atMs; next++) takeIn(said, others[next]!, byOthers);
    takeIn(said, entry, options);
  }
  for (const entry of others.slice(next)) takeIn(said, entry, byOthers);
  return withSaid(history, user, said);
}

/**
 * The same for lists of entries that grow at their end: what was said before stays known as long as its list does. Of users of
 * whom nothing was undone.
 */
export function growingOverlay(
  options: OverlayOptions,
): (history: Pairs, user: Omit<UserEntries, 'undone'>) => Pairs {
  const kept = new WeakMap<readonly Entry[], { readonly said: Map<number, Said>; count: number }>();
  return (history, user) => {
    const { entries } = user;
    let known = kept.get(entries);
    if (known === undefined) kept.set(entries, (known = { said: new Map(), count: 0 }));
    for (; known.count < entries.length; known.count++) takeIn(known.said, entries[known.count]!, options);
    return withSaid(history, { ...user, undone: [] }, known.said);
  };
}

function takeIn(said: Map<number, Said>, entry: Entry, options: OverlayOptions): void {
  for (const row of options.rowsOf(entry)) take(saidOf(said, row), entry, options);
}

function withSaid(history: Pairs, user: UserEntries, said: ReadonlyMap<number, Said>): Pairs {
  if (isNothing(user)) return history;
  const { forgottenAt } = user;
  const used = forgottenAt === undefined ? history : laterThan(history, forgottenAt);
  const result = withPairs(used, said);
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
function withPairs(history: Pairs, said: ReadonlyMap<number, Said>): Pairs {
  const { item, weight, count, lastAt, flags, numItems } = history;
  const rows = Uint32Array.from(said.keys()).sort();
  const places = rows.map((row) => placeOf(item, row));
  let change = 0;
  const pairs = Array.from(rows, (row, at) => {
    const p = places[at]!;
    const isStored = item[p] === row;
    const pair = settled(history, isStored ? p : undefined, said.get(row)!);
    change += Number(pair !== undefined) - Number(isStored);
    return pair;
  });
  const result = emptyPairs(Uint32Array.of(0, item.length + change), numItems);
  let [from, at] = [0, 0];
  const copyTo = (to: number): void => {
    if (to === from) return;
    result.item.set(item.subarray(from, to), at);
    result.weight.set(weight.subarray(from, to), at);
    result.count.set(count.subarray(from, to), at);
    result.lastAt.set(lastAt.subarray(from, to), at);
    result.flags.set(flags.subarray(from, to), at);
    at += to - from;
    from = to;
  };
  pairs.forEach((pair, which) => {
    const row = rows[which]!;
    copyTo(places[which]!);
    if (item[from] === row) from += 1;
    if (pair === undefined) return;
    result.item[at] = row;
    result.weight[at] = pair.weight;
    result.count[at] = pair.count;
    result.lastAt[at] = pair.lastAt;
    result.flags[at] = pair.flags;
    at += 1;
  });
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

function saidOf(said: Map<number, Said>, row: number): Said {
  let known = said.get(row);
  if (known === undefined) {
    known = { beyond: { weight: 0n, count: 0, lastAt: noTime }, isSeen: false, rest: undefined };
    said.set(row, known);
  }
  return known;
}

function restOf(said: Said): SaidBesides {
  return (said.rest ??= {
    known: { weight: 0n, count: 0, lastAt: noTime },
    isDislike: undefined,
    isForgiven: false,
    isBanned: undefined,
    bans: 0,
    bannedAt: noTime,
    skipped: 0n,
  });
}

/** What an undone entry left in the history; the weight of a play, like or dislike stays. */
function takeBack(said: Said, { type }: Entry): void {
  if (type === 'ban') restOf(said).isBanned = false;
  else if (type === 'dislike') restOf(said).isForgiven = true;
}

function take(said: Said, entry: Entry, { known, skipWeight }: OverlayOptions): void {
  const { type, scope, atMs } = entry;
  switch (type) {
    case 'play':
      said.isSeen = true;
      if (isBeyond(entry, known)) add(said.beyond, entry);
      return;
    case 'like':
    case 'dislike': {
      const rest = restOf(said);
      if (scope === 'item') said.isSeen = true;
      add(isBeyond(entry, known) ? said.beyond : rest.known, entry);
      rest.isDislike = type === 'dislike';
      return;
    }
    case 'ban': {
      const rest = restOf(said);
      rest.isBanned = true;
      rest.bans += 1;
      rest.bannedAt = latest(rest.bannedAt, BigInt(atMs));
      return;
    }
    case 'unban':
      restOf(said).isBanned = false;
      return;
    case 'skip':
      if (entry.seq > known.foldedTo)
        restOf(said).skipped += (unitsOf(skipWeight) * entry.weight) / weightUnits;
      return;
    case 'undo':
      return;
  }
}

function add(sum: Sum, { weight, atMs }: Entry): void {
  sum.weight += weight;
  sum.count += 1;
  sum.lastAt = latest(sum.lastAt, BigInt(atMs));
}

function latest(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function unitsOf(weight: number): bigint {
  return BigInt(Math.round(weight * Number(weightUnits)));
}

interface Pair extends Sum {
  flags: number;
}

/** What the history, at `p`, and entries say of an item together; undefined where that would be no pair. */
function settled(history: Pairs, p: number | undefined, { beyond, isSeen, rest }: Said): Pair | undefined {
  const pair: Pair = { weight: 0n, count: 0, lastAt: noTime, flags: preferred };
  if (p !== undefined) {
    pair.weight = history.weight[p] ?? 0n;
    pair.count = history.count[p] ?? 0;
    pair.lastAt = history.lastAt[p] ?? noTime;
    pair.flags = history.flags[p] ?? 0;
  }
  addSum(pair, beyond);
  if (rest !== undefined && !settleRest(pair, rest, p !== undefined)) return undefined;
  if (isSeen) pair.flags &= ~byGroup;
  else if (p === undefined && rest?.isDislike !== undefined) pair.flags |= byGroup;
  return p !== undefined || pair.count > 0 ? pair : undefined;
}

function addSum(pair: Pair, { weight, count, lastAt }: Sum): void {
  const sum = pair.weight + weight;
  pair.weight = sum < maxWeight ? sum : maxWeight;
  pair.count += count;
  pair.lastAt = latest(pair.lastAt, lastAt);
}

/** False where nothing is left that would be a pair. */
function settleRest(pair: Pair, rest: SaidBesides, isStored: boolean): boolean {
  const { isDislike, isBanned, skipped } = rest;
  if (!isStored) addSum(pair, rest.known);
  if (rest.isForgiven || isDislike === false) pair.flags |= preferred;
  if (isDislike === true) pair.flags &= ~preferred;
  const wasBanned = (pair.flags & banned) !== 0;
  if (isBanned === true) pair.flags |= banned;
  else if (isBanned === false) pair.flags &= ~banned;
  if (skipped > 0n) pair.weight = pair.weight > skipped ? pair.weight - skipped : 0n;
  if (!isStored && pair.count === 0 && isBanned === true) {
    pair.count = rest.bans;
    pair.lastAt = rest.bannedAt;
  }
  // A ban that was taken back, and nothing else.
  return !(
    wasBanned &&
    (pair.flags & ~byGroup) === preferred &&
    pair.weight === 0n &&
    isDislike === undefined
  );
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
