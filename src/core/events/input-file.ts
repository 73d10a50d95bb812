/** A file that is read: where its bytes are, and how it begins. */
import type { Progress } from '../contracts.js';

export interface InputFile {
  /** As the user named it; 'standard input' for `-`. */
  readonly name: string;
  /** What is read: a link to the file, or a spooled copy. */
  readonly path: string;
  readonly gzip: boolean;
  /** Whether `path` holds the pairs of a file that had a user and then their items a line (adjacency-file.ts). */
  readonly adjacency?: boolean;
  /** What the file was written in, where `path` holds a copy of it in UTF-8. */
  readonly encoding?: string;
  /** Size of what is read, unpacked. */
  readonly bytes: number;
  /** The first bytes of what is read, unpacked; all of it where it is shorter. */
  readonly head: Buffer;
  /** Throws AppError 'bad-input-file' if the file was changed since it was opened. */
  checkUnchanged(): Promise<void>;
}

export interface ReadingContext {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}
