import { useMemo } from 'preact/hooks';
import type { Kind } from '../api/answers.js';
import { factsOfMany } from '../api/questions.js';
import { useAnswer } from '../api/use-answer.js';

/** How often each of a list was played, asked in one request; none of it while that is under way. */
export function usePlays(
  kind: Kind,
  ids: readonly string[],
  snapshot: string | undefined,
): ReadonlyMap<string, number> {
  const question = ids.length === 0 ? undefined : factsOfMany(kind, ids, snapshot);
  const { value } = useAnswer(question, 'plays');
  return useMemo(() => {
    const known = value?.answers.flatMap((each) =>
      'item' in each ? [[each.item.id, each.events] as const] : [],
    );
    return new Map(known);
  }, [value]);
}
