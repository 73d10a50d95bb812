import type { Pairs } from '../contracts.js';
import { pairsAt } from '../numeric/split-pairs.js';

/** A single user's pairs at `positions`, ascending, as a history of its own. */
export function partOfHistory(history: Pairs, positions: readonly number[]): Pairs {
  return pairsAt(history, positions, Uint32Array.of(0, positions.length));
}
