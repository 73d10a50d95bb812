/**
 * What a search has measured so far, a JSON line a training, appended durably as soon as it is known. The first line says
 * which search it is of; a last line that was cut by a crash is left out, and measured again.
 */
import { existsSync, readFileSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppError, machineError } from '../errors.js';
import { appendDurably, fsyncDirectory, makeDirectory } from '../files/durable-write.js';
import { tryRemovableLock } from '../files/removable-lock.js';
import type { Checkpoint } from './search.js';

const format = 'segue-trials';
const formatVersion = 1;

/** One training: a trial at one rung. */
export interface Training {
  readonly trial: number;
  readonly rung: number;
  /** Effective options, for people who read the file. */
  readonly options: Readonly<Record<string, string | number>>;
  readonly checkpoints: readonly Checkpoint[];
  readonly seconds: number;
}

export interface TrialsFile {
  /** Trainings that an earlier run measured. */
  readonly before: number;
  /** All of them. */
  size(): number;
  find(trial: number, rung: number): Training | undefined;
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
    throw new AppError('busy', `another process is searching with ${path}`, {
      suggestions: ['wait for it', 'or name another file: --trials-file FILE'],
    });
  }
  try {
    const text = attempt(path, () => (existsSync(path) ? readFileSync(path, 'utf8') : ''));
    const lines = text.split('\n');
    // What follows the last line feed was cut; a whole file ends with ''.
    const cut = lines.pop();
    if (lines.length === 0 && cut !== undefined && !first.startsWith(cut))
      throw notOurs(path, 'its first line does not say so');
    const [head, ...rest] = lines;
    if (head === undefined) {
      attempt(path, () => {
        if (cut !== '') truncateSync(path);
        appendDurably(path, first);
      });
    } else {
      requireSearch(path, head, search);
      const whole = Buffer.byteLength(`${lines.join('\n')}\n`);
      attempt(path, () => {
        if (cut !== '') truncateSync(path, whole);
      });
    }
    const known = new Map<string, Training>();
    for (const [index, line] of rest.entries()) {
      const training = parseTraining(line);
      if (training === undefined) throw notOurs(path, `line ${String(index + 2)} is not a training`);
      known.set(keyOf(training.trial, training.rung), training);
    }
    attempt(path, () => {
      fsyncDirectory(directory);
    });
    return {
      before: known.size,
      size: () => known.size,
      find: (trial, rung) => known.get(keyOf(trial, rung)),
      append(training) {
        attempt(path, () => {
          appendDurably(path, `${JSON.stringify(training)}\n`);
        });
        known.set(keyOf(training.trial, training.rung), training);
      },
      close: () => lock.release(),
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

function keyOf(trial: number, rung: number): string {
  return `${String(trial)}/${String(rung)}`;
}

function requireSearch(path: string, line: string, search: string): void {
  const head = parseJson(line);
  if (head?.['format'] !== format) throw notOurs(path, 'its first line does not say so');
  if (head['search'] === search && head['formatVersion'] === formatVersion) return;
  throw new AppError(
    'bad-usage',
    `${path} holds another search: of other events, settings or number of trials`,
    {
      suggestions: ['name another file: --trials-file FILE', 'or leave --trials-file out'],
    },
  );
}

function parseTraining(line: string): Training | undefined {
  const value = parseJson(line);
  const isTraining =
    Number.isSafeInteger(value?.['trial']) &&
    Number.isSafeInteger(value?.['rung']) &&
    Array.isArray(value?.['checkpoints']) &&
    typeof value['seconds'] === 'number' &&
    value['checkpoints'].every(isCheckpoint);
  return isTraining ? (value as unknown as Training) : undefined;
}

function isCheckpoint(value: unknown): boolean {
  const { epochs, score } = (value ?? {}) as Partial<Record<keyof Checkpoint, unknown>>;
  return Number.isSafeInteger(epochs) && (score === null || Number.isFinite(score));
}

function parseJson(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function notOurs(path: string, why: string): AppError {
  return new AppError('bad-input-file', `${path} is not a file of trials: ${why}`, {
    suggestions: ['name another file: --trials-file FILE'],
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
