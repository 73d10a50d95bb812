/** The best items, artists or albums for many users of a snapshot at a time, by whatever its model scores with. */
import type { TaskContext } from '../../contracts.js';
import { packRanking, type RankedBatch } from '../../search/ranked-batch.js';
import type { Limits } from '../exclusions.js';
import type { KnownUsers } from '../known-users.js';
import { firstAllowed } from '../popular-items.js';
import type { RankedKind } from '../ranked-kind.js';
import type { BlockQuery, RowsOptions } from './score-blocks.js';

export interface RankedUsers {
  /** In memory of its own. */
  readonly ranked: RankedBatch;
  /** Queries of users of whom nothing is known that they like: they have what is popular, as `recommend` gives it. */
  readonly blank: readonly number[];
}

export interface UserRanker {
  /**
   * The best k rows for each of these users, as they are recommended to each alone, to the bit.
   * @param users rows, at most `mostUsers`
   */
  rank(users: Uint32Array): Promise<RankedUsers>;
  close(): Promise<void>;
}

/** Close it before the recommender. AppError 'too-large' where what is searched does not fit. */
export async function openUserRanker(
  kind: RankedKind,
  users: KnownUsers,
  options: Limits & RowsOptions,
  context: TaskContext,
): Promise<UserRanker> {
  const { scorer, numRows } = kind;
  const leaveOut: BlockQuery['leaveOut'] = (seen, user) => kind.exclusions.of(seen, options, user).all;
  const blocks = await scorer.openBlocks(
    {
      ...options,
      ...{ users, numRows, leaveOut },
      best: (history, out) => kind.best(history, out, options),
      isColdStart: (history) => scorer.isColdStart(history),
    },
    context,
  );
  return {
    async rank(rows) {
      const { ranked, seen, isColdStart } = await blocks.score(rows);
      const blank = [...rows.keys()].filter(isColdStart);
      for (const q of blank) {
        const popular = await kind.popular();
        packRanking(ranked, q, firstAllowed(popular.ranked, leaveOut(seen, q), options));
      }
      return { ranked, blank };
    },
    close: () => blocks.close(),
  };
}
