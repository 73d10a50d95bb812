/**
 * The constants of a (user, item) pair: what its weight, time and flags mean. One definition for every room.
 */

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

/** Weights are int64 multiples of 1e-9: this many units make a weight of 1. */
export const weightUnits = 1_000_000_000n;

/** The largest weight in units: int64's largest number, 9,223,372,036.854775807. */
export const maxWeight: bigint = 2n ** 63n - 1n;
