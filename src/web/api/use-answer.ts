import { useCallback, useEffect, useState } from 'preact/hooks';
import type { Question } from './questions.js';
import { problemOf, type Problem } from './service.js';
import { useService } from './service-context.js';

/** What became of a question so far. */
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
 * The answer to a question, asked when it changes; the request before it is aborted.
 *
 * @param subject what it is about: while it is the same, the answer before it is shown until the next one is there
 */
export function useAnswer<T>(asked: Question<T> | undefined, subject: string): Asking<T> {
  const { service, root, turn } = useService();
  const [times, setTimes] = useState(0);
  const [held, setHeld] = useState<Held<T>>();
  const question = asked === undefined ? undefined : { ...asked, root };
  // As text, two questions that are equal are the same.
  const text = question === undefined ? undefined : JSON.stringify(question);
  const wanted = text === undefined ? undefined : `${text} ${turn} ${times}`;
  const kept = question === undefined ? undefined : service.answered(question);

  useEffect(() => {
    if (text === undefined || wanted === undefined) return undefined;
    const parsed = JSON.parse(text) as Question<T>;
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
