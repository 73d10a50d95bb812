import { createContext } from 'preact';
import { useContext, useEffect } from 'preact/hooks';
import type { Place } from './place.js';

export interface PageInUse {
  readonly place: Place;
  readonly go: (place: Place) => void;
  /** Has a screen reader say it. */
  readonly say: (text: string) => void;
  /** Says what the place is called. */
  readonly name: (name: string) => void;
}

/** What there is to walk through in the snapshot that answers: item, artist, album, listener. */
export const KindsContext = createContext<ReadonlySet<string>>(new Set(['item']));

export function useKinds(): ReadonlySet<string> {
  return useContext(KindsContext);
}

export const PageContext = createContext<PageInUse | undefined>(undefined);

export function usePage(): PageInUse {
  const inUse = useContext(PageContext);
  if (inUse === undefined) throw new Error('no page is given');
  return inUse;
}

/** What the place is called, for the title and the walk. */
export function usePlaceName(text: string): void {
  const { name } = usePage();
  useEffect(() => name(text), [name, text]);
}

/** Has a screen reader say it once it is there, and again when it changes. */
export function useSaid(text: string | undefined): void {
  const { say } = usePage();
  useEffect(() => {
    if (text !== undefined) say(text);
  }, [say, text]);
}
