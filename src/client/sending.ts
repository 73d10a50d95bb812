/** One request over HTTP, tried again where that cannot do harm. */
import { problemOf, ServiceUnreachable, type SegueProblem } from './problems.js';

export interface CallOptions {
  /** Ends the call, also while it waits to try again. */
  readonly signal?: AbortSignal | undefined;
  /** The longest that one try may take, in ms. Default: the client's. */
  readonly timeoutMs?: number | undefined;
  /** How often it is tried again at most. Default: the client's. */
  readonly retries?: number | undefined;
}

export interface Sending {
  readonly fetch: typeof globalThis.fetch;
  readonly timeoutMs: number;
  readonly retries: number;
}

/** An answer, before anything is read of it. */
export interface Received {
  readonly response: Response;
  /** Empty where it is bytes, or lines, which are not read yet. */
  readonly text: string;
  readonly bytes?: ArrayBuffer;
}

export const linesType = 'application/x-ndjson';

/** The first wait before a try is at most this, and doubles with each. */
const firstWaitMs = 100;
const longestWaitMs = 2000;
/** Who is told to wait for longer is told so by an error. */
const longestRetryAfterMs = 10_000;
/** Too slow, not yet published, not now, or it took too long; 502, and 504 without a problem, are of what stands before the service. */
const passing = new Set([408, 412, 502, 503, 504]);

/**
 * Sends it until there is an answer. Every request of the client may be repeated: queries change nothing, and what is kept
 * has an id that is kept once.
 *
 * Throws SegueProblem, SnapshotGone, ServiceUnreachable; the reason of the caller's signal.
 */
export async function send(
  url: string,
  init: RequestInit,
  sending: Sending,
  call: CallOptions,
): Promise<Received> {
  const { signal } = call;
  const retries = call.retries ?? sending.retries;
  for (let tries = 1; ; tries++) {
    signal?.throwIfAborted();
    const outcome = await attempt(url, init, sending, call);
    if ('received' in outcome) return outcome.received;
    const isLast = tries > retries || outcome.waitMs > longestRetryAfterMs;
    if (isLast || !outcome.isPassing)
      throw outcome.problem ?? new ServiceUnreachable(url, tries, outcome.cause);
    const most = Math.min(firstWaitMs * 2 ** (tries - 1), longestWaitMs);
    // Callers that failed together do not come back together.
    await wait(outcome.waitMs + Math.random() * most, signal);
  }
}

type Outcome =
  | { readonly received: Received }
  | {
      readonly problem?: SegueProblem;
      readonly cause?: unknown;
      readonly isPassing: boolean;
      /** The service asked for so much patience. */
      readonly waitMs: number;
    };

async function attempt(
  url: string,
  init: RequestInit,
  { fetch, timeoutMs }: Sending,
  { signal, timeoutMs: own = timeoutMs }: CallOptions,
): Promise<Outcome> {
  const late = new AbortController();
  const timer = setTimeout(() => {
    late.abort(new Error(`it took longer than ${own} ms`));
  }, own);
  try {
    const either = signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]);
    const response = await fetch(url, { ...init, signal: either });
    const type = response.headers.get('content-type') ?? '';
    if (response.ok && type.startsWith(linesType)) return { received: { response, text: '' } };
    if (response.ok && type === 'application/octet-stream')
      return { received: { response, text: '', bytes: await response.arrayBuffer() } };
    const text = await response.text();
    if (response.ok) return { received: { response, text } };
    const isPassing = passing.has(response.status);
    return { problem: problemOf(response, text), isPassing, waitMs: retryAfterMs(response) };
  } catch (cause) {
    signal?.throwIfAborted();
    return { cause, isPassing: true, waitMs: 0 };
  } finally {
    clearTimeout(timer);
  }
}

/** What the lines of an answer say, as they come: it is asked for with the first, and given up where nobody goes on. */
export async function* linesOf(ask: () => Promise<Received>, { signal }: CallOptions): AsyncGenerator {
  const { response } = await ask();
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (let rest = ''; ;) {
      const { done, value } = await reader.read().catch((cause: unknown) => {
        signal?.throwIfAborted();
        throw new ServiceUnreachable(response.url, 1, cause);
      });
      if (done) return;
      const lines = (rest + value).split('\n');
      rest = lines.pop()!;
      for (const line of lines) yield JSON.parse(line);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** Seconds or a date. */
function retryAfterMs({ headers }: Response): number {
  const text = headers.get('retry-after');
  if (text === null) return 0;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isNaN(ms) ? 0 : Math.max(0, ms);
}

function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', end);
      resolve();
    }, ms);
    signal?.addEventListener('abort', end, { once: true });
  });
}
