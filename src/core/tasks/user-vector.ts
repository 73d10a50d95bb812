/** `segue user-vector`: someone's vector, apart from training: a function of the model and their history. */
import { keeping } from '../closers.js';
import type { Pairs, TaskContext } from '../contracts.js';
import { findListeners, type Listener } from '../query/find-listeners.js';
import { openUsers } from '../query/open-users.js';
import { openUserVectors, type UserVectorResult } from '../query/user-vectors.js';
import { snapshotFile } from '../snapshot/layout.js';
import { openCatalogue } from '../store/catalogue.js';
import { openForReading, type OpenSnapshot } from '../snapshot/open-snapshot.js';
import { usersOf } from '../numeric/split-pairs.js';
import { decayOf } from './aging.js';
import type { UserVectorsResult } from './all-user-vectors.js';
import type { ModelEvents } from './model-events.js';
import type { AskedOf } from '../options/asked-of.js';

export type UserVectorOptions = AskedOf<'userVector'>;

export type { UserVectorResult, UserVectorsResult };

/** One result a user, in the order given (or of the events), a single one for a new user; or what --all made. */
export async function userVector(
  options: UserVectorOptions,
  context: TaskContext,
): Promise<UserVectorResult[] | UserVectorsResult> {
  if (options.all) {
    const { allUserVectors } = await import('./all-user-vectors.js');
    return allUserVectors(options, context);
  }
  return keeping(async (opened) => {
    const snapshot = opened.keep(await openForReading(options.root, options.snapshot, context, options.as));
    const vectors = opened.keep(openUserVectors(snapshot));
    const { numItems } = vectors;
    const events = await eventsOf(options, snapshot, numItems, context);
    const decay = decayOf(options, snapshot, events, vectors.decay, context);
    return vectors.of(await listenersOf(options, snapshot, events, numItems), decay);
  });
}

async function eventsOf(
  options: UserVectorOptions,
  snapshot: OpenSnapshot,
  numItems: number,
  context: TaskContext,
): Promise<ModelEvents | undefined> {
  if (options.events === undefined) return undefined;
  // Reading events means DuckDB, which the other ways to a vector should not wait for.
  const { readModelEvents } = await import('./model-events.js');
  return readModelEvents({ ...options, files: [options.events] }, snapshot, numItems, context);
}

/** Those who are named; all whom the events name where nobody is. */
async function listenersOf(
  options: UserVectorOptions,
  snapshot: OpenSnapshot,
  events: ModelEvents | undefined,
  numItems: number,
): Promise<Listener[]> {
  if (events === undefined) return findListeners(snapshot, options, numItems);
  const { ids, pairs } = events;
  const rows = new Map(Array.from({ length: ids.length }, (_, u) => [ids.at(u), u]));
  const users = options.users.length > 0 ? options.users : [...rows.keys()];
  const given = (row: number): Pairs => usersOf(pairs, row, row + 1);
  if (!snapshot.hasUsers(snapshotFile.userStore) && users.every((user) => rows.has(user)))
    return users.map((user) => ({ user, history: given(rows.get(user) ?? 0) }));
  return keeping(async (opened) => {
    const catalogue = opened.lazy(() => openCatalogue(snapshot.file(snapshotFile.itemStore)));
    const known = await opened.keep(openUsers(snapshot, numItems, catalogue)).asOfNow(options);
    return users.map((user) => {
      const row = rows.get(user);
      if (row === undefined) return { user, history: known.historyOf(known.rowOf(user)) };
      return { user, history: known.withFeedback(user, given(row), true) };
    });
  });
}
