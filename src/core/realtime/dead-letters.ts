/**
 * What came in and is no event, in `dead-letters.jsonl`: a line each, durable before the positions that pass it over, with
 * where it stood, why, and the line itself. Each is there once, whatever was killed meanwhile. Of a user who was forgotten
 * only the place is left.
 */
import { closeSync, existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { orMachineError } from '../errors.js';
import { fsyncDirectory, writeDurableFile } from '../files/durable-write.js';
import {
  appendToJournal,
  cutJournal,
  journalLine,
  parseJournalLine,
  readJournalFromEnd,
} from '../files/journal.js';
import { readFully } from '../files/read-fully.js';
import { openIfThere } from '../files/safe-open.js';
import { placeOf, type DeadLetter } from './step.js';

const deadLettersName = 'dead-letters.jsonl';
const blockBytes = 1 << 20;
const lineFeed = 10;

/** Places of the letters beyond what was done. A last line that was cut short is cut off. AppErrors of the machine. */
export function readBuried(directory: string, done: ReadonlyMap<string, number>): Set<string> {
  const path = join(directory, deadLettersName);
  return orMachineError(`read ${path}`, () => {
    // Lines are what users did: nobody else reads them.
    if (!existsSync(path)) writeFileSync(path, '', { flag: 'wx', mode: 0o600 });
    cutJournal(path);
    return readJournalFromEnd(path, (texts) => {
      const places = new Set<string>();
      for (const text of texts) {
        const { partition, offset } = (text === undefined ? undefined : parseJournalLine(text))?.fields ?? {};
        if (typeof partition !== 'string' || typeof offset !== 'number') continue;
        if (offset > (done.get(partition) ?? 0)) places.add(placeOf(partition, offset));
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

/** Of a letter what says nothing of its user. */
export function emptied({ partition, offset }: Pick<DeadLetter, 'partition' | 'offset'>): DeadLetter {
  return { partition, offset, reason: 'is of a user who was forgotten', line: '' };
}

/** What the letters hold. AppErrors of the machine. */
export function* linesOfLetters(directory: string): Generator<string> {
  for (const { line } of readLetters(join(directory, deadLettersName))) if (line !== '') yield line;
}

/**
 * Empties the letters of which `isOver` says so; durable when it returns how many those were. The caller owns the directory. AppErrors
 * of the machine.
 */
export function emptyLetters(directory: string, isOver: (line: string) => boolean): number {
  const path = join(directory, deadLettersName);
  orMachineError(`read ${path}`, () => cutJournal(path));
  let count = 0;
  for (const { line } of readLetters(path)) if (line !== '' && isOver(line)) count++;
  if (count === 0) return 0;
  const unfinished = `${path}.new`;
  orMachineError(`write ${unfinished}`, () => rmSync(unfinished, { force: true }));
  const chunks = function* (): Generator<Buffer> {
    for (const { bytes, line, letter } of readLetters(path)) {
      if (line === '' || !isOver(line)) yield bytes;
      // One that is damaged has no place.
      else if (letter !== undefined) yield Buffer.from(journalLine(emptied(letter)));
    }
  };
  writeDurableFile(unfinished, chunks(), undefined, 0o600);
  orMachineError(`write ${path}`, () => {
    renameSync(unfinished, path);
    fsyncDirectory(directory);
  });
  return count;
}

interface ReadLetter {
  /** With the line feed. */
  readonly bytes: Buffer;
  /** What the letter holds; of one that is damaged all of it. */
  readonly line: string;
  readonly letter: Pick<DeadLetter, 'partition' | 'offset'> | undefined;
}

function* readLetters(path: string): Generator<ReadLetter> {
  for (const bytes of wholeLines(path)) {
    const text = bytes.toString('utf8', 0, bytes.length - 1);
    const { partition, offset, line } = parseJournalLine(text)?.fields ?? {};
    if (typeof partition === 'string' && typeof offset === 'number' && typeof line === 'string')
      yield { bytes, line, letter: { partition, offset } };
    else yield { bytes, line: text, letter: undefined };
  }
}

/** None where there is no file. Memory: a block, and a line. */
function* wholeLines(path: string): Generator<Buffer> {
  const fd = orMachineError(`read ${path}`, () => openIfThere(path));
  if (fd === undefined) return;
  try {
    let rest = Buffer.alloc(0);
    for (let at = 0; ;) {
      const block = Buffer.allocUnsafe(blockBytes);
      const got = orMachineError(`read ${path}`, () => readFully(fd, block, at));
      if (got === 0) return;
      at += got;
      const bytes = Buffer.concat([rest, block.subarray(0, got)]);
      let start = 0;
      for (let stop = bytes.indexOf(lineFeed); stop >= 0; stop = bytes.indexOf(lineFeed, start)) {
        yield bytes.subarray(start, stop + 1);
        start = stop + 1;
      }
      rest = bytes.subarray(start);
    }
  } finally {
    closeSync(fd);
  }
}
