/** A compacted table: all entries up to a seq, by user. */
import type { Tombstone } from './entry-line.js';

/** What a table says of itself. */
export interface TableHead {
  readonly name: string;
  /** seq of the last line that went in. */
  readonly watermark: number;
  /** Highest offset of each partition. */
  readonly positions: ReadonlyMap<string, number>;
  readonly tombstones: readonly Tombstone[];
}
