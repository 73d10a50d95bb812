import type { RankedItem } from '../contracts.js';
import { AppError } from '../errors.js';
import { rankScores } from '../index/score-ranking.js';
import { readArrowFile } from '../tables/arrow-reader.js';
import { snapshotFile } from './layout.js';
import type { OpenSnapshot } from './open-snapshot.js';

/** The items of a model by how often they were played: what there is for somebody of whom nothing is known. */
export interface PopularItems {
  /** [numItems] events by row. */
  readonly events: Float32Array;
  /** By events descending, then row ascending. */
  readonly ranked: readonly RankedItem[];
}

/** AppError 'missing-part' where a snapshot does not know how often its items were played. */
export async function popularItems(snapshot: OpenSnapshot, numItems: number): Promise<PopularItems> {
  const table = await readArrowFile(snapshot.file(snapshotFile.itemTable));
  const events = Float32Array.from(table.counts('count').subarray(0, numItems));
  if (events.some((count) => count > 0)) return { events, ranked: rankScores(events) };
  throw new AppError(
    'missing-part',
    `snapshot ${snapshot.id} does not know how often its items were played, so nothing is popular`,
    {
      suggestions: ['say what they like: --like ITEM, as often as needed'],
      details: { snapshot: snapshot.id },
    },
  );
}
