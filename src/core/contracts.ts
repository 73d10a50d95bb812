/**
 * The types that modules of the core hand to each other. Types only: nothing here exists at run time.
 *
 * Words: `id` is the user's string, `row` our dense number; `u` user row, `i` item row, `f` factor, `p` position in CSR.
 */
import type { PairArrays, PlaySequences } from './numeric/pairs.js';

export type { PlaySequences as Sequences };

/** Byte offsets: i32 as Arrow's Utf8 has them, f64 where the last one is past 2^31 − 1. */
export type Offsets = Int32Array | Float64Array;

/** Strings by row, packed as Arrow's Utf8 layout: UTF-8 bytes end to end and numRows + 1 offsets. */
export interface StringColumn {
  readonly length: number;
  /** The string of a row, 0 ≤ row < length. */
  at(row: number): string;
  /** UTF-8 of all rows, end to end. */
  readonly bytes: Uint8Array;
  /** [length + 1] ascending, starting at 0. */
  readonly offsets: Offsets;
}

/**
 * What was listened to: distinct (user, item) pairs in CSR order. The same whatever the order of rows and files and
 * the number of threads: users and items are numbered by (events descending, id bytes ascending), a user's pairs
 * stand by item row ascending, sums are exact.
 */
export interface Interactions {
  /** [numUsers] ids by user row. */
  readonly users: StringColumn;
  /** [numItems] ids by item row. */
  readonly items: StringColumn;
  readonly pairs: Pairs;
  /** Number of events that went in (bad and filtered ones left out). */
  readonly numEvents: number;
  /** Times of the first and last event, ms since 1970 UTC; null where no event had a time. */
  readonly firstAt: bigint | null;
  readonly lastAt: bigint | null;
  /** What was played in order, where order was asked for. */
  readonly sequences?: PlaySequences | undefined;
  /** Lower-case hex sha256 over ids and pairs, and over the sequences where there are any (see docs/reference/formats.md). */
  readonly sha256: string;
}

/** Pairs of users × items in compressed sparse rows. All arrays are owned by whoever made them and not written after. */
export interface Pairs extends PairArrays {
  /**
   * Of a single user: the vector that was imported for them, which then is theirs, whatever their history; nothing is folded in.
   */
  readonly vector?: Float32Array | undefined;
}

/** What `--items` gave: one row an item of the catalogue, in the file's order of ids by bytes. */
export interface ItemTable {
  readonly ids: StringColumn;
  /** Every other column by its name (`name`, `artist`, `album`, `released`, `kind` …), in the file's order. */
  readonly columns: readonly ItemColumn[];
  /** Lower-case hex sha256 of the table's canonical content. */
  readonly sha256: string;
  /** What the column of names is called in the file that was read. */
  readonly nameColumn?: string | undefined;
}

/** A metadata column: whole numbers where every filled cell is one, else text, of dates ISO 8601. null is an empty cell. */
export type ItemColumn =
  | { readonly name: string; readonly type: 'int'; readonly values: readonly (number | null)[] }
  | { readonly name: string; readonly type: 'text'; readonly values: readonly (string | null)[] };

/** A column by its different cells: what is made of a cell is made once of each. */
export interface CodedColumn {
  readonly name: string;
  /** [rows] the number of each row's cell, those of the first rows first; −1 where it is empty or blank. */
  readonly codes: Int32Array;
  readonly cells: readonly (string | number)[];
}

/** An item as every answer shows it: id, name, and the metadata that --items gave. */
export interface ItemRecord {
  readonly id: Text;
  readonly name: Text;
  readonly [metadata: string]: string | number;
}

// What TypeScript cannot say of numbers and texts in results: scripts/make-schemas.mjs reads the tags of these.

/** @pattern ^[0-9a-f]{16}$ */
export type SnapshotId = string;
/** @pattern ^[0-9a-f]{16}$ */
export type LedgerId = string;
/** @pattern ^[0-9a-f]{64}$ */
export type Sha256 = string;
/** @pattern ^[a-z][a-z0-9._-]*$ */
export type MemberName = string;
/** @pattern ^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$ */
export type Moment = string;
/** @minLength 1 */
export type Text = string;
/**
 * @asType integer
 * @minimum 0
 */
export type Count = number;
/**
 * @asType integer
 * @minimum 1
 */
export type Positive = number;
/** A place, counted from 1. */
export type Rank = Positive;
/** What stands in a list that is a ranking. */
export interface WithRank {
  readonly rank: Rank;
}
/** @minimum 0 */
export type NonNegative = number;
export type Seconds = NonNegative;
/**
 * @minimum 0
 * @maximum 1
 */
export type Share = number;
/**
 * With what rounding adds.
 * @minimum -1.000001
 * @maximum 1.000001
 */
export type Cosine = number;
/** @minItems 1 */
export type Some<T> = readonly T[];

/** What a task may report while it works. */
export type Progress =
  | {
      readonly kind: 'step';
      /** What is being done, such as 'reading plays.csv' or 'solving users'. */
      readonly phase: string;
      readonly done: number;
      /** undefined where the end is not known. */
      readonly total: number | undefined;
      /** What is counted: 'rows', 'epochs', 'lists', 'bytes'. */
      readonly unit: string;
      /** A few words for the end of the line, such as 'loss 0.1234'. */
      readonly note?: string;
      /** Where it is known better than by dividing: seconds until `total` is reached. */
      readonly secondsLeft?: number;
    }
  | {
      readonly kind: 'note' | 'warning';
      readonly message: string;
      /** What can be done about it, a command or sentence each. */
      readonly suggestions?: readonly string[];
    };

/** The only side channels of a task. */
export interface TaskContext {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  /** When the task was asked for. Only warnings go by it, never a result; without it those are left out. */
  readonly now?: Date | undefined;
}

/**
 * What a score is: the cosine of two vectors, or their inner product as it is. Cosines are inner products of unit
 * vectors, made by the same kernel wherever they are made, so that every search gives the same bits.
 */
export type Measure = 'cosine' | 'inner-product';

/** Arrays that models keep, by their names in a snapshot's layout. */
export type ModelFile =
  | ('itemVectors' | 'inputVectors' | 'eigenvalues' | 'rotation' | 'itemWeights' | 'scores')
  | ('similarity' | 'similarityIndptr' | 'similarityIdx' | 'similarityWeight');

/** Vectors of items in memory: item i's is values[stride · i] … values[stride · i + dim − 1]. */
export interface ItemVectors {
  readonly values: Float32Array;
  readonly stride: number;
  readonly dim: number;
}

/** An epoch of a model that is trained in epochs. */
export interface EpochReport {
  /** 1 … epochs. */
  readonly epoch: Rank;
  /** What is minimised, as the model's documentation says. */
  readonly loss: number;
  readonly seconds: number;
  /** What was measured after it on pairs that were held out, where that was asked for. */
  readonly metrics?: Readonly<Record<string, number>>;
}

/** A place in a ranking: score descending, then row ascending. */
export interface RankedItem {
  readonly row: number;
  readonly score: number;
}

/** A model that can be asked what many users will like: fresh from training, or opened from a snapshot. */
export interface Ranker {
  readonly numItems: number;
  /**
   * The best k items for each history, its own items left out, user by user in order; fewer where fewer are left. A
   * history is folded in, whoever it belongs to. Memory does not grow with the number of users. k ≤ `maxRanked`.
   */
  rank(
    histories: Pairs,
    k: number,
    each: (user: number, items: readonly RankedItem[]) => void,
  ): Promise<void>;
  /**
   * Every item's score of each history, in the order of rows, user by user in order: the bits that `rank` ranks by. The
   * next call of `each` overwrites `scores`.
   */
  score(histories: Pairs, each: (user: number, scores: Float32Array) => void): Promise<void>;
}

/** One that holds memory and threads, or is a model that has just been trained. */
export interface OpenRanker extends Ranker {
  close(): Promise<void>;
}
