/**
 * history.jsonl: every change of `current`, one JSON object a line. A change is two lines of one `seq`: the intent
 * before the rename and its outcome after it. A crash can cut the last line short; it is ignored by readers, and
 * removed by the next publisher, which also finds out what became of an intent without an outcome.
 */
import { closeSync, constants, fstatSync, fsyncSync, ftruncateSync, openSync } from 'node:fs';

import { AppError, errnoOf, machineError } from '../errors.js';
import { appendDurably } from '../files/durable-write.js';
import { endOfLines, linesBefore } from '../files/lines-from-end.js';
import { openRegularFile } from '../files/safe-open.js';
import { sha256Hex } from '../files/sha256.js';
import { idPattern, rootPath } from './layout.js';

export interface HistoryLine {
  /** Counts changes from 1 on. This is their order: a time only informs, since clocks are set back. */
  readonly seq: number;
  readonly phase: 'intent' | 'commit' | 'abandon';
  /** 'publish' or 'rollback'; a later version may know more. */
  readonly op: string;
  /** What was current before; null for the first publish. */
  readonly from: string | null;
  readonly to: string;
  /** When, ISO 8601 UTC. */
  readonly time: string;
  /** user@host */
  readonly who: string;
  readonly why: string | null;
}

/** What is always read, where there is so much: some hundred lines. */
const recentBytes = 64 << 10;

/**
 * The latest lines, oldest first: enough to tell what was current before, from the end of the file on; empty where there
 * is no history. Lines that are not ours are left out. Throws damaged-root, machine errors.
 */
export function readHistory(root: string): HistoryLine[] {
  return readFromEnd(root, (texts) => {
    const lines: HistoryLine[] = [];
    const published = new Set<string>();
    let bytes = 0;
    for (const text of texts) {
      bytes += text?.length ?? recentBytes;
      const line = parseHistoryLine(text);
      if (line !== undefined) lines.push(line);
      if (line?.phase === 'commit') published.add(line.to);
      if (bytes >= recentBytes && published.size > 1) break;
    }
    return lines.reverse();
  });
}

/** Gives `take` the text of every line that was not cut short, the last first, and whether one was. */
export function readFromEnd<T>(
  root: string,
  take: (texts: Iterable<string | undefined>, wasCutShort: boolean) => T,
): T {
  const path = rootPath.history(root);
  const fd = openHistory(path);
  if (fd === undefined) return take([], false);
  try {
    const end = endOfLines(fd);
    return take(linesBefore(fd, end), fstatSync(fd).size > end);
  } catch (error) {
    throw errnoOf(error) === undefined ? error : machineError(error, `read ${path}`);
  } finally {
    closeSync(fd);
  }
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

/** What was current before `current`, whoever made that so; undefined where nothing was, or nothing is published. */
export function publishedBefore(
  lines: readonly HistoryLine[],
  current: string | undefined,
): string | undefined {
  if (current === undefined) return undefined;
  const last = lines.findLast((line) => line.phase === 'commit' || line === openIntent(lines));
  // It says so itself, whatever became of the lines before it.
  if (last?.to === current && last.from !== null && last.from !== current) return last.from;
  return publishedIds(lines, current).findLast((id) => id !== current);
}

/** The last change, where it has an intent and no outcome. */
export function openIntent(lines: readonly HistoryLine[]): HistoryLine | undefined {
  const last = lines.at(-1);
  return last?.phase === 'intent' ? last : undefined;
}

/** Appends one line and fsyncs. Throws errno errors. Only under the publish lock. */
export function appendHistory(root: string, line: HistoryLine): void {
  const text = JSON.stringify(line);
  appendDurably(rootPath.history(root), `${text.slice(0, -1)},"sum":"${sumOf(text)}"}\n`);
}

/** Cuts an unterminated last line off. Throws AppErrors. Only under the publish lock. */
export function repairHistory(root: string): void {
  const path = rootPath.history(root);
  const reading = openHistory(path);
  if (reading === undefined) return;
  try {
    const end = endOfLines(reading);
    if (end === fstatSync(reading).size) return;
    const fd = openSync(path, constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      ftruncateSync(fd, end);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw machineError(error, `repair ${path}`);
  } finally {
    closeSync(reading);
  }
}

/** Undefined where there is no history yet. Throws damaged-root where something else stands there, machine errors. */
function openHistory(path: string): number | undefined {
  try {
    return openRegularFile(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error instanceof AppError
      ? new AppError('damaged-root', error.message, { cause: error, details: error.details })
      : machineError(error, `read ${path}`);
  }
}

/** What a line of the file says; undefined for one that is not ours. */
export function parseHistoryLine(text: string | undefined): HistoryLine | undefined {
  if (text === undefined) return undefined;
  // The last key is the checksum of the object without it; lines of the first version of segue have none.
  const [, open, sum] = /^(.*),"sum":"([^"]*)"\}$/.exec(text) ?? [];
  if (sum !== undefined && sum !== sumOf(`${open ?? ''}}`)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { seq, phase, op, from, to, time, who, why } = value as Partial<Record<keyof HistoryLine, unknown>>;
  if (typeof seq !== 'number' || !Number.isInteger(seq) || seq < 1 || seq > maxSeq) return undefined;
  if (phase !== 'intent' && phase !== 'commit' && phase !== 'abandon') return undefined;
  if (!isId(to) || (from !== null && !isId(from))) return undefined;
  const textOf = (field: unknown): string => (typeof field === 'string' ? field : '');
  const change = { op: textOf(op), time: textOf(time), who: textOf(who) };
  return { seq, phase, from, to, ...change, why: typeof why === 'string' ? why : null };
}

function sumOf(text: string): string {
  return sha256Hex(text).slice(0, 16);
}

/** One more can still be told from the next. */
const maxSeq = 2 ** 52;

function isId(value: unknown): value is string {
  return typeof value === 'string' && idPattern.test(value);
}
