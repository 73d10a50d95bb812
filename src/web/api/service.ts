/** The service as the page asks it: answers that were had are kept, failures are problems, and a token goes along. */
import type { Problem } from './answers.js';
import { keyOf, type Question } from './questions.js';
import type { TokenStore } from './token.js';

export interface Service {
  /** Rejects with a ProblemError, or with what `signal` was aborted with. */
  ask<T>(question: Question<T>, signal: AbortSignal): Promise<T>;
  /**
   * An answer that is bytes; or, while it is being made, how far that is. Rejects as `ask` does. It is not kept.
   */
  askBytes<T>(question: Question<T>, signal: AbortSignal): Promise<BytesAnswer<T>>;
  /** The answer, where it was had already. */
  answered<T>(question: Question<T>): T | undefined;
  /** Drops the answers that are kept: they are asked for again. */
  forget(): void;
  setToken(token: string): void;
  readonly hasToken: boolean;
  /** Calls `published` when another snapshot answers what names none, until what it returns is called. */
  watch(published: (snapshot: string) => void): () => void;
}

export type BytesAnswer<T> = { readonly bytes: Uint8Array } | { readonly waiting: T };

export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

const mostKept = 300;

export function openService(tokens: TokenStore): Service {
  return new OpenService(tokens);
}

class OpenService implements Service {
  readonly #tokens: TokenStore;
  readonly #answers = new Map<string, unknown>();
  readonly #watchers = new Set<(snapshot: string) => void>();
  /** Of each root what answered last where no snapshot was named. */
  readonly #current = new Map<string, string>();

  constructor(tokens: TokenStore) {
    this.#tokens = tokens;
  }

  get hasToken(): boolean {
    return this.#tokens.read() !== undefined;
  }

  setToken(token: string): void {
    this.#tokens.write(token);
    this.forget();
  }

  answered<T>(question: Question<T>): T | undefined {
    return this.#answers.get(keyOf(question)) as T | undefined;
  }

  forget(): void {
    this.#answers.clear();
  }

  watch(published: (snapshot: string) => void): () => void {
    this.#watchers.add(published);
    return () => this.#watchers.delete(published);
  }

  async ask<T>(question: Question<T>, signal: AbortSignal): Promise<T> {
    const response = await this.#send(question, signal);
    const text = await response.text().catch((error: unknown) => unreachable(error, signal));
    const value = parsed(text);
    if (!response.ok) throw new ProblemError(problemOf(response.status, value));
    if (value === undefined) throw new ProblemError(problemOf(response.status, undefined));
    this.#notice(question, response.headers.get('segue-snapshot'));
    this.#keep(keyOf(question), value);
    return value as T;
  }

  async askBytes<T>(question: Question<T>, signal: AbortSignal): Promise<BytesAnswer<T>> {
    const response = await this.#send(question, signal);
    const bytes = await response.arrayBuffer().catch((error: unknown) => unreachable(error, signal));
    if (response.status === 200) return { bytes: new Uint8Array(bytes) };
    const value = parsed(new TextDecoder().decode(bytes));
    if (response.status === 202 && value !== undefined) return { waiting: value as T };
    throw new ProblemError(problemOf(response.status, value));
  }

  #send({ path, body }: Question<unknown>, signal: AbortSignal): Promise<Response> {
    const token = this.#tokens.read();
    const headers: Record<string, string> = {
      accept: 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const what = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    return fetch(path, { headers, signal, ...what }).catch((error: unknown) => unreachable(error, signal));
  }

  #notice({ path, root = '' }: Question<unknown>, snapshot: string | null): void {
    const before = this.#current.get(root);
    if (snapshot === null || /[?&]snapshot=/.test(path) || snapshot === before) return;
    this.#current.set(root, snapshot);
    if (before === undefined) return;
    this.forget();
    for (const published of this.#watchers) published(snapshot);
  }

  #keep(key: string, value: unknown): void {
    this.#answers.set(key, value);
    if (this.#answers.size <= mostKept) return;
    for (const oldest of this.#answers.keys()) {
      this.#answers.delete(oldest);
      return;
    }
  }
}

function unreachable(error: unknown, signal: AbortSignal): never {
  if (signal.aborted) throw error;
  throw new ProblemError({
    ...{ title: 'No answer', status: 0, code: 'unreachable', detail: 'the service does not answer' },
    suggestions: ['see whether segue explore, or segue serve, still runs'],
  });
}

/** undefined for what is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function problemOf(status: number, value: unknown): Problem {
  if (typeof value === 'object' && value !== null && 'code' in value && 'detail' in value)
    return value as Problem;
  const detail = `the service answered with status ${status}, and not as segue does`;
  return { title: 'No answer', status, code: 'unreadable', detail, suggestions: [] };
}
