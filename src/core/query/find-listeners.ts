import type { Pairs, TaskContext } from '../contracts.js';
import { keeping } from '../closers.js';
import { AppError } from '../errors.js';
import type { listening } from '../options/operation-parts.js';
import type { Asked } from '../options/option.js';
import type { recommendQuery } from '../options/queries.js';
import { shellWord } from '../shell-word.js';
import { openCatalogue, type Catalogue } from '../store/catalogue.js';
import { emptyHistory, withOpinions } from '../histories/opinions.js';
import { findItemRows } from './find-items.js';
import { snapshotFile } from '../snapshot/layout.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import type { AsOfMark, FeedbackOptions } from '../feedback/follow-ledger.js';
import type { KnownUsers } from './known-users.js';
import { openUsers } from './open-users.js';

/** Whom a command names: users of the snapshot, or a new user by likes and dislikes. */
export type ListenerNames = Pick<Asked<typeof listening>, 'users' | 'like' | 'dislike'> & FeedbackOptions;

/** What answers for users whom nobody knows, or who were forgotten; without it such a user is an error. */
export type WithFallback = Pick<Asked<typeof recommendQuery.options>, 'fallback'>;

/** In the answer for such a user. */
export interface UnknownUser {
  /** What answered in place of their history: a recipe; null for what was asked, such as likes, without any. */
  readonly recipe: string | null;
  /** Ids that come closest to theirs, best first. */
  readonly closest: readonly string[];
}

/** Someone and what they have listened to. */
export interface Listener {
  /** null for a new user. */
  readonly user: string | null;
  readonly history: Pairs;
  /** Of a user whom nobody knows: the ids that come closest. */
  readonly closest?: readonly string[];
}

/** Where names are looked up; each is asked for only where it is needed. */
export interface NameSources {
  catalogue(): Catalogue;
  /** Users as of now; asked once a query. */
  users(asked: FeedbackOptions & AsOfMark): Promise<KnownUsers>;
}

/** The histories that users and opinions make. AppError 'bad-usage' where neither is given. */
export async function findListeners(
  snapshot: OpenSnapshot,
  names: ListenerNames,
  numItems: number,
): Promise<Listener[]> {
  return keeping(async (opened) => {
    const catalogue = opened.lazy(() => openCatalogue(snapshot.file(snapshotFile.itemStore)));
    const sources: NameSources = {
      catalogue,
      users: (asked) => opened.keep(openUsers(snapshot, numItems, catalogue)).asOfNow(asked),
    };
    return await listenersNamed(sources, names, numItems);
  });
}

/** The same by what is open. */
export async function listenersNamed(
  sources: NameSources,
  names: ListenerNames & WithFallback,
  numItems: number,
): Promise<Listener[]> {
  const { users, like, dislike } = names;
  if (users.length + like.length + dislike.length === 0) {
    throw new AppError('bad-usage', 'no user is named', {
      suggestions: ['name a USER of the snapshot, or say what a new user likes: `like` "Hotel California"'],
    });
  }
  const hasOpinions = like.length + dislike.length > 0;
  const rowsOf = (items: readonly string[]): number[] =>
    hasOpinions ? findItemRows(sources.catalogue(), items, numItems) : [];
  const [liked, disliked] = [rowsOf(like), rowsOf(dislike)];
  const withTheirs = (history: Pairs): Pairs => withOpinions(history, liked, disliked);
  if (users.length === 0) return [{ user: null, history: withTheirs(emptyHistory(numItems)) }];
  const known = await sources.users(names);
  return users.map((user) => {
    if (names.fallback !== undefined && known.findRow(user) === undefined)
      return { user, history: withTheirs(emptyHistory(numItems)), closest: known.closest(user) };
    const history = known.historyOf(known.rowOf(user));
    if (history.vector !== undefined && hasOpinions) throw importedTaste(user);
    return { user, history: withTheirs(history) };
  });
}

/** The result, which says of a user whom nobody knows that it is so; whoever asks is told too. @param recipe that answers */
export function markedUnknown<R>(
  result: R,
  { user, closest }: Listener,
  recipe: string | null,
  context: TaskContext,
): R {
  if (closest === undefined) return result;
  const alike = closest.length === 0 ? '' : ` (did you mean ${closest.map(shellWord).join(', ')}?)`;
  const message = `no user ${JSON.stringify(user)}${alike}: ${recipe === null ? 'their likes alone answer' : `the recipe ${recipe} answers`}`;
  context.onProgress({ kind: 'warning', message });
  return { ...result, user, unknownUser: { recipe, closest } };
}

function importedTaste(user: string): AppError {
  return new AppError(
    'bad-usage',
    `the vector of ${JSON.stringify(user)} was imported, and likes or dislikes cannot be added to it`,
    {
      suggestions: ['leave USER out: `like` and `dislike` alone describe a new user'],
      details: { user },
    },
  );
}
