/**
 * Whether a delimited file ends in a line that is too long to be a record. DuckDB leaves such a line out without a word where it
 * is longer than its buffer of 32 MB; elsewhere in the file it is an error of DuckDB's, as are quotes that do not close.
 */
import { open } from 'node:fs/promises';
import { machineError } from '../../errors.js';
import { maxRecordBytes } from './delimited-records.js';
import type { InputFile } from './input-file.js';

const blockBytes = 1 << 16;

/** Looks back from the end of the file for the last line end before the last line, over `maxRecordBytes` at most. */
export async function endsInLongLine({ path, bytes, name }: InputFile): Promise<boolean> {
  if (bytes <= maxRecordBytes) return false;
  const block = Buffer.alloc(blockBytes);
  let lineBytes = 0;
  try {
    const file = await open(path, 'r');
    try {
      for (let end = bytes; end > 0 && lineBytes <= maxRecordBytes; end -= blockBytes) {
        const from = Math.max(0, end - blockBytes);
        const { bytesRead } = await file.read(block, 0, end - from, from);
        for (let at = bytesRead - 1; at >= 0; at--) {
          const endsLine = block[at] === 10 || block[at] === 13;
          // Line ends at the very end belong to the last line.
          if (endsLine && lineBytes > 0) return lineBytes > maxRecordBytes;
          if (!endsLine) lineBytes += 1;
        }
      }
      return lineBytes > maxRecordBytes;
    } finally {
      await file.close();
    }
  } catch (error) {
    throw machineError(error, `read ${name}`);
  }
}
