/** The history as a person tells it: one change for the two lines that it has in the file, the latest first. */
import type { Count } from '../contracts.js';
import { parseHistoryLine, readFromEnd, type HistoryLine } from '../snapshot/publication-log.js';

export interface HistoryChange extends Omit<HistoryLine, 'phase'> {
  /**
   * 'abandoned': the link was not changed. 'unconfirmed': it was, and nobody wrote down that it would last. 'unfinished':
   * it is being changed right now, or whoever wanted to died before.
   */
  readonly outcome: 'done' | 'abandoned' | 'unconfirmed' | 'unfinished';
}

export interface HistoryReading {
  /** The latest first; at most as many as were asked for. */
  readonly changes: readonly HistoryChange[];
  /** How many there are in the whole file. */
  readonly total: Count;
  /** Lines that are not segue's, or damaged. */
  readonly unreadable: Count;
  /** Whether the last line was cut short: it does not count, and the next publish removes it. */
  readonly cutShort: boolean;
}

/** Reads the whole file, of any length, and keeps `limit` changes. `current` is what is current now. Throws damaged-root, machine errors. */
export function readChanges(root: string, current: string | undefined, limit = Infinity): HistoryReading {
  return readFromEnd(root, (texts, cutShort) => {
    const changes: HistoryChange[] = [];
    let total = 0;
    let unreadable = 0;
    for (const change of changesOf(
      linesOf(texts, () => unreadable++),
      current,
    )) {
      total += 1;
      if (changes.length < limit) changes.push(change);
    }
    return { changes, total, unreadable, cutShort };
  });
}

/**
 * The ids that were current at a moment (ms since 1970), with the change that made each so. None: nothing was yet. Several
 * where a clock was set back in between, so that the moment came twice. `changes` are all of them, the latest first.
 */
export function changesCurrentAt(changes: readonly HistoryChange[], atMs: number): HistoryChange[] {
  const done = changes
    .filter(({ outcome }) => outcome === 'done' || outcome === 'unconfirmed')
    .map((change) => ({ change, ms: Date.parse(change.time) }))
    .reverse();
  const found = new Map<string, HistoryChange>();
  for (const [place, { change, ms }] of done.entries()) {
    // By the clock that it was made by, it was current until the first later change that is not before it.
    let next = place + 1;
    while (done[next] !== undefined && done[next]!.ms < ms) next += 1;
    const end = done[next]?.ms ?? Infinity;
    if (ms <= atMs && atMs < end) found.set(change.to, change);
  }
  return [...found.values()];
}

function* linesOf(texts: Iterable<string | undefined>, onUnreadable: () => void): Generator<HistoryLine> {
  for (const text of texts) {
    const line = parseHistoryLine(text);
    if (line === undefined) onUnreadable();
    else yield line;
  }
}

/** From lines, the last first: an outcome is met before its intent. */
function* changesOf(lines: Iterable<HistoryLine>, current: string | undefined): Generator<HistoryChange> {
  let outcome: HistoryLine | undefined;
  let isLast = true;
  for (const line of lines) {
    if (line.phase !== 'intent') {
      if (outcome !== undefined) yield changeOf(outcome);
      outcome = line;
    } else if (outcome?.seq === line.seq) {
      yield changeOf(outcome);
      outcome = undefined;
    } else {
      if (outcome !== undefined) yield changeOf(outcome);
      outcome = undefined;
      yield { ...changeOf(line), outcome: isLast && line.to === current ? 'unconfirmed' : 'unfinished' };
    }
    isLast = false;
  }
  if (outcome !== undefined) yield changeOf(outcome);
}

function changeOf({ phase, ...line }: HistoryLine): HistoryChange {
  return { ...line, outcome: phase === 'abandon' ? 'abandoned' : 'done' };
}
