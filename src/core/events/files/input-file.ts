/** A file that is read: where its bytes are, and how it begins. */
import { open } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Progress } from '../../contracts.js';
import { unreadable } from '../../files/text-lines.js';

/** What is read as it stands. */
export type RowFormat = 'csv' | 'tsv' | 'jsonl' | 'parquet';
/** JSON that is not one object a line, and databases of DuckDB's, are read through a view. */
export type FileFormat = RowFormat | 'json' | 'duckdb';

export interface InputFile {
  /** As the user named it; 'standard input' for `-`. */
  readonly name: string;
  /** What is read, a link to the file or a spooled copy: `input-` and its index begin its name, by which event-sql.ts knows it. */
  readonly path: string;
  readonly gzip: boolean;
  /** By the `key=value` folders of its path: columns that are the same in all rows, whose names and cells are decoded. */
  readonly partitions?: Readonly<Record<string, string>>;
  /** Whether `path` holds the pairs of a file that had a user and then their items a line (adjacency-file.ts). */
  readonly adjacency?: boolean;
  /** The form of the file, where `path` holds a view or a copy of its rows in another one (relation/). */
  readonly from?: FileFormat | 'arrow' | 'sql';
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

const headBytes = 1 << 20;

/** The end of a file's name, such as `.csv`, but for what it is packed by; in lower case. */
export function endingOf(name: string): string {
  return extname(name.replace(/\.(?:gz|zst|zstd)$/i, '')).toLowerCase();
}

/** The first MiB, or all where it is less. AppError 'bad-input-file', which calls the file `name`. */
export async function readHead(name: string, path: string): Promise<Buffer> {
  try {
    const file = await open(path, 'r');
    try {
      // Thousands of small files should not hold a MiB each.
      const head = Buffer.allocUnsafeSlow(Math.min((await file.stat()).size, headBytes));
      let length = 0;
      for (;;) {
        const { bytesRead } = await file.read(head, length, head.length - length, length);
        length += bytesRead;
        if (bytesRead === 0 || length === head.length) return head.subarray(0, length);
      }
    } finally {
      await file.close();
    }
  } catch (error) {
    throw unreadable(name, name, error);
  }
}
