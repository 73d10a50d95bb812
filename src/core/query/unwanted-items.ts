import type { Pairs } from '../contracts.js';
import { banned, preferred } from '../numeric/pairs.js';

/** Rows that a history keeps out of an answer: what was heard, unless that is wanted; what was disliked or banned in any case. */
export function unwantedItems(history: Pairs, includeHeard: boolean): number[] {
  return [...history.item].filter((_, at) => {
    const flags = history.flags[at] ?? 0;
    return !includeHeard || (flags & banned) !== 0 || (flags & preferred) === 0;
  });
}
