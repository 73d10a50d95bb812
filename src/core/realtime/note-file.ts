/** What a follower notes in its directory: a file of one line with a checksum, replaced as a whole. */
import { closeSync, readFileSync } from 'node:fs';
import { orMachineError } from '../errors.js';
import { replaceFile } from '../files/durable-write.js';
import { journalLine, parseJournalLine } from '../files/journal.js';
import { openIfThere } from '../files/safe-open.js';

/** @param isDurable else it may be lost in a power cut. AppErrors of the machine. */
export function writeNote(path: string, fields: object, isDurable = false): void {
  replaceFile(path, journalLine(fields), isDurable);
}

/** undefined where there is none, or it is not whole. AppErrors of the machine, and for what is no regular file. */
export function readNote(path: string): Readonly<Record<string, unknown>> | undefined {
  return orMachineError(`read ${path}`, () => {
    const fd = openIfThere(path);
    if (fd === undefined) return undefined;
    try {
      const line = parseJournalLine(readFileSync(fd, 'utf8').trimEnd());
      return line?.hasSum === true ? line.fields : undefined;
    } finally {
      closeSync(fd);
    }
  });
}
