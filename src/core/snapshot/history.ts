/**
 * history.jsonl: every change of `current`, one JSON object a line. A change is two lines of one `seq`: the intent
 * before the rename and its outcome after it. A crash can cut the last line short; it is ignored by readers, and
 * removed by the next publisher, which also finds out what became of an intent without an outcome.
 */
import { closeSync, constants, fstatSync, fsyncSync, ftruncateSync, openSync, readSync } from 'node:fs';

import { AppError, errnoOf, machineError } from '../errors.js';
import { appendDurably } from '../files/durable-write.js';
import { openRegularFile } from '../files/safe-open.js';
import { idPattern, rootPath } from './layout.js';

export interface HistoryLine {
  /** Counts changes from 1 on. */
  readonly seq: number;
  readonly phase: 'intent' | 'commit' | 'abandon';
  readonly op: 'publish' | 'rollback';
  /** What was current before; null for the first publish. */
  readonly from: string | null;
  readonly to: string;
  /** When, ISO 8601 UTC. */
  readonly time: string;
  /** user@host */
  readonly who: string;
  readonly why: string | null;
}

/** A history grows by about 500 bytes a publish; its end answers every question asked here. */
const tailBytes = 1 << 20;

/** The latest lines, oldest first; empty where there is no history. Lines that are not ours are left out. */
export function readHistory(root: string): HistoryLine[] {
  const lines: HistoryLine[] = [];
  for (const text of tailOf(rootPath.history(root)).split('\n').slice(0, -1)) {
    const line = parseLine(text);
    if (line !== undefined) lines.push(line);
  }
  return lines;
}

/**
 * The ids that were current, in order, given what is current now: an intent whose outcome nobody wrote down counts
 * where `current` shows that its rename happened.
 */
export function publishedIds(lines: readonly HistoryLine[], current: string | undefined): string[] {
  const ids = lines.filter((line) => line.phase === 'commit').map((line) => line.to);
  const open = openIntent(lines);
  if (open !== undefined && open.to === current) ids.push(open.to);
  return ids;
}

/** The last change, where it has an intent and no outcome. */
export function openIntent(lines: readonly HistoryLine[]): HistoryLine | undefined {
  const last = lines.at(-1);
  return last?.phase === 'intent' ? last : undefined;
}

/** Appends one line and fsyncs. Throws errno errors. Only under the publish lock. */
export function appendHistory(root: string, line: HistoryLine): void {
  appendDurably(rootPath.history(root), `${JSON.stringify(line)}\n`);
}

/** Cuts an unterminated last line off. Throws AppErrors. Only under the publish lock. */
export function repairHistory(root: string): void {
  const path = rootPath.history(root);
  const tail = tailOf(path);
  if (tail === '' || tail.endsWith('\n')) return;
  const unterminatedBytes = tail.length - (tail.lastIndexOf('\n') + 1);
  try {
    const fd = openSync(path, constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      ftruncateSync(fd, fstatSync(fd).size - unterminatedBytes);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw machineError(error, `repair ${path}`);
  }
}

/** The last bytes of the file, a character each (latin1), so that lengths are those on the disk. */
function tailOf(path: string): string {
  let fd: number;
  try {
    fd = openRegularFile(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return '';
    throw error instanceof AppError
      ? new AppError('damaged-root', error.message, { cause: error })
      : machineError(error, `read ${path}`);
  }
  try {
    const { size } = fstatSync(fd);
    const buffer = Buffer.alloc(Math.min(size, tailBytes));
    const count = readSync(fd, buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString('latin1', 0, count);
  } catch (error) {
    throw machineError(error, `read ${path}`);
  } finally {
    closeSync(fd);
  }
}

function parseLine(latin1: string): HistoryLine | undefined {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(latin1, 'latin1').toString('utf8'));
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const line = value as Partial<Record<keyof HistoryLine, unknown>>;
  const isOurs =
    Number.isSafeInteger(line.seq) &&
    (line.phase === 'intent' || line.phase === 'commit' || line.phase === 'abandon') &&
    (line.from === null || isId(line.from)) &&
    isId(line.to);
  return isOurs ? (value as HistoryLine) : undefined;
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && idPattern.test(value);
}
