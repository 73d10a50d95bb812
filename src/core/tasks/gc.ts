/** `segue gc`: gives back the room of snapshots that nothing keeps, and of leftovers of dead processes. */
import type { Count, SnapshotId, Some, TaskContext } from '../contracts.js';
import { refusedOption } from '../errors.js';
import { parseDuration } from '../numeric/duration.js';
import type { DiskUse } from '../snapshot/disk-use.js';
import { collectSnapshots, type Collection } from '../retention/collect.js';
import { secondsSince } from './seconds.js';
import type { AskedOf } from '../options/asked-of.js';

export type GcOptions = AskedOf<'gc'>;

/** @pattern ^(current|previous|latest|tag:.+|bundle:[0-9a-f]{16}|leased|denied|youngest|young|newer-format|not-a-snapshot|unreadable|spare|damaged)$ */
export type WhyKept = string;

/** Ages are whole seconds. */
export interface GcResult extends Pick<
  Collection,
  'freedBytes' | 'keptBytes' | 'trash' | 'stamps' | 'foreign'
> {
  readonly dryRun: boolean;
  readonly keep: Count;
  readonly olderThan: string | null;
  /** All there were, the most recently made first. */
  readonly snapshots: readonly GcSnapshot[];
  /** Unfinished snapshots and other names of processes that died: paths below the root. */
  readonly leftovers: readonly string[];
  readonly checkpoints: readonly {
    readonly training: SnapshotId;
    readonly age: Count;
    readonly bytes: Count;
  }[];
  readonly seconds: number;
}

export interface GcSnapshot {
  readonly snapshot: SnapshotId;
  readonly collected: boolean;
  /**
   * Why it stays: current, previous, latest, tag:NAME, bundle:ID (a member of one that stays), leased, denied (another user's), youngest (one of --keep), young (not older
   * than --older-than), newer-format, not-a-snapshot, unreadable. Why it goes: spare. damaged beside either.
   */
  readonly why: Some<WhyKept>;
  /** Since it was made or was last current. */
  readonly age: Count;
  readonly bytes: DiskUse;
}

/** Checkpoints are worth training time: without --older-than they stay for so long. */
export const defaultCheckpointAge = '7d';

/** Throws what collectSnapshots throws, and bad-usage for an age that is none. */
export async function gc(options: GcOptions, context: TaskContext): Promise<GcResult> {
  const startMs = performance.now();
  const { root, keep, olderThan, dryRun, at = new Date() } = options;
  if (!(Number.isSafeInteger(keep) && keep >= 0)) {
    throw refusedOption('keep', keep, 'a whole number of at least 0');
  }
  const olderThanMs = olderThan === undefined ? undefined : parseAge(olderThan);
  const { snapshots, leftovers, checkpoints, ...rest } = await collectSnapshots(
    root,
    {
      ...{ keep, olderThanMs, dryRun, nowMs: at.getTime() },
      checkpointsOlderThanMs: olderThanMs ?? parseAge(defaultCheckpointAge),
    },
    context,
  );
  return {
    ...{ dryRun, keep, olderThan: olderThan ?? null },
    snapshots: snapshots.map(({ id, collected, why, ageMs, use }) => ({
      ...{ snapshot: id, collected, why, age: wholeSeconds(ageMs), bytes: use },
    })),
    ...rest,
    checkpoints: checkpoints.map(({ ageMs, ...one }) => ({ ...one, age: wholeSeconds(ageMs) })),
    leftovers: leftovers.paths,
    seconds: secondsSince(startMs),
  };
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000);
}

function parseAge(text: string): number {
  // 0s is any age.
  const ms = parseDuration(text, true);
  if (ms !== undefined) return ms;
  throw refusedOption('olderThan', text.slice(0, 80), 'an age such as 12h, 30d or 4w', {
    details: { flag: 'older-than', value: text },
  });
}
