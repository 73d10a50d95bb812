/** What the driver's side asks of the workers on executors, and what they answer: the contract of both. */
import { AppError, isErrorCode } from '../errors.js';
import type { KnownItems } from '../events/elsewhere/add-up-events.js';
import type { Splitting } from '../events/elsewhere/event-splitter.js';
import type { FoundKind } from '../snapshot/kinds.js';
import type { SingleFile } from '../snapshot/layout.js';
import type { Manifest } from '../snapshot/manifest.js';
import type { Head } from './frames.js';

/** A file that Spark brings to every executor. */
export interface SharedFile {
  readonly name: SingleFile;
  /** What it is called there. */
  readonly shared: string;
  readonly sha256: string;
}

/** What of a snapshot a job reads. */
export interface SharedSnapshot {
  readonly id: string;
  readonly manifest: Pick<Manifest, 'model' | 'inputs' | 'index'>;
  readonly files: readonly SharedFile[];
}

/**
 * Histories to vectors. Asked: `rowBlobs` of what the model's fold makes of histories. Answered: how many did not converge, and
 * the vectors, f32 [users × dim].
 */
export interface FoldUsers {
  readonly job: 'fold-users';
  readonly snapshot: SharedSnapshot;
}

/**
 * Rows of events to parts, by a task: it asks with offsets and UTF-8 of each column, batch by batch, and at last with `isLast` and
 * nothing. Answered: `Split`.
 */
export interface SplitEvents extends Splitting {
  readonly job: 'split-events';
}

/** A part of items to their rows' order, as `countItems`. The head of the answer is `ItemNotes`. */
export interface CountItems {
  readonly job: 'count-items';
  /** How many are read. */
  readonly sources: number;
}

/** A part of events to users and pairs, as `addUpEvents`. The items are kept under their name. */
export interface AddUpEvents {
  readonly job: 'add-up-events';
  readonly items: string;
}

/** What tasks of an executor do at the same time, each in a thread of its own. */
export type EventJob = SplitEvents | CountItems | AddUpEvents;

/** The head of what is asked of one. */
export interface AskedOfEvents extends Head {
  readonly job: EventJob;
  /** Of the task that asks; with split-events. */
  readonly task: number;
  readonly isLast?: boolean;
  /** What is `missing`, or `keep` what comes with it under `name`. */
  readonly op?: 'missing' | 'keep';
  readonly name?: string;
}

/** As it comes to a thread. */
export interface EventMessage {
  readonly head: AskedOfEvents;
  readonly blobs: readonly Uint8Array[];
  readonly items: KnownItems | undefined;
}

/** An array that belongs to no snapshot. */
export interface SharedArray {
  readonly shared: string;
  readonly sha256: string;
}

/**
 * Blocks of users' vectors to the best rows. Asked: the vectors, f32 [users × padded dim]; u32 [users + 1] and the rows that
 * each is not to get. Answered: `rankingBlobs`.
 */
export interface SearchBlocks {
  readonly job: 'search-blocks';
  readonly snapshot: SharedSnapshot;
  readonly vectors: SingleFile;
  readonly k: number;
  /** The bits of a RowSet. */
  readonly among: SharedArray | undefined;
  /** u32 [rows] the groups of a Cap. */
  readonly cap: { readonly most: number; readonly groups: SharedArray } | undefined;
}

/** Rows from … to − 1 to their neighbours. Asked: `from` and `to` in the head. Answered: `rankingBlobs`. */
export interface RankNeighbours {
  readonly job: 'rank-neighbours';
  readonly snapshot: SharedSnapshot;
  readonly kind: FoundKind;
  readonly k: number;
  readonly exact: boolean;
  readonly among: (SharedArray & { readonly numRows: number }) | undefined;
}

/**
 * Ranges of a kernel over sparse rows. Asked: `AskedRanges`; the vector or the rows of each argument that is not made; and the
 * sparse rows, where they have no name. Answered: the rows of each argument that is changed or made, and what the kernel returned
 * for each range, f64.
 */
export interface RunRanges {
  readonly job: 'run-ranges';
  /** Of the pool that has them run on one machine: the fixed side fits into it. */
  readonly workspaceBytes: number;
  /** A thread's, with the rows of a range. */
  readonly scratchBytes: number;
}

/** A number, or where what travels or is kept is put: the fixed side, [dim] numbers, or rows. */
export type RangeArgument =
  number | 'fixed' | 'vector' | { readonly rowBytes: number; readonly access: 'read' | 'change' | 'make' };

/** The head of what is asked. With `op`: which of the named are `missing`, or `keep` what comes with it under `name`. */
export interface AskedRanges {
  readonly kernel: string;
  /** Padded. */
  readonly dim: number;
  /** Of the ranges, the first row being 0. */
  readonly bounds: readonly number[];
  /** The sparse rows' name; null where they come along. */
  readonly rows: string | null;
  /** Of sparse rows that are kept, at most: those that were not asked for longest go. */
  readonly mostPairBytes: number;
  /** The fixed side: its first row here, and the names of its pieces of so many rows each. Names are what sha256 makes of it. */
  readonly first: number;
  readonly pieceRows: number;
  readonly names: readonly string[];
  /** By place, after those of the sparse rows. */
  readonly args: readonly RangeArgument[];
}

/** What a worker opens once, and is then asked about chunk by chunk. */
export type WorkerJob = FoldUsers | RunRanges | SearchBlocks | RankNeighbours;

/** An answer's head, where it is none. */
interface Failed {
  readonly code: string;
  readonly message: string;
  readonly suggestions: readonly string[];
}

/** An AppError as it travels. */
export function failedHead({ code, message, suggestions }: AppError): { readonly error: Failed } {
  return { error: { code, message, suggestions } };
}

/** The AppError that a head brings; undefined where it brings an answer. */
export function errorIn({ error }: Head): AppError | undefined {
  if (error === undefined) return undefined;
  const { code, message, suggestions } = error as Failed;
  // Of another version there may be other codes.
  const known = isErrorCode(code) ? code : 'engine-failed';
  return new AppError(known, message, { suggestions });
}
