/**
 * What a user may not see: every way to recommend asks here, and nothing else decides it. Seen items are kept away unless
 * they are wanted; what is banned or disliked is kept away in any case, and so is what the query leaves out for everyone.
 * What is true of an item here holds for an artist or album by the items that it has.
 */
import type { Pairs } from '../contracts.js';
import type { SeenItems } from '../histories/histories.js';
import { banned, isUnseen, preferred } from '../numeric/pairs.js';
import type { Cap } from '../search/capped-ranking.js';
import type { RowSet } from '../search/row-set.js';
import { wholeGroups, type ItemGroups } from './item-groups.js';

/** What a query says of it. */
export interface ExclusionRules {
  /** Keep seen items; bans and dislikes still hold. */
  readonly includeHeard: boolean;
  /** Rows that nobody is to get: those that are excluded by name, the seeds of a recipe. Distinct, ascending. */
  readonly excluded: Uint32Array;
}

/** What a query asks of a kind: its names found, its filters read. */
export interface Limits extends ExclusionRules {
  readonly k: number;
  /** The only rows that may be found; undefined: all. */
  readonly among: RowSet | undefined;
  /** How often an artist may stand in a ranking; undefined: as often as it does. */
  readonly cap: Cap | undefined;
}

/** Rows that may not be found, distinct and ascending. */
export interface ExcludedRows {
  /** Those that the user's own history keeps away. */
  readonly own: Uint32Array;
  /** Those, and the ones that nobody is to get. */
  readonly all: Uint32Array;
}

/** Why a history, or what is said of it in the query, keeps a row away. */
export type Objection = 'banned' | 'disliked' | 'heard' | 'liked';

/** A user who asks why. */
export interface Asking {
  readonly history: Pairs;
  /** Rows of the items that the query says they like. */
  readonly liked: readonly number[];
  readonly includeHeard: boolean;
}

/** Of one kind of rows: items, artists or albums. */
export interface Exclusions {
  /** For a user of `pairs`, by its row there: 0 where these are one user's. */
  of(pairs: SeenItems, rules: ExclusionRules, user?: number): ExcludedRows;
  /** All reasons that a history has against a row, each of which alone keeps it away. */
  objections(row: number, asking: Asking): Objection[];
  /** Positions of the pairs of one user's history that are with a row, or with an item of it. */
  pairsWith(row: number, history: Pairs): number[];
}

/** @param groups of artists or albums their items; undefined: of items */
export function exclusionsOf(groups: ItemGroups | undefined): Exclusions {
  const ownRows = (pairs: SeenItems, includeHeard: boolean, user: number): Uint32Array =>
    groups === undefined ? ownItems(pairs, includeHeard, user) : ownGroups(groups, pairs, includeHeard, user);
  const rowOf = (item: number): number | undefined => (groups === undefined ? item : groups.groupOf[item]);
  const pairsWith = (row: number, { item }: Pairs): number[] =>
    [...item.keys()].filter((p) => rowOf(item[p]!) === row);
  return {
    pairsWith,
    of(pairs, { includeHeard, excluded }, user = 0) {
      const own = ownRows(pairs, includeHeard, user);
      return { own, all: excluded.length === 0 ? own : distinctRows([...own, ...excluded]) };
    },
    objections(row, { history, liked, includeHeard }) {
      const { item, flags, weight } = history;
      const pairs = pairsWith(row, history);
      const isOut = (whatever: boolean): boolean => ownRows(history, whatever, 0).includes(row);
      const isPreferred = (p: number): boolean => (flags[p]! & preferred) !== 0;
      const objections: Objection[] = [];
      if (isOut(true)) {
        if (pairs.some((p) => (flags[p]! & banned) !== 0)) objections.push('banned');
        if (!pairs.every(isPreferred)) objections.push('disliked');
      }
      const seen = pairs.filter((p) => isPreferred(p) && !isUnseen(flags[p]!) && weight[p]! > 0n);
      if (!includeHeard && seen.length > 0 && isOut(false))
        objections.push(seen.every((p) => liked.includes(item[p]!)) ? 'liked' : 'heard');
      return objections;
    },
  };
}

/** Rows, each once, ascending. */
export function distinctRows(rows: Iterable<number>): Uint32Array {
  return Uint32Array.from(new Set(rows)).sort();
}

function isOpposed(flags: number): boolean {
  return (flags & banned) !== 0 || (flags & preferred) === 0;
}

/** A pair is with an item that was seen, or that is opposed, or both. */
function ownItems({ indptr, item, flags }: SeenItems, includeHeard: boolean, user: number): Uint32Array {
  const from = indptr[user]!;
  const to = indptr[user + 1]!;
  const own = item.subarray(from, to);
  if (includeHeard) return own.filter((_, at) => isOpposed(flags[from + at]!));
  // Mostly there is none, and nothing is copied.
  for (let p = from; p < to; p++)
    if (isUnseen(flags[p]!)) return own.filter((_, at) => !isUnseen(flags[from + at]!));
  return own;
}

/**
 * The groups that were seen: of which an item was played or liked, and no dislike came after; and those of which every item is
 * disliked or banned. One such item puts nothing out that has others.
 */
function ownGroups(
  groups: ItemGroups,
  { indptr, item, flags, weight }: SeenItems,
  includeHeard: boolean,
  user: number,
): Uint32Array {
  const opposed: number[] = [];
  const seen: number[] = [];
  for (let p = indptr[user]!; p < indptr[user + 1]!; p++) {
    const of = flags[p]!;
    if (isOpposed(of)) opposed.push(item[p]!);
    const group = groups.groupOf[item[p]!] ?? groups.numItems.length;
    // A pair of nothing but bans weighs nothing.
    const isSeen = (of & preferred) !== 0 && !isUnseen(of) && ((of & banned) === 0 || weight[p]! > 0n);
    if (!includeHeard && isSeen && group < groups.numItems.length) seen.push(group);
  }
  return distinctRows([...seen, ...wholeGroups(groups, opposed)]);
}
