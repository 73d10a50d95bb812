/**
 * The client of `segue serve`, for Node and for browsers: a typed method for each operation, with the parameters by the names
 * that JavaScript has for them (`maxPerArtist`). It imports nothing.
 */
import type { Answer, Asked, MapProgress, Operation, RecipeAnswer, Recommendations } from './asking.js';
import { routes } from './openapi.js';
import { problemOf } from './problems.js';
import { requestFor } from './request-for.js';
import { send, type CallOptions, type Received } from './sending.js';
import { current, forward, held, type Chosen, type SnapshotChoice } from './snapshot-choice.js';

export type { Answer, Asked, MapProgress, Operation, RecipeAnswer, Recommendations } from './asking.js';
export type * from './openapi.js';
export type { ProblemDocument } from './problems.js';
export { ServiceUnreachable, SegueProblem, SnapshotGone } from './problems.js';
export type { CallOptions } from './sending.js';

export interface ClientOptions {
  /** Where the service is, such as http://127.0.0.1:7341. In a page: by default where the page came from. */
  readonly url?: string | URL | undefined;
  /** Sent as `Authorization: Bearer`. Feedback needs one; questions do where the service is not on loopback. */
  readonly token?: string | undefined;
  /** Name of a root, of a service that has several. */
  readonly root?: string | undefined;
  /** In place of the global one. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** The longest that one try may take, in ms. Default: 10,000. */
  readonly timeoutMs?: number | undefined;
  /** How often a request is tried again where there was no answer, or 408, 412, 502, 503 or 504. Default: 3. */
  readonly retries?: number | undefined;
}

/** Operations that answer in pages. */
export type Paged = { [O in Operation]: 'cursor' extends keyof Asked<O> ? O : never }[Operation];

/**
 * Every method throws `SegueProblem` for what the service refuses, `SnapshotGone` for a snapshot that is there no more,
 * `ServiceUnreachable` where there was no answer, and the reason of its `signal`.
 */
export class SegueClient {
  readonly #options: ClientOptions;
  #choice: SnapshotChoice = current;

  constructor(options: ClientOptions = {}) {
    this.#options = options;
  }

  /**
   * A client whose answers all come from one snapshot: the one that is named, or that of its first answer. Once it is deleted,
   * questions throw SnapshotGone.
   */
  hold(snapshot?: string): SegueClient {
    return this.#choosing(held(snapshot));
  }

  /** A client that never goes back to an earlier publication, whichever copy of the service answers. */
  forward(): SegueClient {
    return this.#choosing(forward());
  }

  /** The items nearest to an item, artist or album, or to several together. */
  similar(asked: Asked<'similar'>, call?: CallOptions): Promise<Answer<'similar'>> {
    return this.#ask('similar', asked, call);
  }

  similarMany(asked: Asked<'similarMany'>, call?: CallOptions): Promise<Answer<'similarMany'>> {
    return this.#ask('similarMany', asked, call);
  }

  /** What a user might like next, by the model or by a recipe. */
  recommendToUser(asked: Asked<'recommendToUser'> & ByModel, call?: CallOptions): Promise<Recommendations>;
  recommendToUser(asked: Asked<'recommendToUser'> & ByRecipe, call?: CallOptions): Promise<RecipeAnswer>;
  recommendToUser(asked: Asked<'recommendToUser'>, call?: CallOptions): Promise<Answer<'recommendToUser'>>;
  recommendToUser(asked: Asked<'recommendToUser'>, call?: CallOptions): Promise<Answer<'recommendToUser'>> {
    return this.#ask('recommendToUser', asked, call);
  }

  /** What someone new might like, by what they like and dislike, or what a recipe gives everyone. */
  recommend(asked: Asked<'recommend'> & ByModel, call?: CallOptions): Promise<Recommendations>;
  recommend(asked: Asked<'recommend'> & ByRecipe, call?: CallOptions): Promise<RecipeAnswer>;
  recommend(asked: Asked<'recommend'>, call?: CallOptions): Promise<Answer<'recommend'>>;
  recommend(asked: Asked<'recommend'>, call?: CallOptions): Promise<Answer<'recommend'>> {
    return this.#ask('recommend', asked, call);
  }

  recommendMany(asked: Asked<'recommendMany'>, call?: CallOptions): Promise<Answer<'recommendMany'>> {
    return this.#ask('recommendMany', asked, call);
  }

  /** What is known of a listener. */
  listener(asked: Asked<'listener'>, call?: CallOptions): Promise<Answer<'listener'>> {
    return this.#ask('listener', asked, call);
  }

  listenerMany(asked: Asked<'listenerMany'>, call?: CallOptions): Promise<Answer<'listenerMany'>> {
    return this.#ask('listenerMany', asked, call);
  }

  /** The vector of a listener. */
  listenerVector(asked: Asked<'listenerVector'>, call?: CallOptions): Promise<Answer<'listenerVector'>> {
    return this.#ask('listenerVector', asked, call);
  }

  /** The listeners whom an item, artist or album suits best. */
  audience(asked: Asked<'audience'>, call?: CallOptions): Promise<Answer<'audience'>> {
    return this.#ask('audience', asked, call);
  }

  audienceMany(asked: Asked<'audienceMany'>, call?: CallOptions): Promise<Answer<'audienceMany'>> {
    return this.#ask('audienceMany', asked, call);
  }

  /** The most played items, or those that match words as they are typed. */
  items(asked: Asked<'items'> = {}, call?: CallOptions): Promise<Answer<'items'>> {
    return this.#ask('items', asked, call);
  }

  itemMany(asked: Asked<'itemMany'>, call?: CallOptions): Promise<Answer<'itemMany'>> {
    return this.#ask('itemMany', asked, call);
  }

  /** The listeners with the most events, or those whose ids begin with a prefix. */
  listeners(asked: Asked<'listeners'> = {}, call?: CallOptions): Promise<Answer<'listeners'>> {
    return this.#ask('listeners', asked, call);
  }

  /** The recipes that can be asked for by name. */
  recipes(call?: CallOptions): Promise<Answer<'recipes'>> {
    return this.#ask('recipes', {}, call);
  }

  /** What is known of an item, artist or album, by id or name. */
  item(asked: Asked<'item'>, call?: CallOptions): Promise<Answer<'item'>> {
    return this.#ask('item', asked, call);
  }

  /**
   * Keeps what listeners did or said: durable, and in force, when it resolves. Entries without an id get one before the first
   * try, so that one that is sent twice counts once.
   */
  feedback({ feedback }: Asked<'feedback'>, call?: CallOptions): Promise<Answer<'feedback'>> {
    return this.#ask('feedback', { feedback: withIds(feedback) }, call);
  }

  /** The same of events as they arrive, by ids of items: what is no event is answered with the reason. */
  events({ events }: Asked<'events'>, call?: CallOptions): Promise<Answer<'events'>> {
    return this.#ask('events', { events: withIds(events) }, call);
  }

  /** Takes an entry of feedback back, by its id. */
  undoFeedback(asked: Asked<'undoFeedback'>, call?: CallOptions): Promise<Answer<'undoFeedback'>> {
    return this.#ask('undoFeedback', asked, call);
  }

  /** Forgets a user: nothing that they did counts any more. */
  forgetUser(asked: Asked<'forgetUser'>, call?: CallOptions): Promise<Answer<'forgetUser'>> {
    return this.#ask('forgetUser', asked, call);
  }

  /** Shows an item, by id or name, to nobody. */
  hideItem(asked: Asked<'hideItem'>, call?: CallOptions): Promise<Answer<'hideItem'>> {
    return this.#ask('hideItem', asked, call);
  }

  unhideItem(asked: Asked<'unhideItem'>, call?: CallOptions): Promise<Answer<'unhideItem'>> {
    return this.#ask('unhideItem', asked, call);
  }

  /** The map of the items, as docs/map.md has its bytes; how far it is where it is being made: ask again then. */
  async map(asked: Asked<'map'> = {}, call: CallOptions = {}): Promise<ArrayBuffer | MapProgress> {
    const received = await this.#send('map', asked, call);
    return received.bytes ?? (parsed(received) as MapProgress);
  }

  /** The items at rows of the map, and the rows of items. */
  mapItems(asked: Asked<'mapItems'>, call?: CallOptions): Promise<Answer<'mapItems'>> {
    return this.#ask('mapItems', asked, call);
  }

  /** The snapshots that there are. */
  snapshots(call?: CallOptions): Promise<Answer<'snapshots'>> {
    return this.#ask('snapshots', {}, call);
  }

  /** Whether the process answers. */
  health(call?: CallOptions): Promise<Answer<'health'>> {
    return this.#ask('health', {}, call);
  }

  /** Whether questions are answered; SegueProblem where they are not. */
  ready(call?: CallOptions): Promise<Answer<'ready'>> {
    return this.#ask('ready', {}, call);
  }

  /** What is served: the version, and each root. */
  served(call?: CallOptions): Promise<Answer<'served'>> {
    return this.#ask('served', {}, call);
  }

  /** An answer, and those that continue it, each asked for when it is wanted; all are of one snapshot. */
  async *pages<O extends Paged>(
    operation: O,
    asked: Asked<O>,
    call: CallOptions = {},
  ): AsyncGenerator<Answer<O>> {
    let cursor: string | undefined;
    // The cursor says which snapshot goes on.
    const { snapshot: _, minEpoch: __, ...more }: Readonly<Record<string, unknown>> = { ...asked };
    do {
      const received = await this.#send(operation, cursor === undefined ? asked : { ...more, cursor }, call);
      yield parsed(received) as Answer<O>;
      cursor = nextCursor(received.response);
    } while (cursor !== undefined);
  }

  #choosing(choice: SnapshotChoice): SegueClient {
    const client = new SegueClient(this.#options);
    client.#choice = choice;
    return client;
  }

  async #ask<O extends Operation>(operation: O, asked: object, call: CallOptions = {}): Promise<Answer<O>> {
    return parsed(await this.#send(operation, asked, call)) as Answer<O>;
  }

  #send(operation: Operation, asked: object, call: CallOptions): Promise<Received> {
    const { url, token, root, fetch = globalFetch } = this.#options;
    const { timeoutMs = 10_000, retries = 3 } = this.#options;
    const question = (chosen: Chosen): Promise<Received> => {
      const { address, method, body } = requestFor(routes[operation], { ...chosen, ...asked }, root);
      const headers = {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      };
      const init = { method, headers, ...(body === undefined ? {} : { body }) };
      return send(`${base(url)}${address}`, init, { fetch, timeoutMs, retries }, call);
    };
    const isChosen = 'snapshot' in asked || 'minEpoch' in asked || 'cursor' in asked;
    return routes[operation].ofSnapshot && !isChosen ? this.#choice.ask(question, call.signal) : question({});
  }
}

/** Found when it is called: a page, or a test, may have put another in its place. */
const globalFetch: typeof fetch = (address, init) => fetch(address, init);

interface ByModel {
  readonly recipe?: undefined;
}

interface ByRecipe {
  readonly recipe: string;
}

function parsed({ response, text }: Received): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw problemOf(response, text);
  }
}

function base(url: string | URL = ''): string {
  return String(url).replace(/\/+$/, '');
}

/** Of `link: <…?…&cursor=…>; rel="next"`. The rest of the address is what was asked before. */
function nextCursor({ headers }: Response): string | undefined {
  const [, query] = /<[^>]*\?([^>]*)>\s*;\s*rel="?next"?/.exec(headers.get('link') ?? '') ?? [];
  return new URLSearchParams(query).get('cursor') ?? undefined;
}

function withIds<E extends { readonly id?: unknown }>(entries: readonly E[]): readonly E[] {
  return entries.map((entry) => ({ ...entry, id: entry.id ?? newId() }));
}

/** 128 random bits. Not crypto.randomUUID, which pages have over TLS only. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
