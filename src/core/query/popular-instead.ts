import type { RankedItem, TaskContext } from '../contracts.js';
import { cappedFirst, type Cap } from '../search/capped-ranking.js';
import type { RowSet } from '../search/row-set.js';
import { firstBut } from '../search/score-ranking.js';
import type { Listener } from './find-listeners.js';
import type { FoundKind } from '../snapshot/kinds.js';
import type { OpenScorer } from './open-scorer.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { popularItems, type PopularItems } from './popular-items.js';
import { hasLikes } from '../histories/opinions.js';

/**
 * A function that gives what is popular for somebody of whom nothing is known that they like, and tells that it does;
 * undefined for everybody else. `best` is what the scorer found for them. AppError 'missing-part' as popularItems.
 * @param numRows rows of the kind that have scores
 */
export function insteadOfNothing(
  snapshot: OpenSnapshot,
  kind: FoundKind,
  numRows: number,
  scorer: Pick<OpenScorer, 'isBlank'>,
  { onProgress }: Pick<TaskContext, 'onProgress'>,
): (listener: Listener, best: readonly RankedItem[]) => Promise<PopularItems | undefined> {
  let popular: PopularItems | undefined;
  return async ({ user, history }, best) => {
    // Asking the scorer costs a fold-in, which only somebody without a single score other than 0 may need.
    if (hasLikes(history) && best.some(({ score }) => score !== 0)) return undefined;
    if (!scorer.isBlank(history)) return undefined;
    popular ??= await popularItems(snapshot, kind, numRows);
    const who = user ?? 'someone new';
    const message = `nothing that ${who} likes is known to the model: this is what is played most, the same for everyone`;
    onProgress({ kind: 'warning', message });
    return popular;
  };
}

/** The first k of a ranking, of `among` (undefined: of all), without some, and of one artist no more than the cap. */
export function firstAllowed(
  ranked: readonly RankedItem[],
  leaveOut: Iterable<number>,
  k: number,
  among: RowSet | undefined,
  cap: Cap | undefined,
): RankedItem[] {
  if (cap === undefined) return firstBut(ranked, leaveOut, k, among);
  return cappedFirst(firstBut(ranked, leaveOut, ranked.length, among), k, cap);
}
