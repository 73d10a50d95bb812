/** What a follower notes in its directory: a file of one line with a checksum, replaced as a whole. */
import { closeSync, readFileSync } from 'node:fs';

import { errnoOf, machineError } from '../errors.js';
import { replaceFile } from '../files/durable-write.js';
import { journalLine, parseJournalLine } from '../files/journal.js';
import { openRegularFile } from '../files/safe-open.js';

/** @param isDurable else it may be lost in a power cut. AppErrors of the machine. */
export function writeNote(path: string, fields: object, isDurable = false): void {
  replaceFile(path, journalLine(fields), isDurable);
}

/** undefined where there is none, or it is not whole. AppErrors of the machine, and for what is no regular file. */
export function readNote(path: string): Readonly<Record<string, unknown>> | undefined {
  let text: string;
  try {
    const fd = openRegularFile(path);
    try {
      text = readFileSync(fd, 'utf8');
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw machineError(error, `read ${path}`);
  }
  const line = parseJournalLine(text.trimEnd());
  return line?.hasSum === true ? line.fields : undefined;
}
