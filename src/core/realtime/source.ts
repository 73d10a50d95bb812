/**
 * Where events come from: the one contract behind which files, pipes and message brokers stand. Whoever reads keeps the position
 * of what has taken effect with the effect, and asks for what follows it: a source keeps no progress of its own, and none of
 * a broker's is used.
 */

/** What stands at a position: a line that says an event, or what is wrong with it. */
export interface SourceEvent {
  /**
   * Ordered within the partition, > 0: a reader who has dealt with this event goes on from here. For text it is the byte after
   * the line, for a table the number of the row.
   */
  readonly offset: number;
  /** A JSON object (event-line.ts); of a line that is too long only its start. */
  readonly text: string;
  /** Whether its keys are the roles' own names: `columns` was obeyed where it was read. */
  readonly isPlain?: true;
  /** Why it can be no event, whatever it says: the end of a sentence that begins with "the line". */
  readonly problem?: string;
  /** Of the last event of a batch, where the partition is a file: by what that is found again. */
  readonly mark?: FileMark;
}

/** What a file held up to a byte: it is found by that again, whatever it is called then, and wherever it stands. */
export interface FileMark {
  readonly offset: number;
  /** Digest of its first `markBytes`, or of all that is before the offset. */
  readonly head: string;
  /** Digest of the last `markBytes` before the offset, or of all. */
  readonly tail: string;
  /** By the ends of lines within the first `markBytes`: a digest of what is before. A copy may end there. */
  readonly starts: Readonly<Record<string, string>>;
  /** How many bytes it was seen to have. */
  readonly size: number;
  /** ms since 1970 UTC. Files beside it that nobody knows, and that are older, are left as they are. */
  readonly notBeforeMs?: number;
}

export const markBytes = 4096;

/** Where reading goes on; what is of other sources does no harm. */
export interface SourceStart {
  /** By partition how far it was dealt with. */
  readonly known: ReadonlyMap<string, number>;
  /** By partition the last position that was stored. */
  readonly stored: ReadonlyMap<string, number>;
  readonly marks: ReadonlyMap<string, FileMark>;
}

export interface EventSource {
  /**
   * The partitions to read now, all of them at once; those that follow one another come in one answer after the other. The
   * same name is the same sequence of bytes or messages for ever. Empty where there is nothing yet: ask again; undefined where
   * nothing will come any more.
   */
  partitions(): Promise<readonly string[] | undefined>;
  /**
   * The events after a position of a partition (0: all), in batches, in order. Ends when no more will come: the file was
   * rotated away, the pipe was closed, or the source was opened to be read to its end. Who stops asking stops the reading.
   */
  read(partition: string, after: number): AsyncIterable<readonly SourceEvent[]>;
  /**
   * Adds an event with an id of its own, by which readers know it should it come twice. AppError 'bad-usage' for a source that
   * only gives.
   */
  publish(event: Readonly<Record<string, unknown>>, id: string): Promise<void>;
  /** What has not been read yet, as far as it is known: in bytes or messages. */
  waiting(): number | undefined;
  /** Ends what is being read. */
  close(): void;
}

/** A longer line is no event. */
export const maxLineBytes = 64 << 10;

/** What a source says besides: that a file is missing, or was cut. */
export type SourceWarning = (message: string) => void;
