/**
 * The client of `segue serve`, for Node and for browsers: a typed method for each operation, with the parameters by the names
 * that JavaScript has for them (`maxPerArtist`). It imports nothing.
 */
import type { Answer, Asked, Line, Operation, Paged, Streamed } from './asking.js';
import type { Methods } from './methods.js';
import { routes, type Route } from './openapi.js';
import { problemOf } from './problems.js';
import { requestFor } from './request-for.js';
import { linesOf, linesType, send, type CallOptions, type Received } from './sending.js';
import { current, forward, held, type Chosen, type SnapshotChoice } from './snapshot-choice.js';

export type {
  Answer,
  Asked,
  Line,
  MapProgress,
  Operation,
  Paged,
  RecipeAnswer,
  Recommendations,
  Streamed,
} from './asking.js';
export type * from './openapi.js';
export type { ProblemDocument } from './problems.js';
export { ServiceUnreachable, SegueProblem, SnapshotGone } from './problems.js';
export type { CallOptions } from './sending.js';

export interface ClientOptions {
  /** Where the service is, such as http://127.0.0.1:7341. In a page: by default where the page came from. */
  readonly url?: string | URL | undefined;
  /** Sent as `Authorization: Bearer`. Feedback needs one; queries do where the service is not on loopback. */
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

class Client {
  static readonly name: string = 'SegueClient';
  readonly #options: ClientOptions;
  #choice: SnapshotChoice = current;

  static {
    for (const [operation, { asksNothing }] of Object.entries(routes) as [Operation, Route][]) {
      const value = function (this: Client, ...given: readonly object[]): Promise<unknown> {
        const [asked, call] = asksNothing === true ? [{}, ...given] : given;
        return this.ask(operation, asked ?? {}, call);
      };
      Object.defineProperty(this.prototype, operation, { value, writable: true, configurable: true });
    }
  }

  constructor(options: ClientOptions = {}) {
    this.#options = options;
  }

  /**
   * A client whose answers all come from one snapshot: the one that is named, or that of its first answer. Once it is deleted,
   * queries throw SnapshotGone.
   */
  hold(snapshot?: string): SegueClient {
    return this.#choosing(held(snapshot));
  }

  /** A client that never goes back to an earlier publication, whichever copy of the service answers. */
  forward(): SegueClient {
    return this.#choosing(forward());
  }

  /** What the method of that name asks. */
  async ask<O extends Operation>(operation: O, asked: Asked<O>, call: CallOptions = {}): Promise<Answer<O>> {
    const received = await this.#send(operation, withIds(asked, routes[operation]), call);
    return (received.bytes ?? parsed(received)) as Answer<O>;
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

  /**
   * The entries of a list, each as it arrives, of one snapshot: all of them, or the first `k`. It is tried again only until the
   * first arrives: where the list breaks off later, that throws ServiceUnreachable. No try is too long once its lines come.
   */
  lines<O extends Streamed>(operation: O, asked: Asked<O>, call: CallOptions = {}): AsyncGenerator<Line<O>> {
    const begin = (): Promise<Received> => this.#send(operation, asked, call, linesType);
    return linesOf(begin, call) as AsyncGenerator<Line<O>>;
  }

  #choosing(choice: SnapshotChoice): SegueClient {
    const client = new SegueClient(this.#options);
    client.#choice = choice;
    return client;
  }

  #send(
    operation: Operation,
    asked: object,
    call: CallOptions,
    accept = 'application/json',
  ): Promise<Received> {
    const { url, token, root, fetch = globalFetch } = this.#options;
    const { timeoutMs = 10_000, retries = 3 } = this.#options;
    const query = (chosen: Chosen): Promise<Received> => {
      const { address, method, body } = requestFor(routes[operation], { ...asked, ...chosen }, root);
      const headers = {
        accept,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      };
      const init = { method, headers, ...(body === undefined ? {} : { body }) };
      return send(`${base(url)}${address}`, init, { fetch, timeoutMs, retries }, call);
    };
    const { snapshot, minEpoch, cursor }: Readonly<Record<string, unknown>> = { ...asked };
    const isChosen = [snapshot, minEpoch, cursor].some((each) => each !== undefined);
    const isHeld = routes[operation].ofSnapshot === true && !isChosen;
    return isHeld ? this.#choice.ask(query, call.signal) : query({});
  }
}

/**
 * Every method throws `SegueProblem` for what the service refuses, `SnapshotGone` for a snapshot that is there no more,
 * `ServiceUnreachable` where there was no answer, and the reason of its `signal`.
 */
export type SegueClient = Client & Methods;
export const SegueClient = Client as new (options?: ClientOptions) => SegueClient;

/** Found when it is called: a page, or a test, may have put another in its place. */
const globalFetch: typeof fetch = (address, init) => fetch(address, init);

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

/** Of what is kept by ids, with one for each entry that has none. */
function withIds(asked: object, { entries }: Route): object {
  if (entries === undefined) return asked;
  const list = (asked as Readonly<Record<string, readonly { readonly id?: unknown }[]>>)[entries];
  return { [entries]: list?.map((entry) => ({ ...entry, id: entry.id ?? newId() })) };
}

/** 128 random bits. Not crypto.randomUUID, which pages have over TLS only. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
