/** Which snapshot the queries of a client ask: what is current, always the same one, or none older than the last. */
import type { Received } from './sending.js';

/** What a query says of it, by the names of parameters. */
export type Chosen = Readonly<Record<string, string>>;

export interface SnapshotChoice {
  /** @param signal ends it also while it waits for another query */
  ask(query: (chosen: Chosen) => Promise<Received>, signal?: AbortSignal): Promise<Received>;
}

/** What is published when the query comes. */
export const current: SnapshotChoice = { ask: (query) => query({}) };

/** The given one, or what is current, as of the first answer: until there is one, queries wait for each other. */
export function held(given: string | undefined): SnapshotChoice {
  // A tag, and what is current, may mean another one later; the id that the first answer names does not.
  let id: string | undefined;
  let first: Promise<unknown> | undefined;
  return {
    async ask(query, signal) {
      while (id === undefined) {
        if (first === undefined) {
          const answer = query(given === undefined ? {} : { snapshot: given });
          const pin = ({ response }: Received): void => {
            id = response.headers.get('segue-snapshot') ?? undefined;
          };
          first = answer
            .then(pin, () => undefined)
            .finally(() => {
              first = undefined;
            });
          await first;
          return answer;
        }
        await orAborted(first, signal);
      }
      return query({ snapshot: id });
    },
  };
}

/** None of an earlier publication than the newest that has answered. */
export function forward(): SnapshotChoice {
  let newest = 0;
  return {
    async ask(query) {
      const received = await query(newest === 0 ? {} : { 'min-epoch': String(newest) });
      newest = Math.max(newest, Number(received.response.headers.get('segue-epoch') ?? 0));
      return received;
    },
  };
}

function orAborted(promise: Promise<unknown>, signal: AbortSignal | undefined): Promise<unknown> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const end = (): void => reject(signal.reason as Error);
    if (signal.aborted) end();
    signal.addEventListener('abort', end, { once: true });
    void promise.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', end);
    });
  });
}
