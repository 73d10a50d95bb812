import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { MapItem } from '../api/answers.js';
import { query } from '../api/queries.js';
import { useService } from '../api/service-context.js';

export interface KnownItems {
  /** Who a row is; undefined while that is not known. */
  readonly itemOf: (row: number) => MapItem | undefined;
  /** Has them asked for, together and once. */
  readonly want: (rows: readonly number[]) => void;
}

/** Pointers pass over many points: who they are is asked for when they rest. */
const restMs = 60;
const mostAtOnce = 200;

/** Names of a map's points, as far as they were wanted. A point whose name cannot be had stays without. */
export function useMapItems(snapshot: string | undefined): KnownItems {
  const { service, root, turn } = useService();
  const knownRef = useRef(new Map<number, MapItem>());
  const wantedRef = useRef(new Set<number>());
  const timerRef = useRef<number | undefined>(undefined);
  const endingRef = useRef(new AbortController());
  const [, setTimes] = useState(0);

  useEffect(() => {
    knownRef.current = new Map();
    wantedRef.current = new Set();
    endingRef.current = new AbortController();
    return () => {
      endingRef.current.abort();
      window.clearTimeout(timerRef.current);
    };
  }, [service, root, turn, snapshot]);

  const itemOf = useCallback((row: number) => knownRef.current.get(row), []);
  const want = useCallback(
    (rows: readonly number[]) => {
      const more = rows.filter((row) => !knownRef.current.has(row) && !wantedRef.current.has(row));
      if (more.length === 0) return;
      for (const row of more) wantedRef.current.add(row);
      window.clearTimeout(timerRef.current);
      timerRef.current = window.setTimeout(() => {
        const asked = [...wantedRef.current].filter((row) => !knownRef.current.has(row)).slice(-mostAtOnce);
        const { signal } = endingRef.current;
        service.ask({ ...query('mapItems', { rows: asked.join(','), snapshot }), root }, signal).then(
          ({ items }) => {
            for (const item of items) knownRef.current.set(item.row, item);
            setTimes((times) => times + 1);
          },
          () => {
            for (const row of asked) wantedRef.current.delete(row);
          },
        );
      }, restMs);
    },
    [service, root, snapshot],
  );
  return { itemOf, want };
}
