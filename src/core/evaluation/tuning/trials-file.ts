/**
 * What a search has measured so far: a journal with a line a training, appended as soon as it is known. The first line,
 * which has no checksum, says which search it is of. A training whose line was cut by a crash is measured again.
 */
import { dirname } from 'node:path';
import { AppError, machineError } from '../../errors.js';
import { appendDurably, fsyncDirectory, makeDirectory } from '../../files/durable-write.js';
import {
  appendToJournal,
  cutJournal,
  parseJournalLine,
  readJournal,
  type JournalPart,
} from '../../files/journal.js';
import { tryRemovableLock } from '../../files/removable-lock.js';
import type { Checkpoint } from './search.js';

const format = 'segue-trials';
/** 2: lines have checksums; 3: the model, and the metric of groups of users. */
const formatVersion = 3;
/** A search of 10,000 trials has a sixth of it. */
const maxBytes = 256 << 20;

/** One training: a trial at one rung. */
export interface Training extends Checkpoint {
  readonly model: string;
  readonly trial: number;
  readonly rung: number;
  /** Effective options, for people who read the file. */
  readonly options: Readonly<Record<string, string | number>>;
  /** The metric of groups of users (`groupedRows`), the same groups in every training; none without. */
  readonly groups: readonly number[];
  readonly seconds: number;
}

export interface TrialsFile {
  /** Trainings that an earlier run measured. */
  readonly before: number;
  /** All of them. */
  size(): number;
  find(model: string, trial: number, rung: number): Training | undefined;
  append(training: Training): void;
  close(): void;
}

/** @param search sha256 of what the search is of. AppErrors 'bad-usage' for another search's file, 'busy', machine errors. */
export function openTrialsFile(path: string, search: string): TrialsFile {
  const lockPath = `${path}.lock`;
  const first = `${JSON.stringify({ format, formatVersion, search })}\n`;
  const directory = dirname(path);
  const lock = attempt(path, () => {
    makeDirectory(directory);
    return tryRemovableLock(lockPath);
  });
  if (lock === undefined) {
    throw new AppError('busy', `another process is tuning with ${path}`, {
      suggestions: ['wait for it', 'or name another file: `trialsFile` FILE'],
    });
  }
  try {
    const { lines, rest } = readTrials(path);
    const [head, ...trainings] = lines;
    if (head !== undefined) requireSearch(path, head, search);
    else if (!first.startsWith(rest)) throw notOurs(path, 'its first line does not say so');
    attempt(path, () => {
      if (rest !== '') cutJournal(path);
      if (head === undefined) appendDurably(path, first);
    });
    const known = new Map<string, Training>();
    for (const [index, line] of trainings.entries()) {
      const training = parseTraining(line);
      if (training === undefined) throw notOurs(path, `line ${String(index + 2)} is damaged, or not a trial`);
      known.set(keyOf(training.model, training.trial, training.rung), training);
    }
    attempt(path, () => {
      fsyncDirectory(directory);
    });
    return {
      before: known.size,
      size: () => known.size,
      find: (...of) => known.get(keyOf(...of)),
      append(training) {
        attempt(path, () => {
          appendToJournal(path, [training]);
        });
        known.set(keyOf(training.model, training.trial, training.rung), training);
      },
      close: () => lock.release(),
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

function keyOf(model: string, trial: number, rung: number): string {
  return `${model}/${String(trial)}/${String(rung)}`;
}

function requireSearch(path: string, line: string, search: string): void {
  const head = parseJournalLine(line)?.fields;
  if (head?.['format'] !== format) throw notOurs(path, 'its first line does not say so');
  const version = head['formatVersion'];
  if (version !== formatVersion) {
    throw new AppError(
      Number(version) > formatVersion ? 'newer-format' : 'bad-input-file',
      `${path} has format version ${JSON.stringify(version ?? null)}, this segue reads version ${formatVersion}`,
      { suggestions: ['name another file: `trialsFile` FILE'], details: { file: path } },
    );
  }
  if (head['search'] === search) return;
  throw new AppError(
    'bad-usage',
    `${path} belongs to another search, with other events, settings or number of trials`,
    {
      suggestions: ['name another file: `trialsFile` FILE', 'or leave `trialsFile` out'],
    },
  );
}

function readTrials(path: string): JournalPart {
  try {
    return readJournal(path, 0, maxBytes);
  } catch (error) {
    throw error instanceof AppError ? notOurs(path, error.message) : machineError(error, `read ${path}`);
  }
}

function parseTraining(text: string): Training | undefined {
  const line = parseJournalLine(text);
  if (line?.hasSum !== true) return undefined;
  const { model, trial, rung, groups, seconds } = line.fields;
  const isTraining =
    typeof model === 'string' &&
    Array.isArray(groups) &&
    groups.every(Number.isFinite) &&
    Number.isSafeInteger(trial) &&
    Number.isSafeInteger(rung) &&
    typeof seconds === 'number' &&
    isCheckpoint(line.fields);
  return isTraining ? (line.fields as unknown as Training) : undefined;
}

function isCheckpoint(value: unknown): boolean {
  const { epochs, score } = (value ?? {}) as Partial<Record<keyof Checkpoint, unknown>>;
  return Number.isSafeInteger(epochs) && (score === null || Number.isFinite(score));
}

function notOurs(path: string, why: string): AppError {
  return new AppError('bad-input-file', `${path} is not a trials file: ${why}`, {
    suggestions: ['name another file: `trialsFile` FILE'],
    details: { file: path },
  });
}

function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof AppError ? error : machineError(error, `write ${path}`);
  }
}
