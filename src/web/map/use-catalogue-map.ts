import { useCallback, useEffect, useState } from 'preact/hooks';
import { decodeMap, type CatalogueMap } from '../../core/map/map-format.js';
import type { MapProgress } from '../../client/client.js';
import { query } from '../api/queries.js';
import { problemOf, type Problem } from '../api/service.js';
import { useService } from '../api/service-context.js';

interface Held {
  readonly map: CatalogueMap | undefined;
  /** While it is being made. */
  readonly progress: MapProgress | undefined;
  readonly problem: Problem | undefined;
}

const nothing: Held = { map: undefined, progress: undefined, problem: undefined };
const againMs = 700;

export interface MapAnswer extends Held {
  /** Asks again. */
  readonly retry: () => void;
}

/** The map of a snapshot, asked for until it is made. */
export function useCatalogueMap(snapshot: string | undefined): MapAnswer {
  const { service, root, turn } = useService();
  const [answer, setAnswer] = useState<Held>(nothing);
  const [times, setTimes] = useState(0);
  useEffect(() => {
    const ending = new AbortController();
    let timer: number | undefined;
    setAnswer(nothing);
    const ask = async (): Promise<void> => {
      try {
        const said = await service.ask({ ...query('map', { snapshot }), root }, ending.signal);
        if (!(said instanceof ArrayBuffer)) {
          setAnswer({ ...nothing, progress: said });
          timer = window.setTimeout(() => void ask(), againMs);
          return;
        }
        const map = decodeMap(new Uint8Array(said));
        setAnswer({ ...nothing, map, problem: map === undefined ? unreadable : undefined });
      } catch (error) {
        if (!ending.signal.aborted) setAnswer({ ...nothing, problem: problemOf(error) });
      }
    };
    void ask();
    return () => {
      ending.abort();
      window.clearTimeout(timer);
    };
  }, [service, root, turn, times, snapshot]);
  const retry = useCallback(() => setTimes((before) => before + 1), []);
  return { ...answer, retry };
}

const unreadable: Problem = {
  title: 'No answer',
  status: 0,
  code: 'unreadable',
  detail: 'the map has a form that this page does not know',
  suggestions: ['load the page again'],
};
