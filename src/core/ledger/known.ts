/** What a process knows of the ledger, and what follows from it. */
import type { Tombstone } from './entry-line.js';
import type { JournalPart } from './journal-part.js';
import type { Live } from './live-file.js';
import type { TableHead } from './table-format.js';

export interface Known {
  /** undefined where there is none yet. */
  readonly live: Live | undefined;
  /** Tells the live.json that was read from any other. */
  readonly stamp: string | undefined;
  /** `stamp` of the last one that this process knows to be durable under its name. */
  readonly durableStamp: string | undefined;
  /** sha256 of the key that was read with it; undefined where there is none. */
  readonly key: string | undefined;
  /** Whether the file `acknowledged` was there, and live.json names the key. */
  readonly hasAcknowledged: boolean;
  /** Of `live.tables`, in order. */
  readonly tables: readonly TableHead[];
  /** Of `live.journals`, in order. */
  readonly parts: readonly JournalPart[];
  /** seq of the last line that is known to have been acknowledged: it is there, whatever is read; 0 for none. */
  readonly acknowledged: number;
}

export const nothingKnown: Known = {
  ...{ live: undefined, stamp: undefined, durableStamp: undefined, key: undefined, hasAcknowledged: false },
  ...{ tables: [], parts: [], acknowledged: 0 },
};

/** To read everything anew, after an error. What there has to be stays known: it is no empty one when its files are gone. */
export function nothingButLive({ live, acknowledged }: Known): Known {
  return { ...nothingKnown, live, acknowledged };
}

/** seq of the last line; 0 where there is none. */
export function watermarkOf({ tables, parts }: Known): number {
  return parts.at(-1)?.seq ?? tables.at(-1)?.watermark ?? 0;
}

/** The highest offset of each partition. */
export function positionsOf({ tables, parts }: Known): Map<string, number> {
  const positions = new Map<string, number>();
  for (const each of [...tables, ...parts]) {
    for (const [partition, offset] of each.positions)
      positions.set(partition, Math.max(offset, positions.get(partition) ?? offset));
  }
  return positions;
}

/** Every tombstone, in the order of the journal. */
export function tombstonesOf({ tables, parts }: Known): Tombstone[] {
  return [...tables, ...parts].flatMap(({ tombstones }) => tombstones);
}

export function hasTombstones({ tables, parts }: Known): boolean {
  return (
    tables.some(({ tombstones }) => tombstones.length > 0) ||
    parts.some(({ tombstones }) => tombstones.length > 0)
  );
}

/** By mark, up to when what a user did is left out. */
export function forgottenOf(known: Known): Map<string, number> {
  const latest = new Map<string, number>();
  for (const { forget, atMs } of tombstonesOf(known))
    latest.set(forget, Math.max(atMs, latest.get(forget) ?? atMs));
  return latest;
}
