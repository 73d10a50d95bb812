/**
 * Many rankings as a file: one that is written block by block, a block's bytes depending on that block alone, so that a
 * writer may stop after any of them and another go on, with the same bytes.
 */
import { runOptions } from '../options/catalogue/run-options.js';
import type { StringColumn } from '../contracts.js';

export const rankingFormats = runOptions.rankingFormat.choices;
export type RankingFormat = (typeof rankingFormats)[number];

/** What the rows of a table say: whom or what it is for, its place, what was found, and how good that is. */
export interface RankingColumns {
  readonly subject: 'user' | 'item';
  /** What was found: a neighbour, or the kind of entity that it is. */
  readonly found: 'item' | 'artist' | 'album' | 'neighbour';
  readonly score: 'score' | 'similarity';
}

/** The rankings of consecutive subjects: the shape of a RankedBatch (search/ranked-batch.ts). */
export interface PackedRankings {
  readonly numQueries: number;
  readonly k: number;
  /** [numQueries × k], of which the first counts[q] of each query count. */
  readonly rows: Uint32Array;
  readonly scores: Float32Array;
  readonly counts: Uint32Array;
}

export interface RankingBlock {
  /** The place of its first subject among all. */
  readonly from: number;
  /** [numQueries] their ids. */
  readonly subjects: StringColumn;
  readonly ranked: PackedRankings;
}

/** What a format wants to know of a block at the end: it is kept with what was written of the file. */
export type EncodedNote = Readonly<Record<string, number | readonly number[]>>;

export interface EncodedBlock {
  /** Memory that the next call may use again. */
  readonly chunks: readonly Uint8Array[];
  readonly note: EncodedNote;
}

export interface RankingEncoder {
  /** What stands before the first block. */
  begin(): { readonly chunks: Iterable<Uint8Array>; readonly note: EncodedNote };
  block(block: RankingBlock): EncodedBlock;
  /** What stands after the last block. @param written of `begin` and every block, in order */
  end(written: readonly { readonly bytes: number; readonly note: EncodedNote }[]): Iterable<Uint8Array>;
}

/** Ids that are read as they are needed: of subjects by their place, however many there are. */
export interface IdSource {
  readonly length: number;
  /** Of all of them together, in UTF-8. */
  readonly numBytes: number;
  read(from: number, to: number): StringColumn;
}

export interface TableOptions {
  readonly columns: RankingColumns;
  readonly subjects: IdSource;
  /** Ids of all rows that can be found. */
  readonly found: StringColumn;
  /** Of such a row, what people call it: for CSV, which people read. */
  readonly nameOf: (row: number) => string;
  /** Keys and values that the file carries. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** How many rows a block has. */
export function numRowsOf({ counts, numQueries }: PackedRankings): number {
  let rows = 0;
  for (let q = 0; q < numQueries; q++) rows += counts[q] ?? 0;
  return rows;
}

/** The key of the metadata by which a file is known as segue's. */
export const commandKey = 'segue.command';
