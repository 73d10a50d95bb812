/** What an index finds by how much it reads: measured anew, in work and not in time, which no two machines have alike. */
import { setImmediate } from 'node:timers/promises';
import { closing } from '../closers.js';
import type { TaskContext } from '../contracts.js';
import { abortError } from '../errors.js';
import { wholeGap } from '../search/ivf-index.js';
import { openIvfSearch } from '../search/ivf-search.js';
import { recallOf } from '../search/recall.js';
import type { RankedRow } from '../numeric/top-k.js';
import { ivfPaths } from '../snapshot/open-index.js';
import type { IndexSection } from '../snapshot/manifest.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';

export interface ProbedRecall {
  /** Lists that a search reads. */
  readonly probes: number;
  /** Vectors and centroids that a search compares with, as a share of the items, about. */
  readonly compared: number;
  readonly recall: number;
  readonly interval: readonly [low: number, high: number];
}

/** Neighbours that are looked for. */
const k = 10;
/** From a number of lists to the next. */
const growth = 1.5;
/** Where there is no more to see. */
const enough = 0.9995;
/** Vectors up to which all are held in memory meanwhile. */
const mostBytesInMemory = 2 ** 30;

/**
 * Recall@10 with 1, 2, 3, 5 … lists, until nearly all are found; regions are not cut off, so that only the lists differ.
 *
 * @param sample rows to look for, and their exact neighbours. Cost: about as many searches as there are rows and points.
 */
export async function indexCurve(
  snapshot: OpenSnapshot,
  index: IndexSection,
  sample: { readonly rows: Uint32Array; readonly truth: readonly (readonly RankedRow[])[] },
  { signal, onProgress }: TaskContext,
): Promise<ProbedRecall[]> {
  const { inputs, model } = snapshot.manifest;
  const { items } = inputs.interactions;
  let lists = 1;
  return closing(
    openIvfSearch(
      ivfPaths((name) => snapshot.file(name)),
      {
        probes: () => ({ gap: wholeGap, lists }),
        maxK: k + 1,
        inMemory: 4 * items * model.dim <= mostBytesInMemory,
      },
    ),
    async (search) => {
      const curve: ProbedRecall[] = [];
      for (const probes of probesToTry(index)) {
        lists = probes;
        onProgress({
          kind: 'step',
          phase: 'measuring the index',
          done: probes,
          total: index.lists,
          unit: 'probes',
        });
        // A turn of the event loop, in which an interrupt arrives.
        await setImmediate();
        if (signal.aborted) throw abortError(signal);
        const found = Array.from(sample.rows, (row) => search.best(search.vectorOf(row), k, [row]));
        const { share, interval } = recallOf(sample.truth, found, items);
        // Centroids are compared with too.
        const compared = Math.min(1, (index.lists + (probes * items) / index.lists) / items);
        curve.push({ probes, compared, recall: share, interval });
        if (share >= enough) break;
      }
      return curve;
    },
  );
}

function probesToTry({ lists, probes }: IndexSection): number[] {
  const tried = new Set([Math.min(probes, lists), lists]);
  for (let next = 1; next < lists; next = Math.max(next + 1, Math.round(next * growth))) tried.add(next);
  return [...tried].sort((a, b) => a - b);
}
