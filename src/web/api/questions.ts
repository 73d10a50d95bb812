/** What the page asks: an address below the service, and for many at once a body. Two that are equal have equal keys. */
import type { Trial } from '../listener/trial.js';
import type {
  Audience,
  EntityFacts,
  ItemList,
  Kind,
  ListenerFacts,
  ListenerList,
  MapItems,
  MapProgress,
  Neighbours,
  Problem,
  RecipeList,
  Recommendations,
  Served,
  SnapshotList,
} from './answers.js';

export interface Question<T> {
  readonly path: string;
  /** Of a service that has several roots which of them answers. */
  readonly root?: string;
  /** Asked by POST; undefined: by GET. */
  readonly body?: object;
  /** Of what answers it: it is never read. */
  readonly answer?: T;
}

/** undefined: the snapshot that is current. */
type Snapshot = string | undefined;
type Parameter = string | number | boolean | undefined | readonly string[];

/** The same question to a root of a service that has several. */
export function toRoot<T>(question: Question<T>, root: string | undefined): Question<T> {
  if (root === undefined) return question;
  return { ...question, root, path: question.path.replace(/^\/v1\//, `/v1/${encodeURIComponent(root)}/`) };
}

/** What tells a question from others. */
export function keyOf({ path, body }: Question<unknown>): string {
  return body === undefined ? path : `${path} ${JSON.stringify(body)}`;
}

function address(path: string, parameters: Readonly<Record<string, Parameter>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    const all = Array.isArray(value) ? (value as readonly string[]) : [value];
    for (const each of all) if (each !== undefined && each !== false) search.append(name, String(each));
  }
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** As the API names one exactly, whatever others are called. */
function referenceTo(kind: Kind, id: string): string {
  return kind === 'item' ? `id:${id}` : `${kind}:id:${id}`;
}

/** Its answer is bytes; until they are there, how far the map is. */
export function mapOfItems(snapshot: Snapshot): Question<MapProgress> {
  return { path: address('/v1/map', { snapshot }) };
}

/** Who the points of a map are. @param ids of items whose rows are wanted */
export function mapItems(
  rows: readonly number[],
  ids: readonly string[],
  snapshot: Snapshot,
): Question<MapItems> {
  const item = ids.map((id) => referenceTo('item', id));
  const joined = rows.length === 0 ? undefined : rows.join(',');
  return { path: address('/v1/map/items', { rows: joined, item, snapshot }) };
}

/** It is the same for all roots. */
export function served(): Question<Served> {
  return { path: '/v1' };
}

export function snapshots(): Question<SnapshotList> {
  return { path: '/v1/snapshots' };
}

export function recipes(): Question<RecipeList> {
  return { path: '/v1/recipes' };
}

export function itemList(asked: {
  readonly kind: Kind;
  readonly q?: string;
  readonly k: number;
  readonly snapshot: Snapshot;
}): Question<ItemList> {
  return { path: address('/v1/items', asked) };
}

export function facts(kind: Kind, id: string, snapshot: Snapshot): Question<EntityFacts> {
  return { path: address(`/v1/items/${encodeURIComponent(referenceTo(kind, id))}`, { snapshot }) };
}

/** How often each was played: an answer or a problem for each, in their order. */
export function factsOfMany(
  kind: Kind,
  ids: readonly string[],
  snapshot: Snapshot,
): Question<{ readonly answers: readonly (EntityFacts | { readonly problem: Problem })[] }> {
  const queries = ids.map((id) => ({ item: referenceTo(kind, id) }));
  return { path: address('/v1/items', { snapshot }), body: { queries } };
}

export function neighbours(asked: {
  readonly kind: Kind;
  readonly id: string;
  readonly k: number;
  /** Of which kind the neighbours are. */
  readonly among: Kind;
  readonly perArtist: number | undefined;
  readonly snapshot: Snapshot;
}): Question<Neighbours> {
  const { kind, id, k, among, perArtist, snapshot } = asked;
  const item = referenceTo(kind, id);
  return { path: address('/v1/similar', { item, k, kind: among, 'max-per-artist': perArtist, snapshot }) };
}

export function audience(kind: Kind, id: string, k: number, snapshot: Snapshot): Question<Audience> {
  return { path: address('/v1/audience', { item: referenceTo(kind, id), k, snapshot }) };
}

export function listener(user: string, snapshot: Snapshot): Question<ListenerFacts> {
  return { path: address(`/v1/listeners/${encodeURIComponent(user)}`, { snapshot }) };
}

export function listeners(prefix: string, k: number, snapshot: Snapshot): Question<ListenerList> {
  return { path: address('/v1/listeners', { prefix: prefix === '' ? undefined : prefix, k, snapshot }) };
}

/** @param user null: someone new, or whom a recipe needs to know nothing of */
export function recommendations(
  user: string | null,
  { like, dislike, ban, seeds, recipe }: Trial,
  { k, snapshot }: { readonly k: number; readonly snapshot: Snapshot },
): Question<Recommendations> {
  const exactly = (ids: readonly string[]): string[] => ids.map((id) => referenceTo('item', id));
  const path = user === null ? '/v1/recommend' : `/v1/recommend/${encodeURIComponent(user)}`;
  const parameters = {
    ...{ like: exactly(like), dislike: exactly(dislike), exclude: exactly(ban) },
    ...{ 'seed-item': exactly(seeds), recipe, k, explain: true, snapshot },
    // The page says that nobody knows a user, and shows no fallback as theirs.
    strict: user === null ? undefined : true,
  };
  return { path: address(path, parameters) };
}

/**
 * Asks of each kind for what does not exist: 'missing-part' is the problem where a snapshot has no such kind, and another
 * where it has.
 */
export function kindsProbe(
  snapshot: Snapshot,
): Question<{ readonly answers: readonly { readonly problem?: Problem }[] }> {
  const queries = (['artist', 'album'] as const).map((kind) => ({ item: [`${kind}:id:`], kind, k: 1 }));
  return { path: address('/v1/similar', { snapshot }), body: { queries } };
}

export function keep(user: string, { like, dislike, ban }: Trial): Question<object> {
  const entry = (type: string) => (id: string) => ({ user, item: referenceTo('item', id), type });
  const feedback = [...like.map(entry('like')), ...dislike.map(entry('dislike')), ...ban.map(entry('ban'))];
  return { path: '/v1/feedback', body: { feedback } };
}
