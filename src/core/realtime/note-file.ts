/** What a follower notes in its directory: a file of one line with a checksum, replaced as a whole. */
import { readFileSync } from 'node:fs';

import { errnoOf, machineError } from '../errors.js';
import { replaceFile } from '../files/durable-write.js';
import { journalLine, parseJournalLine } from '../files/journal.js';

/** AppErrors of the machine. */
export function writeNote(path: string, fields: object): void {
  replaceFile(path, journalLine(fields));
}

/** undefined where there is none, or it is not whole. AppErrors of the machine. */
export function readNote(path: string): Readonly<Record<string, unknown>> | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw machineError(error, `read ${path}`);
  }
  const line = parseJournalLine(text.trimEnd());
  return line?.hasSum === true ? line.fields : undefined;
}
