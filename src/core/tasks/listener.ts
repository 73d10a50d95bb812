/** `segue user-vector USER --explain`: the facts of a listener. */
import { Closers } from '../closers.js';
import type { TaskContext } from '../contracts.js';
import type * as operations from '../options/queries.js';
import type { Asked } from '../options/option.js';
import { openListeners, type ListenerFacts } from '../query/listener/listener.js';
import { openNeighbours } from '../query/open-neighbours.js';
import { openRecommender } from '../query/open-recommender.js';
import { openForReading } from '../snapshot/open-snapshot.js';

export type { ListenerFacts, NearItem, NearUser } from '../query/listener/listener.js';

export type ListenerOptions = Asked<typeof operations.listener.options>;

export interface ListenersOptions extends Omit<ListenerOptions, 'user'> {
  readonly users: readonly string[];
}

/** As `Listeners.of`, of a snapshot that is opened for it. */
export async function listener(
  { user, ...options }: ListenerOptions,
  context: TaskContext,
): Promise<ListenerFacts> {
  const [facts] = await listeners({ ...options, users: [user] }, context);
  if (facts === undefined) throw new Error(`no facts of ${user}`);
  return facts;
}

/** The same of several, in the order given. */
export async function listeners(
  { users, ...options }: ListenersOptions,
  context: TaskContext,
): Promise<ListenerFacts[]> {
  const opened = new Closers();
  try {
    const snapshot = opened.keep(await openForReading(options.root, options.snapshot, context, options.as));
    const ways = { inMemory: users.length > 1 };
    const recommender = opened.keep(openRecommender(snapshot, ways));
    const neighbours = opened.keep(openNeighbours(snapshot, ways));
    const known = opened.keep(openListeners(options.root, recommender, neighbours));
    const facts: ListenerFacts[] = [];
    for (const user of users) facts.push(await known.of({ ...options, user }, context));
    return facts;
  } finally {
    opened.close();
  }
}
