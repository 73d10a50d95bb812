/**
 * history.jsonl: every change of `current`, one line of a journal each. A change is two lines of one `seq`: the intent
 * before the rename and its outcome after it. A crash can cut the last line short; it is ignored by readers, and
 * removed by the next publisher, which also finds out what became of an intent without an outcome.
 */
import type { Rank, SnapshotId } from '../contracts.js';
import { AppError, errnoOf, machineError } from '../errors.js';
import { appendToJournal, cutJournal, parseJournalLine, readJournalFromEnd } from '../files/journal.js';
import { idPattern, rootPath } from './layout.js';

export interface HistoryLine {
  /** Counts changes from 1 on. This is their order: a time only informs, since clocks are set back. */
  readonly seq: Rank;
  readonly phase: 'intent' | 'commit' | 'abandon';
  /** 'publish' or 'rollback'; a later version may know more. */
  readonly op: string;
  /** What was current before; null for the first publish. */
  readonly from: SnapshotId | null;
  readonly to: SnapshotId;
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
  try {
    return readJournalFromEnd(path, take);
  } catch (error) {
    throw logError(error, `read ${path}`);
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
  appendToJournal(rootPath.history(root), [line]);
}

/** Cuts an unterminated last line off. Throws AppErrors. Only under the publish lock. */
export function repairHistory(root: string): void {
  const path = rootPath.history(root);
  try {
    cutJournal(path);
  } catch (error) {
    throw logError(error, `repair ${path}`);
  }
}

/** Where no regular file stands there the root is damaged. */
function logError(error: unknown, doing: string): unknown {
  if (error instanceof AppError)
    return new AppError('damaged-root', error.message, { cause: error, details: error.details });
  return errnoOf(error) === undefined ? error : machineError(error, doing);
}

/** What a line of the file says; undefined for one that is not ours. */
export function parseHistoryLine(text: string | undefined): HistoryLine | undefined {
  // Lines of the first version of segue have no checksum.
  const line = text === undefined ? undefined : parseJournalLine(text);
  if (line === undefined) return undefined;
  const { seq, phase, op, from, to, time, who, why }: Partial<Record<keyof HistoryLine, unknown>> =
    line.fields;
  if (typeof seq !== 'number' || !Number.isInteger(seq) || seq < 1 || seq > maxSeq) return undefined;
  if (phase !== 'intent' && phase !== 'commit' && phase !== 'abandon') return undefined;
  if (!isId(to) || (from !== null && !isId(from))) return undefined;
  const textOf = (field: unknown): string => (typeof field === 'string' ? field : '');
  const change = { op: textOf(op), time: textOf(time), who: textOf(who) };
  return { seq, phase, from, to, ...change, why: typeof why === 'string' ? why : null };
}

/** One more can still be told apart from the next. */
const maxSeq = 2 ** 52;

function isId(value: unknown): value is string {
  return typeof value === 'string' && idPattern.test(value);
}
