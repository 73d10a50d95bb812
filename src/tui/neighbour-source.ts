import type { ItemRecord } from '../core/contracts.js';

/** An item of a snapshot and the row that stands for it there. */
export interface BrowserItem {
  readonly row: number;
  readonly item: ItemRecord;
}

export interface Neighbour extends BrowserItem {
  /** Cosine of the two vectors, −1 … 1. */
  readonly similarity: number;
}

/** What the browser reads from. Owned by whoever opened it: the browser does not close it. */
export interface NeighbourSource {
  /** The id of the snapshot. */
  readonly snapshot: string;
  search(text: string, limit: number): readonly BrowserItem[];
  neighbours(row: number, k: number): readonly Neighbour[];
  close(): void;
}
