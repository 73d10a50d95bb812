import { useCallback, useEffect, useState } from 'preact/hooks';
import type { Query } from './queries.js';
import { problemOf, type Problem } from './service.js';
import { useService } from './service-context.js';

/** What became of a query so far. */
export interface Asking<T> {
  /** What there is to show: while the next answer is on its way, the one before it. */
  readonly value: T | undefined;
  readonly problem: Problem | undefined;
  readonly isLoading: boolean;
  /** Asks again. */
  readonly retry: () => void;
}

interface Held<T> {
  readonly key: string;
  readonly subject: string;
  readonly value: T | undefined;
  readonly problem: Problem | undefined;
}

/**
 * The answer to a query, asked when it changes; the request before it is aborted.
 *
 * @param subject what it is about: while it is the same, the answer before it is shown until the next one is there
 */
export function useAnswer<T>(asked: Query<T> | undefined, subject: string): Asking<T> {
  const { service, root, turn } = useService();
  const [times, setTimes] = useState(0);
  const [held, setHeld] = useState<Held<T>>();
  const query = asked === undefined ? undefined : { ...asked, root };
  // As text, two queries that are equal are the same.
  const text = query === undefined ? undefined : JSON.stringify(query);
  const wanted = text === undefined ? undefined : `${text} ${turn} ${times}`;
  const kept = query === undefined ? undefined : service.answered(query);

  useEffect(() => {
    if (text === undefined || wanted === undefined) return undefined;
    const parsed = JSON.parse(text) as Query<T>;
    const known = service.answered(parsed);
    const settle = (value: T | undefined, problem: Problem | undefined): void =>
      setHeld({ key: wanted, subject, value, problem });
    if (known !== undefined) {
      settle(known, undefined);
      return undefined;
    }
    const ending = new AbortController();
    service.ask(parsed, ending.signal).then(
      (value) => {
        if (!ending.signal.aborted) settle(value, undefined);
      },
      (error: unknown) => {
        if (!ending.signal.aborted) settle(undefined, problemOf(error));
      },
    );
    return () => ending.abort();
  }, [text, wanted, subject, service]);

  const retry = useCallback(() => setTimes((before) => before + 1), []);
  const isSettled = held !== undefined && held.key === wanted;
  if (isSettled && held.problem !== undefined)
    return { value: undefined, problem: held.problem, isLoading: false, retry };
  if (kept !== undefined) return { value: kept, problem: undefined, isLoading: false, retry };
  const value = held?.subject === subject ? held.value : undefined;
  return { value, problem: undefined, isLoading: wanted !== undefined && !isSettled, retry };
}
