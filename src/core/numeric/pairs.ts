/**
 * A (user, item) pair: its arrays, and what its weight, time and flags mean. One definition for every room.
 */

/** Pairs of users × items in compressed sparse rows. */
export interface PairArrays {
  readonly numUsers: number;
  readonly numItems: number;
  /** [numUsers + 1]: user u's pairs are at positions indptr[u] … indptr[u + 1] − 1. */
  readonly indptr: Uint32Array;
  /** [nnz] item rows, ascending within a user. */
  readonly item: Uint32Array;
  /** [nnz] summed weight as an int64 multiple of 1e-9; ≥ 0; 0 for a pair with nothing but bans, or weights of 0. */
  readonly weight: BigInt64Array;
  /** [nnz] number of events summed. */
  readonly count: Uint32Array;
  /**
   * [nnz] time of the latest event, ms since 1970 UTC; `noTime` where none was given. Where order was asked for and no event
   * has a time, `placeAsTime` of the latest play's place among its user's.
   */
  readonly lastAt: BigInt64Array;
  /**
   * [nnz] bit 0: preferred (a play or like; without it p = 0, a dislike); bit 1: banned, which only filters; bit 2: there by an
   * opinion of the item's artist or album alone.
   */
  readonly flags: Uint8Array;
}

/** What arrays of pairs, and columns of ids, hold at most in format version 1. */
export interface ArrayLimits {
  /** Of all ids of a column, in UTF-8: Arrow's Utf8 has i32 offsets. */
  readonly idBytes: number;
  /** Positions of pairs are u32. */
  readonly pairs: number;
}

export const arrayLimits: ArrayLimits = { idBytes: 2 ** 31 - 1, pairs: 2 ** 32 - 1 };

/**
 * What each user played and liked, in order: by time, plays of one time by item id bytes; what has no time in the order of the
 * rows. Plays of a pair whose preference is a dislike are in none; a ban is no play, and takes none out.
 */
export interface PlaySequences {
  /** [numUsers + 1]: user u's plays are at indptr[u] … indptr[u + 1] − 1. */
  readonly indptr: Uint32Array;
  /** [numPlays] item rows. */
  readonly item: Uint32Array;
  /** [numPlays] ms since 1970 UTC, noTime's value as a number where there is none; undefined where no play has one. */
  readonly at: Float64Array | undefined;
}

/** `lastAt` of a pair that no event gave a time; smaller than any time, so that `max` needs no special case. */
export const noTime: bigint = -(2n ** 63n);

/** Earlier than any time, later than any place. */
export const firstTime: bigint = -(2n ** 62n);

/** `lastAt` of a pair of which the place of its latest play among its user's is known, from 0, and no time. */
export function placeAsTime(place: number): bigint {
  return noTime + 1n + BigInt(place);
}

/** Whether a `lastAt` is a time: neither `noTime` nor a place. */
export function isTime(lastAt: bigint): boolean {
  return lastAt >= firstTime;
}

/** Bit of `flags`: the pair's preference is 1 (a play or a like). A pair without it is a dislike. */
export const preferred = 1;

/** Bit of `flags`: the user banned the item. A ban adds no weight; it only filters. */
export const banned = 2;

/** Bit of `flags`: the pair is there by an opinion of the item's artist or album alone. */
export const byGroup = 4;

/** Whether a pair counts for what the user likes, while they have not seen the item. */
export function isUnseen(flags: number): boolean {
  return (flags & (byGroup | banned | preferred)) === (byGroup | preferred);
}

/** Weights are int64 multiples of 1e-9: this many units make a weight of 1. */
export const weightUnits = 1_000_000_000n;

/** The largest weight in units: int64's largest number, 9,223,372,036.854775807. */
export const maxWeight: bigint = 2n ** 63n - 1n;
