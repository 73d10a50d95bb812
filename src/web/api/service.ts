/** The service as the page asks it, by the client: answers that were had are kept, and a token goes along. */
import {
  SegueClient,
  SegueProblem,
  ServiceUnreachable,
  type Answer,
  type Operation,
  type ProblemDocument,
} from '../../client/client.js';
import type { Query } from './queries.js';

export type Problem = Pick<ProblemDocument, 'title' | 'status' | 'code' | 'detail' | 'suggestions'>;

export interface Service {
  /** Rejects with what `problemOf` can say, or with what `signal` was aborted with. */
  ask<T>(query: Query<T>, signal: AbortSignal): Promise<T>;
  /** The answer, where it was had already. */
  answered<T>(query: Query<T>): T | undefined;
  /** Drops the answers that are kept: they are asked for again. */
  forget(): void;
  setToken(token: string): void;
  /** Calls `published` when another snapshot answers what names none, until what it returns is called. */
  watch(published: (snapshot: string) => void): () => void;
}

/** The token that whoever opened the page was given: kept for the tab, and never in the address. */
const tokenKey = 'segue-token';
const mostKept = 300;
/** The service has a deadline of its own: only a connection that hangs ends so, and no map that is long on its way. */
const timeoutMs = 600_000;

/**
 * @param storage where the token is
 * @param url of the service; where the page came from without it
 */
export function openService(storage: Pick<Storage, 'getItem' | 'setItem'>, url = ''): Service {
  const answers = new Map<string, unknown>();
  const watchers = new Set<(snapshot: string) => void>();
  /** Of each root what answered last where no snapshot was named. */
  const current = new Map<string, string>();

  const notice = (root: string, snapshot: string): void => {
    const before = current.get(root);
    current.set(root, snapshot);
    if (before === undefined || before === snapshot) return;
    answers.clear();
    for (const published of watchers) published(snapshot);
  };

  return {
    async ask<T>(query: Query<T>, signal: AbortSignal) {
      const { operation, asked, root } = query;
      const last: { snapshot: string | null } = { snapshot: null };
      const client = new SegueClient({
        url,
        root,
        token: storage.getItem(tokenKey) ?? undefined,
        timeoutMs,
        async fetch(address, init) {
          const response = await fetch(address, init);
          last.snapshot = response.headers.get('segue-snapshot');
          return response;
        },
      });
      const answer: Answer<Operation> = await client.ask(operation, asked, { signal });
      const isNamed = (asked as { readonly snapshot?: string }).snapshot !== undefined;
      if (!isNamed && last.snapshot !== null) notice(root ?? '', last.snapshot);
      // A map is long, and shown once.
      if (!(answer instanceof ArrayBuffer)) answers.set(keyOf(query), answer);
      const [oldest] = answers.keys();
      if (answers.size > mostKept && oldest !== undefined) answers.delete(oldest);
      return answer as T;
    },
    answered: <T>(query: Query<T>) => answers.get(keyOf(query)) as T | undefined,
    forget: () => answers.clear(),
    setToken(token) {
      storage.setItem(tokenKey, token);
      answers.clear();
    },
    watch(published) {
      watchers.add(published);
      return () => watchers.delete(published);
    },
  };
}

/** What tells a query from others. */
function keyOf({ root, operation, asked }: Query<unknown>): string {
  return JSON.stringify([root, operation, asked]);
}

/** `#token=…`, alone or before the place (`#token=…&/item/x`) → the token and the fragment without it. */
export function tokenIn(fragment: string): { readonly token: string | undefined; readonly rest: string } {
  const [, token, rest = ''] = /^#token=([^&]+)(?:&(.*))?$/s.exec(fragment) ?? [];
  return token === undefined ? { token, rest: fragment } : { token, rest: `#${rest === '' ? '/' : rest}` };
}

/** What someone is told of a failure. */
export function problemOf(error: unknown): Problem {
  if (error instanceof SegueProblem) return error;
  if (error instanceof ServiceUnreachable)
    return {
      title: 'No answer',
      status: 0,
      code: 'unreachable',
      detail: 'the service does not answer',
      suggestions: ['see whether segue explore, or segue serve, still runs'],
    };
  const detail = error instanceof Error ? error.message : String(error);
  return { title: 'Failed', status: 0, code: 'bug', detail, suggestions: [] };
}
