/** What `snapshots history` prints: a row a change of what is current, the latest first. */
import type { HistoryResult } from '../../core/tasks/snapshots/history.js';
import { counted } from '../terminal/numbers.js';
import { paragraph } from '../terminal/paragraph.js';
import { styled, type Screen } from '../terminal/screen.js';
import { memberNames } from '../terminal/snapshot-names.js';
import { drawTable, type Column } from '../terminal/table.js';
import { hanging } from '../terminal/wrapped-lines.js';

type Change = HistoryResult['changes'][number];

const outcomeColumn: Column<Change> = {
  head: 'outcome',
  cell: ({ outcome }) => outcome,
};

const membersColumn: Column<Change> = {
  head: 'members',
  cell: ({ members }) => memberNames(members ?? []),
  atLeast: 12,
  optional: true,
};

/** More rows than this push the latest off a terminal. */
const defaultRows = 40;

export async function drawHistory(history: HistoryResult, screen: Screen): Promise<string> {
  const { root, total, unreadable, cutShort } = history;
  const shown = screen.decorated ? history.changes.slice(0, defaultRows) : history.changes;
  // Where all of it was done there is nothing to say about that.
  const outcomes = shown.every(({ outcome }) => outcome === 'done') ? [] : [outcomeColumn];
  const members = shown.some((change) => change.members !== undefined) ? [membersColumn] : [];
  const table = await drawTable(
    shown,
    [
      { head: '#', cell: ({ seq }) => String(seq), align: 'right' },
      { head: 'when (UTC)', cell: ({ time }) => time.replace('T', ' ').replace(/\.\d+Z$|Z$/, '') },
      { head: 'what', cell: ({ op }) => op },
      { head: 'to', cell: ({ to }) => to },
      ...outcomes,
      // What a person wrote is worth a few of its words where there is no room for more.
      { head: 'why', cell: ({ why }) => why ?? '', atLeast: 12, comfortable: 12, optional: true },
      { head: 'who', cell: ({ who }) => who, atLeast: 8, optional: true },
      { head: 'from', cell: ({ from }) => from ?? '', optional: true },
      ...members,
    ],
    screen,
  );
  const left = total - shown.length;
  const warnings = [
    ...(unreadable > 0 ? [`${counted(unreadable, 'line')} of the history cannot be read`] : []),
    ...(cutShort ? ['the last line of the history was cut short; the next publish removes it'] : []),
  ];
  return [
    table,
    ...(left > 0 && table !== '' ? [paragraph(`… and ${counted(left, 'earlier change')}`, screen)] : []),
    ...warnings.map((message) => hanging(styled(screen, 'yellow', 'Warning:'), 8, message, screen.width)),
    ...(total === 0 ? [paragraph(`Nothing was ever published in ${root}`, screen)] : []),
  ]
    .filter((text) => text !== '')
    .join('\n');
}
