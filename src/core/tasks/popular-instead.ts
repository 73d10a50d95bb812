import type { RankedItem, TaskContext } from '../contracts.js';
import type { Listener } from '../snapshot/find-listeners.js';
import type { OpenScorer } from '../snapshot/open-scorer.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { popularItems, type PopularItems } from '../snapshot/popular-items.js';
import { hasLikes } from '../users/opinions.js';

/**
 * A function that gives what is popular for somebody of whom nothing is known that they like, and tells that it does;
 * undefined for everybody else. `best` is what the scorer found for them. AppError 'missing-part' as popularItems.
 */
export function insteadOfNothing(
  snapshot: OpenSnapshot,
  scorer: OpenScorer,
  { onProgress }: Pick<TaskContext, 'onProgress'>,
): (listener: Listener, best: readonly RankedItem[]) => Promise<PopularItems | undefined> {
  let popular: PopularItems | undefined;
  return async ({ user, history }, best) => {
    // Asking the scorer costs a fold-in, which only somebody without a single score other than 0 may need.
    if (hasLikes(history) && best.some(({ score }) => score !== 0)) return undefined;
    if (!scorer.isBlank(history)) return undefined;
    popular ??= await popularItems(snapshot, scorer.numItems);
    const who = user ?? 'someone new';
    const message = `nothing that ${who} likes is known to the model: this is what is played most, the same for everyone`;
    onProgress({ kind: 'warning', message });
    return popular;
  };
}
