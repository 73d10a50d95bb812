/**
 * Who may be a neighbour. A vector that one or two users made points wherever they do, so that it is nearer to much than what
 * many play: what has few events is nobody's neighbour, though it has neighbours itself. docs/reference/neighbours.md has the measurements.
 */
import type { Positive, TaskContext } from '../../contracts.js';
import { importedModel } from '../../models/imported-model.js';
import type { RankedRow } from '../../numeric/top-k.js';
import type { Asked } from '../../options/option.js';
import type { similarQuery } from '../../options/queries.js';
import { complement, intersection, rowSetFromBits, type RowSet } from '../../search/row-set.js';
import { numPlayed, numRanked, type FoundKind } from '../../snapshot/kinds.js';
import type { OpenSnapshot } from '../../snapshot/open-snapshot.js';
import { openStoredIds } from '../../snapshot/users/stored-ids.js';
import { openIdFile } from '../../tables/id-file.js';

export type EventsOptions = Pick<Asked<typeof similarQuery.options>, 'minEvents'>;

/** What would stand in an answer, or above the last of it, and has too few events. */
export interface TooFewEvents {
  readonly minEvents: Positive;
  readonly leftOut: Positive;
}

type Counted = Pick<OpenSnapshot, 'manifest' | 'has' | 'file' | 'userParts'>;

/**
 * Of the rows of a kind that have vectors, or of the users, those that may be neighbours; undefined: all. So it is where none has
 * so many events, and of vectors of other programs: nobody counted what they were made of. Cost: 4 bytes read a row.
 */
export function rowsOfEnough(
  snapshot: Counted,
  kind: FoundKind | 'users',
  { minEvents }: EventsOptions,
): RowSet | undefined {
  const { model } = snapshot.manifest;
  if (minEvents === 0 || model.name === importedModel.name) return undefined;
  const events = eventsOf(snapshot, kind);
  const numOwn = kind === 'users' ? events.length : numPlayed(snapshot, kind.name);
  const bits = new Uint8Array(Math.ceil(events.length / 8));
  let most = 0;
  for (let row = 0; row < events.length; row++) {
    most = Math.max(most, events[row]!);
    // Vectors of added items are made of what others' columns say, which more than a few users played.
    if (events[row]! >= minEvents || row >= numOwn) bits[row >>> 3]! |= 1 << (row & 7);
  }
  const rows = rowSetFromBits(events.length, bits);
  return most >= minEvents && rows.count < events.length ? rows : undefined;
}

/** By row; none where a snapshot has no such table. */
export function eventsOf(snapshot: Counted, kind: FoundKind | 'users'): Uint32Array {
  if (kind !== 'users' && !snapshot.has(kind.table)) return new Uint32Array(0);
  const table = kind === 'users' ? openStoredIds(snapshot) : openIdFile(snapshot.file(kind.table));
  try {
    const events = table.readCounts();
    return kind === 'users' ? events : events.subarray(0, numRanked(snapshot, kind.name));
  } finally {
    table.close();
  }
}

/** The rows that are in both; undefined is all. */
export function bothOf(a: RowSet | undefined, b: RowSet | undefined): RowSet | undefined {
  return a === undefined || b === undefined ? (a ?? b) : intersection(a, b);
}

/** How many of the k nearest are not among these, for having too few events. @param best the k nearest among some rows */
export function countTooFew(
  found: readonly RankedRow[],
  k: number,
  enough: RowSet | undefined,
  best: (among: RowSet) => readonly RankedRow[],
): number {
  const few = enough === undefined ? [] : best(complement(enough));
  const nearest = [...found, ...few].sort((a, b) => b.score - a.score || a.row - b.row).slice(0, k);
  return nearest.filter((row) => few.includes(row)).length;
}

/** What an answer says of them, which is told too; undefined where there is none. */
export function toldOfFew(
  leftOut: number,
  who: string,
  { minEvents }: EventsOptions,
  { onProgress }: Pick<TaskContext, 'onProgress'>,
  remedy = '`minEvents` 0 keeps them',
): TooFewEvents | undefined {
  if (leftOut === 0) return undefined;
  const few = `fewer than ${minEvents} events`;
  onProgress({ kind: 'note', message: `left out for ${few}: ${leftOut} ${who}; ${remedy}` });
  return { minEvents, leftOut };
}
