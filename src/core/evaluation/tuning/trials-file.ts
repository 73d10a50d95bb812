/**
 * What a search has measured so far, a JSON line a training, appended durably as soon as it is known. The first line says
 * which search it is of; a last line that was cut by a crash is left out, and measured again. Every training's line ends
 * with a checksum of the rest, so that a flipped digit is no other score.
 */
import { closeSync, fstatSync, readFileSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppError, errnoOf, machineError } from '../../errors.js';
import { appendDurably, fsyncDirectory, makeDirectory } from '../../files/durable-write.js';
import { tryRemovableLock } from '../../files/removable-lock.js';
import { openRegularFile } from '../../files/safe-open.js';
import { sha256Hex } from '../../files/sha256.js';
import type { Checkpoint } from './search.js';

const format = 'segue-trials';
/** 2: lines have checksums. */
const formatVersion = 2;
/** A search of 10,000 trainings has a tenth of it. */
const maxBytes = 64 << 20;

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
    const text = readText(path);
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
      if (training === undefined)
        throw notOurs(path, `line ${String(index + 2)} is damaged, or not a training`);
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
          appendDurably(path, `${trainingLine(training)}\n`);
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
  const version = head['formatVersion'];
  if (version !== formatVersion) {
    throw new AppError(
      Number(version) > formatVersion ? 'newer-format' : 'bad-input-file',
      `${path} has format version ${JSON.stringify(version ?? null)}, this segue goes on with version ${formatVersion}`,
      { suggestions: ['name another file: --trials-file FILE'], details: { file: path } },
    );
  }
  if (head['search'] === search) return;
  throw new AppError(
    'bad-usage',
    `${path} holds another search: of other events, settings or number of trials`,
    {
      suggestions: ['name another file: --trials-file FILE', 'or leave --trials-file out'],
    },
  );
}

function readText(path: string): string {
  let fd: number;
  try {
    fd = openRegularFile(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return '';
    throw error instanceof AppError ? notOurs(path, error.message) : machineError(error, `read ${path}`);
  }
  try {
    const { size } = fstatSync(fd);
    if (size > maxBytes) throw notOurs(path, `it has ${size} bytes, ${maxBytes} at most were expected`);
    return readFileSync(fd, 'utf8');
  } catch (error) {
    throw machineError(error, `read ${path}`);
  } finally {
    closeSync(fd);
  }
}

/** The checksum is the last key of the object, and is of the object without it. */
function trainingLine(training: Training): string {
  const text = JSON.stringify(training);
  return `${text.slice(0, -1)},"sum":"${sumOf(text)}"}`;
}

function sumOf(text: string): string {
  return sha256Hex(text).slice(0, 16);
}

function parseTraining(line: string): Training | undefined {
  const [, open = '', sum = ''] = /^(.*),"sum":"([0-9a-f]{16})"\}$/.exec(line) ?? [];
  const text = `${open}}`;
  if (sum !== sumOf(text)) return undefined;
  const value = parseJson(text);
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
