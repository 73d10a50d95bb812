import type { RankedItem } from '../contracts.js';
import { AppError } from '../errors.js';
import { cappedFirst, type Cap } from '../search/capped-ranking.js';
import type { RowSet } from '../search/row-set.js';
import { firstBut, rankScores } from '../search/score-ranking.js';
import { readArrowFile } from '../tables/arrow-reader.js';
import type { FoundKind } from '../snapshot/kinds.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';

/** Rows of a kind by how often they were played: the popularity fallback for a user of whom no like is known. */
export interface PopularItems {
  /** [numRows] events by row; of an artist or album those of its items. */
  readonly events: Float32Array;
  /** By events descending, then row ascending. */
  readonly ranked: readonly RankedItem[];
}

/** Of the first numRows, which have vectors or scores. AppError 'missing-part' where nobody knows how often they were played. */
export async function popularItems(
  snapshot: OpenSnapshot,
  { name, table: path }: Pick<FoundKind, 'name' | 'table'>,
  numRows: number,
): Promise<PopularItems> {
  const table = await readArrowFile(snapshot.file(path));
  const events = Float32Array.from(table.counts('count').subarray(0, numRows));
  if (events.some((count) => count > 0)) return { events, ranked: rankScores(events) };
  throw new AppError(
    'missing-part',
    `snapshot ${snapshot.id} has no play counts for its ${name}s, so popularity is unknown`,
    {
      suggestions: ['say what they like: `like` ITEM, as often as needed'],
      details: { snapshot: snapshot.id },
    },
  );
}

/** The first k of a ranking, of `among` (undefined: of all), without some, and of one artist no more than the cap. */
export function firstAllowed(
  ranked: readonly RankedItem[],
  leaveOut: Iterable<number>,
  {
    k,
    among,
    cap,
  }: { readonly k: number; readonly among: RowSet | undefined; readonly cap: Cap | undefined },
): RankedItem[] {
  if (cap === undefined) return firstBut(ranked, leaveOut, k, among);
  return cappedFirst(firstBut(ranked, leaveOut, ranked.length, among), k, cap);
}
