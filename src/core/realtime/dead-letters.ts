/**
 * What came in and is no event, in `dead-letters.jsonl`: a line each, durable before the positions that pass it over, with
 * where it stood, why, and the line itself. Each is there once, whatever was killed meanwhile.
 */
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';

import { orMachineError } from '../errors.js';
import { appendToJournal, cutJournal, parseJournalLine, readJournalFromEnd } from '../files/journal.js';
import { placeOf, type DeadLetter } from './step.js';

const deadLettersName = 'dead-letters.jsonl';

/** Places of the letters beyond what was stored. A last line that was cut short is cut off. AppErrors of the machine. */
export function readBuried(directory: string, stored: ReadonlyMap<string, number>): Set<string> {
  const path = join(directory, deadLettersName);
  return orMachineError(`read ${path}`, () => {
    // Lines are what users did: nobody else reads them.
    closeSync(openSync(path, 'a', 0o600));
    cutJournal(path);
    return readJournalFromEnd(path, (texts) => {
      const places = new Set<string>();
      for (const text of texts) {
        const { partition, offset } = (text === undefined ? undefined : parseJournalLine(text))?.fields ?? {};
        if (typeof partition !== 'string' || typeof offset !== 'number') continue;
        if (offset > (stored.get(partition) ?? 0)) places.add(placeOf(partition, offset));
      }
      return places;
    });
  });
}

/** Durable when it returns. AppErrors of the machine. */
export function bury(directory: string, letters: readonly DeadLetter[]): void {
  const path = join(directory, deadLettersName);
  orMachineError(`write ${path}`, () => {
    appendToJournal(path, letters);
  });
}
