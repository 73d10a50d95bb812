/**
 * The constants of a (user, item) pair: what its weight, time and flags mean. One definition for every room.
 */

/** `lastAt` of a pair that no event gave a time; smaller than any time, so that `max` needs no special case. */
export const noTime: bigint = -(2n ** 63n);

/** Bit of `flags`: the pair's preference is 1 (a play or a like). A pair without it is a dislike. */
export const preferred = 1;

/** Bit of `flags`: the user banned the item. A ban adds no weight; it only filters. */
export const banned = 2;

/** Weights are int64 multiples of 1e-9: this many units make a weight of 1. */
export const weightUnits = 1_000_000_000n;

/** The largest weight in units: int64's largest number, 9,223,372,036.854775807. */
export const maxWeight: bigint = 2n ** 63n - 1n;
