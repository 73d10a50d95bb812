/** Every row's neighbours, block by block: the seam between the exact scan and the inverted file. */
import type { Workspace } from '../compute/workspace.js';
import { rankHeap, type RankedRow } from '../numeric/top-k.js';
import { emptyBatch, packRanking, type RankedBatch } from './ranked-batch.js';
import type { RowSet } from './row-set.js';

export interface RowNeighbours {
  readonly numRows: number;
  /** Rows that a block may have. Larger blocks are faster, up to this. */
  readonly mostRows: number;
  /**
   * The neighbours of the rows from … to − 1, to − from ≤ mostRows, each row itself left out: by cosine, what one query at a
   * time finds, to the bit. None of a row without direction. One block at a time; the batch is the caller's.
   */
  nearest(from: number, to: number): Promise<RankedBatch>;
  close(): Promise<void>;
}

export interface RowNeighboursOptions {
  readonly k: number;
  /** The only rows that may be found; undefined: all. */
  readonly among?: RowSet | undefined;
  readonly threads: number;
  readonly signal: AbortSignal;
}

/** Rows of a block where nothing else speaks for another number. */
export const rowsOfBlock = 65_536;

/** What a batch is filled into, query by query. */
export interface BatchWriter {
  readonly batch: RankedBatch;
  /** The ranking of a query, without `self`, cut to k. Returns how many that are. */
  write(query: number, ranked: readonly RankedRow[], self: number): number;
}

export function batchWriter(numQueries: number, k: number): BatchWriter {
  const batch = emptyBatch(numQueries, k);
  return {
    batch,
    write(query, ranked, self) {
      const others = ranked.filter(({ row }) => row !== self).slice(0, k);
      packRanking(batch, query, others);
      return others.length;
    },
  };
}

/** The ranking in a heap of k entries at `address`. */
export function rankingAt(workspace: Workspace, address: number, k: number): RankedRow[] {
  return rankHeap(workspace.f32(address, 2 * k), workspace.u32(address, 2 * k));
}
