import type { Pairs } from '../contracts.js';

/** A single user's pairs at `positions`, ascending, as a history of its own. */
export function partOfHistory(history: Pairs, positions: readonly number[]): Pairs {
  return {
    numUsers: 1,
    numItems: history.numItems,
    indptr: Uint32Array.of(0, positions.length),
    item: Uint32Array.from(positions, (p) => history.item[p]!),
    weight: BigInt64Array.from(positions, (p) => history.weight[p]!),
    count: Uint32Array.from(positions, (p) => history.count[p]!),
    lastAt: BigInt64Array.from(positions, (p) => history.lastAt[p]!),
    flags: Uint8Array.from(positions, (p) => history.flags[p]!),
  };
}
