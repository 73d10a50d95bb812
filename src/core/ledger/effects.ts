/**
 * What the protocol wants done, and what it hears of it. The protocol itself (`catch-up.ts`, `append.ts`) is pure: `step`
 * takes a state and an event, and returns the next state and the effects that are wanted. `perform.ts` does them.
 *
 * States are handed over: what was given to `step` is not used again, so that it may go on with the same maps.
 */
import type { Entry } from './entry.js';
import type { Known } from './known.js';
import type { LockKind } from './layout.js';
import type { LiveTable } from './live-file.js';
import type { TableHead } from './table-format.js';

export type Effect =
  /** Answers `held`: at once, or where it `waits` as soon as others gave the lock back, for a bounded time. */
  | { readonly do: 'lock'; readonly lock: LockKind; readonly waits: boolean }
  | { readonly do: 'unlock'; readonly lock: LockKind }
  /** Answers `looked`: whether anything changed. */
  | { readonly do: 'look'; readonly journal: string | undefined }
  /** Answers `live`. */
  | { readonly do: 'read-live' }
  /** Answers `tables`. Others are closed. */
  | { readonly do: 'open-tables'; readonly tables: readonly LiveTable[] }
  /** Answers `journal`: its bytes from `from` to `to`, or to its end. */
  | { readonly do: 'read-journal'; readonly name: string; readonly from: number; readonly to: number | null }
  /** Answers `users`: their entries in the tables; with `marks` the marks by which they are forgotten, too. */
  | { readonly do: 'find'; readonly users: readonly string[]; readonly marks: boolean }
  /** Answers `names`. */
  | { readonly do: 'list' }
  /** An empty file, in the place of whatever has the name; durable, but for its name. */
  | { readonly do: 'create'; readonly file: string }
  /** Gives the directory the permissions of the one that it is in, and its files those of the directory. */
  | { readonly do: 'share' }
  /** Writes into `acknowledged` up to which seq lines are durable. */
  | { readonly do: 'acknowledge'; readonly ledger: string; readonly seq: number }
  /** Overwrites from `at` on. */
  | { readonly do: 'write'; readonly file: string; readonly at: number; readonly bytes: Buffer }
  | { readonly do: 'cut'; readonly file: string; readonly bytes: number }
  | { readonly do: 'sync'; readonly file: string }
  /** Makes the names durable. */
  | { readonly do: 'sync-names' }
  | { readonly do: 'rename'; readonly from: string; readonly to: string }
  | { readonly do: 'remove'; readonly file: string }
  /** Answers `built`: writes a table of tables and journals, durable but for its name. Takes long. */
  | { readonly do: 'build-table'; readonly generation: number; readonly sources: Known };

/** Of what is not there undefined. */
export interface LiveAnswer extends Pick<Known, 'key'> {
  readonly of: 'live';
  readonly text: string;
  readonly stamp: string;
  /** What that file held before live.json was read. */
  readonly acknowledged: Buffer | undefined;
}

export type Answer =
  | { readonly of: 'done' }
  | { readonly of: 'lock'; readonly held: boolean }
  | { readonly of: 'looked'; readonly stamp: string | undefined; readonly journalBytes: number | undefined }
  | LiveAnswer
  | { readonly of: 'tables'; readonly heads: readonly TableHead[] }
  | { readonly of: 'journal'; readonly bytes: Buffer }
  /** The size of every file, by its name. */
  | { readonly of: 'names'; readonly bytes: ReadonlyMap<string, number> }
  | { readonly of: 'built'; readonly table: LiveTable }
  /** A file that was to be read is not there. */
  | { readonly of: 'missing' }
  | {
      readonly of: 'users';
      readonly entries: ReadonlyMap<string, readonly Entry[]>;
      readonly marks: ReadonlyMap<string, string>;
    };

/** What `step` is called with: at first 'begin', then how its effects went. Of several the last one's answer. */
export type LedgerEvent =
  | { readonly kind: 'begin' }
  | { readonly kind: 'answer'; readonly answer: Answer }
  /** One of the effects failed, and those after it were not done. */
  | { readonly kind: 'failed'; readonly error: unknown };

export interface Next<S> {
  readonly state: S;
  /** To be done in order. None: it is over. */
  readonly effects: readonly Effect[];
}
