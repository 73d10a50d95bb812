import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Answer } from '../../client/client.js';
import type { Kind } from '../api/answers.js';
import { query } from '../api/queries.js';
import { useAnswer } from '../api/use-answer.js';
import { useKinds, usePage } from '../place/page-context.js';

export interface Found {
  readonly kind: Kind | 'listener';
  readonly id: string;
  readonly name: string;
  readonly artist: string | undefined;
  readonly events: number;
}

/** A pause of this many ms ends a word. */
const pauseMs = 120;
const most = { items: 8, others: 3 };

/** What is called so: items, then artists, albums and listeners. The requests for a text before are aborted. */
export function useFound(
  typed: string,
  among: 'items' | 'everything',
): { readonly found: readonly Found[]; readonly isLoading: boolean; readonly problem: string | undefined } {
  const { place } = usePage();
  const kinds = useKinds();
  const { snapshot } = place;
  const text = usePaused(typed.trim());
  const of = (kind: Kind, k: number, isWanted: boolean) =>
    isWanted && text !== '' ? query('items', { kind, q: text, k, snapshot }) : undefined;
  const isWide = among === 'everything';
  const items = useAnswer(of('item', most.items, true), 'found');
  const artists = useAnswer(of('artist', most.others, isWide && kinds.has('artist')), 'found');
  const albums = useAnswer(of('album', most.others, isWide && kinds.has('album')), 'found');
  const asksListeners = isWide && kinds.has('listener') && text !== '';
  const users = useAnswer(
    asksListeners ? query('listeners', { prefix: text, k: most.others, snapshot }) : undefined,
    'found',
  );
  const found = useMemo(
    () =>
      text === ''
        ? []
        : [
            ...entities('item', items.value),
            ...entities('artist', artists.value),
            ...entities('album', albums.value),
            ...(users.value?.users ?? []).map(({ id, events }) => ({
              kind: 'listener' as const,
              id,
              name: id,
              artist: undefined,
              events,
            })),
          ],
    [text, items.value, artists.value, albums.value, users.value],
  );
  const isLoading = text !== typed.trim() || [items, artists, albums, users].some((each) => each.isLoading);
  return { found, isLoading, problem: items.problem?.detail };
}

function entities(kind: Kind, list: Answer<'items'> | undefined): Found[] {
  return (list?.items ?? []).map(({ id, name, artist, events }) => ({
    kind,
    id,
    name,
    events,
    artist: typeof artist === 'string' && kind !== 'artist' ? artist : undefined,
  }));
}

/** The text once nothing more was typed for a while; at once where it is empty. */
function usePaused(text: string): string {
  const [paused, setPaused] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setPaused(text), text === '' ? 0 : pauseMs);
    return () => clearTimeout(timer);
  }, [text]);
  return text === '' ? '' : paused;
}
