import { appendFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { appendHistory } from '#dist/core/snapshot/publication-log.js';
import type { HistoryLine } from '#dist/core/snapshot/publication-log.js';
import { changesCurrentAt, readChanges } from '#dist/core/publishing/history-changes.js';
import type { HistoryChange } from '#dist/core/publishing/history-changes.js';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { idA, idB, idC } from '../../helpers/snapshots.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();

const about = { op: 'publish', time: '2026-01-01T00:00:00.000Z', who: 'me@here', why: null };

function written(...lines: [seq: number, phase: HistoryLine['phase'], to: string][]): string {
  const root = temporaryDirectory();
  for (const [seq, phase, to] of lines) appendHistory(root, { ...about, seq, phase, from: null, to });
  return root;
}

describe('the changes of a history', () => {
  it('are one for an intent and its outcome, the latest first', () => {
    const root = written(
      [1, 'intent', idA],
      [1, 'commit', idA],
      [2, 'intent', idB],
      [2, 'abandon', idB],
      [3, 'intent', idC],
      [3, 'commit', idC],
    );
    expect(readChanges(root, idC)).toEqual({
      changes: [
        { ...about, seq: 3, from: null, to: idC, outcome: 'done' },
        { ...about, seq: 2, from: null, to: idB, outcome: 'abandoned' },
        { ...about, seq: 1, from: null, to: idA, outcome: 'done' },
      ],
      total: 3,
      unreadable: 0,
      cutShort: false,
    });
    expect(readChanges(root, idC, 1)).toMatchObject({ changes: [{ seq: 3 }], total: 3 });
  });

  it('tell a change that nobody confirmed from one that did not happen', () => {
    const root = written([1, 'intent', idA], [1, 'commit', idA], [2, 'intent', idB]);
    expect(readChanges(root, idB).changes[0]).toMatchObject({ seq: 2, outcome: 'unconfirmed' });
    expect(readChanges(root, idA).changes[0]).toMatchObject({ seq: 2, outcome: 'unfinished' });
  });

  it('keep an intent and an outcome that lost each other', () => {
    const root = written([1, 'intent', idA], [2, 'commit', idB], [3, 'commit', idC], [4, 'intent', idA]);
    const outcomes = readChanges(root, idC).changes.map(({ seq, outcome }) => [seq, outcome]);
    expect(outcomes).toEqual([
      [4, 'unfinished'],
      [3, 'done'],
      [2, 'done'],
      [1, 'unfinished'],
    ]);
    // Of two that would have made the same current, the last did.
    const two = readChanges(root, idA).changes.filter(({ to }) => to === idA);
    expect(two.map(({ outcome }) => outcome)).toEqual(['unconfirmed', 'unfinished']);
  });

  it('count lines that are not ours, and say that the last was cut short', () => {
    const root = written([1, 'intent', idA], [1, 'commit', idA]);
    appendFileSync(rootPath.history(root), 'hello\n{}\n{"seq":2,"ph');
    expect(readChanges(root, idA)).toMatchObject({ total: 1, unreadable: 2, cutShort: true });
  });

  it('are none without a history', () => {
    const nothing = { changes: [], total: 0, unreadable: 0, cutShort: false };
    expect(readChanges(temporaryDirectory(), undefined)).toEqual(nothing);
  });

  it('are read to the beginning of a file of several MiB', () => {
    const root = written([1, 'commit', idA]);
    const line = `${JSON.stringify({ ...about, seq: 2, phase: 'commit', from: idA, to: idB })}\n`;
    const times = Math.ceil((3 << 20) / line.length);
    appendFileSync(rootPath.history(root), line.repeat(times));
    const { changes, total } = readChanges(root, idB);
    expect(total).toBe(times + 1);
    expect(changes.at(-1)).toMatchObject({ to: idA });
  });
});

describe('what was current at a moment', () => {
  const at = (hour: number): number => Date.UTC(2026, 0, 1, hour);
  /** The ids that were current at each of the hours, of changes (the first first) at an hour to an id. */
  function currentAt(hour: number, ...changes: [hour: number, to: string, outcome?: string][]): string[] {
    const history = changes.map(([changed, to, outcome = 'done'], place) => ({
      ...about,
      ...{ seq: place + 1, from: null, to, outcome, time: new Date(at(changed)).toISOString() },
    })) as HistoryChange[];
    return changesCurrentAt(history.reverse(), at(hour)).map((change) => change.to);
  }

  it('is what the last change before it made so', () => {
    const changes: [number, string][] = [
      [1, idA],
      [3, idB],
      [5, idA],
    ];
    expect([0, 1, 2, 3, 4, 5, 9].map((hour) => currentAt(hour, ...changes)[0])).toEqual([
      ...[undefined, idA, idA, idB, idB, idA, idA],
    ]);
  });

  it('is not what was only intended', () => {
    expect(currentAt(4, [1, idA], [2, idB, 'abandoned'], [3, idC, 'unfinished'])).toEqual([idA]);
    expect(currentAt(4, [1, idA], [2, idB, 'unconfirmed'])).toEqual([idB]);
  });

  it('is several where a clock was set back, and the moment came twice', () => {
    const changes: [number, string][] = [
      [10, idA],
      [11, idB],
      [9, idC],
      [14, idA],
    ];
    expect(currentAt(9.5, ...changes)).toEqual([idC]);
    expect(currentAt(10.5, ...changes)).toEqual([idA, idC]);
    expect(currentAt(12, ...changes)).toEqual([idB, idC]);
    expect(currentAt(15, ...changes)).toEqual([idA]);
  });
});
