import type { Pairs } from '../contracts.js';
import { AppError } from '../errors.js';
import { openCatalogue } from '../store/catalogue.js';
import { emptyHistory, withOpinions } from '../histories/opinions.js';
import { findItemRows } from './find-items.js';
import { snapshotFile } from '../snapshot/layout.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { openUsers } from './open-users.js';

/** Whom a command names: users of the snapshot, or someone new by likes and dislikes. */
export interface ListenerNames {
  /** Ids of users whose histories the snapshot holds. */
  readonly users: readonly string[];
  /** Items liked and disliked, for someone new or added to each user's history. */
  readonly like: readonly string[];
  readonly dislike: readonly string[];
}

/** Someone and what they have heard. */
export interface Listener {
  /** null for someone new. */
  readonly user: string | null;
  readonly history: Pairs;
}

/** The histories that users and opinions make. AppError 'bad-usage' where neither is given. */
export function findListeners(
  snapshot: OpenSnapshot,
  { users, like, dislike }: ListenerNames,
  numItems: number,
): Listener[] {
  if (users.length + like.length + dislike.length === 0) {
    throw new AppError('bad-usage', 'no user is named', {
      suggestions: ['name a USER of the snapshot, or say what someone new likes: --like "Hotel California"'],
    });
  }
  const opinions = { liked: [] as number[], disliked: [] as number[] };
  if (like.length + dislike.length > 0) {
    const catalogue = openCatalogue(snapshot.file(snapshotFile.itemStore));
    try {
      opinions.liked = findItemRows(catalogue, like, numItems);
      opinions.disliked = findItemRows(catalogue, dislike, numItems);
    } finally {
      catalogue.close();
    }
  }
  const { liked, disliked } = opinions;
  if (users.length === 0) {
    const history = withOpinions(emptyHistory(numItems), liked, disliked);
    return [{ user: null, history }];
  }
  const stored = openUsers(snapshot, numItems);
  try {
    return users.map((user) => {
      const history = stored.historyOf(stored.rowOf(user));
      if (history.vector !== undefined && liked.length + disliked.length > 0) throw importedTaste(user);
      return { user, history: withOpinions(history, liked, disliked) };
    });
  } finally {
    stored.close();
  }
}

function importedTaste(user: string): AppError {
  return new AppError(
    'bad-usage',
    `the vector of ${JSON.stringify(user)} was imported, and likes or dislikes cannot be added to it`,
    {
      suggestions: ['leave USER out: --like and --dislike alone describe someone new'],
      details: { user },
    },
  );
}
