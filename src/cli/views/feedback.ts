/** What the commands of `segue feedback` print. */
import type { AddFeedbackResult } from '../../core/tasks/feedback/add.js';
import type { CompactFeedbackResult } from '../../core/tasks/feedback/compact.js';
import type { ExportFeedbackResult } from '../../core/tasks/feedback/export.js';
import type { ForgetUserResult } from '../../core/tasks/feedback/forget.js';
import type { ImportFeedbackResult } from '../../core/tasks/feedback/import.js';
import type { ListFeedbackResult } from '../../core/tasks/feedback/list.js';
import type { ShownEntry } from '../../core/tasks/feedback/shown-entry.js';
import type { UndoFeedbackResult } from '../../core/tasks/feedback/undo.js';
import type { VerifyFeedbackResult } from '../../core/tasks/feedback/verify.js';
import { commandLine } from '../terminal/command-line.js';
import { drawReport, type Fact } from '../terminal/facts.js';
import { byteSize, count, counted, duration } from '../terminal/numbers.js';
import { paragraph } from '../terminal/paragraph.js';
import type { Screen } from '../terminal/screen.js';
import { drawTable } from '../terminal/table.js';

/** What a user did, as a headline begins. */
const done = {
  ...{ play: 'played', like: 'liked', dislike: 'disliked', skip: 'skipped' },
  ...{ ban: 'banned', unban: 'took back the ban of', undo: 'took back' },
} as const;

export function drawAddedFeedback(
  { entry, leftOut }: AddFeedbackResult,
  screen: Screen,
  line = commandLine(),
): string {
  if (entry === null) {
    const why =
      leftOut === 'repeated'
        ? 'The user has an entry of that id already: nothing was added'
        : 'The user asked to be forgotten after that: nothing was added';
    return paragraph(why, screen);
  }
  return drawReport(
    `${entry.user} ${done[entry.type]} ${subjectOf(entry)}`,
    [
      ['id', entry.id],
      ['time', entry.at],
      ['source', entry.source],
      ['undo', line('feedback undo', entry.id)],
    ],
    screen,
  );
}

export function drawUndoneFeedback(
  { undone, holds }: UndoFeedbackResult,
  screen: Screen,
  line = commandLine(),
): string {
  const headline = `Took back that ${undone.user} ${done[undone.type]} ${subjectOf(undone)}`;
  const now = holds === null ? 'nothing else was said of it' : `${done[holds.type]} at ${holds.at}`;
  return drawReport(
    headline,
    [
      ['holds now', now],
      ['list', line('feedback list', undone.user)],
    ],
    screen,
  );
}

export function drawImportedFeedback(result: ImportFeedbackResult, screen: Screen): string {
  const { rows, added, repeated, forgotten, skippedRows, unknownItems } = result;
  const few = (number: number): string | undefined => (number === 0 ? undefined : count(number));
  return drawReport(
    `Added ${count(added)} of ${counted(rows, 'event')}`,
    [
      ['there already', few(repeated)],
      ['of forgotten users', few(forgotten)],
      ['bad rows', few(skippedRows)],
      ['unknown items', few(unknownItems ?? 0)],
    ],
    screen,
  );
}

export async function drawFeedback(
  { user, of, entries, users }: ListFeedbackResult,
  screen: Screen,
): Promise<string> {
  if (users !== null) {
    const headline = paragraph(`${counted(of, 'user')} with feedback`, screen, 'bold');
    if (users.length === 0) return headline;
    const opinions = ['play', 'like', 'dislike', 'skip', 'ban', 'unban'] as const;
    const table = await drawTable(
      users,
      [
        { head: 'user', cell: (each) => each.user, atLeast: 12 },
        { head: 'entries', cell: (each) => count(each.entries), align: 'right' },
        ...opinions
          .filter((type) => users.some(({ byType }) => byType[type] !== undefined))
          .map((type) => ({
            head: `${type}s`,
            cell: ({ byType }: (typeof users)[number]) => count(byType[type] ?? 0),
            align: 'right' as const,
            optional: true,
          })),
        { head: 'latest', cell: (each) => each.lastAt, optional: true },
      ],
      screen,
    );
    return `${headline}\n\n${table}`;
  }
  const headline = paragraph(`${counted(of, 'entry', 'entries')} of ${user ?? ''}`, screen, 'bold');
  if (entries === null || entries.length === 0) return headline;
  const table = await drawTable(
    entries,
    [
      { head: 'type', cell: ({ type }) => type },
      { head: 'of', cell: (entry) => subjectOf(entry), atLeast: 12 },
      { head: 'time', cell: ({ at }) => at, optional: true },
      { head: 'source', cell: ({ source = '' }) => source, optional: true, expendable: true },
      { head: 'id', cell: ({ id }) => id, optional: true },
    ],
    screen,
  );
  return `${headline}\n\n${table}`;
}

export function drawExportedFeedback(
  { events, users, wholeArtistsAndAlbums, out, watermark }: ExportFeedbackResult,
  screen: Screen,
  line = commandLine(),
): string {
  const facts: Fact[] = [
    ['users', count(users)],
    ['goes up to entry', count(watermark)],
    [
      'left out',
      wholeArtistsAndAlbums === 0
        ? undefined
        : `${count(wholeArtistsAndAlbums)} opinions of artists and albums, which hold without training`,
    ],
    ['next', line('train', 'FILE', out ?? '-')],
  ];
  return drawReport(`Exported ${counted(events, 'event')} to ${out ?? 'stdout'}`, facts, screen);
}

export function drawExportedAnswers({ events, users, out }: ExportFeedbackResult, screen: Screen): string {
  const title = `Exported ${counted(events, 'reaction')} to answers to ${out ?? 'stdout'}`;
  return drawReport(title, [['users', count(users)]], screen);
}

/** What an entry is about, as people call it. */
function subjectOf({ item, name, scope, undoes }: ShownEntry): string {
  if (item === null) return undoes ?? '';
  return scope === 'item' ? (name ?? item) : `the ${scope} ${item}`;
}

export function drawCompactedFeedback(result: CompactFeedbackResult, screen: Screen): string {
  const { entries, users, bytes, seconds } = result;
  return drawReport(
    `Sorted ${counted(entries, 'entry', 'entries')} of ${counted(users, 'user')}`,
    [
      ['size', byteSize(bytes)],
      ['time', duration(seconds)],
    ],
    screen,
  );
}

export function drawVerifiedFeedback(result: VerifyFeedbackResult, screen: Screen): string {
  const { entries, bytes, leftOver, seconds } = result;
  return drawReport(
    `The feedback is whole: ${counted(entries, 'entry', 'entries')}`,
    [
      [
        'left over',
        leftOver.length === 0 ? undefined : `${leftOver.join(', ')}: the next compaction deletes them`,
      ],
      ['size', byteSize(bytes)],
      ['time', duration(seconds)],
    ],
    screen,
  );
}

export function drawForgottenUser(result: ForgetUserResult, screen: Screen, line = commandLine()): string {
  const { user, dryRun, entries, deleted, states, snapshots, unreadable, removed, mayHold } = result;
  const headline = dryRun ? `Would forget ${user}` : `Forgot ${user}`;
  const ofStates = states.map(({ state, byFollower, ...held }) => {
    const what = `${counted(held.entries, 'event')} and ${counted(held.letters, 'dead letter')} in ${state}`;
    return byFollower ? `${what}, by its follower` : what;
  });
  const ofTrainings = mayHold.filter((path) => !path.startsWith('trash/'));
  const next = [
    ...(snapshots.length === 0
      ? []
      : [
          `${line('user-vector', '--all')}, publish what it makes, then delete the others: ${line('snapshots delete', 'ID')}`,
        ]),
    ...(ofTrainings.length === 0
      ? []
      : [`when no training runs: ${line('feedback forget', user, '--unfinished')}`]),
  ];
  const held = snapshots.map(({ id, isCurrent }) => (isCurrent ? `${id} (current)` : id));
  return drawReport(
    headline,
    [
      [
        dryRun ? 'would be deleted' : deleted ? 'deleted' : 'being deleted',
        [counted(entries, 'entry', 'entries'), ...ofStates].join('; '),
      ],
      [dryRun ? 'would be removed' : 'removed', removed.length === 0 ? undefined : removed.join(', ')],
      ['still in snapshots', held.length === 0 ? undefined : held.join(', ')],
      ['not looked into', unreadable.length === 0 ? undefined : unreadable.join(', ')],
      ['may hold traces', mayHold.length === 0 ? undefined : mayHold.join(', ')],
      ['next', next.length === 0 ? undefined : next.join('; ')],
    ],
    screen,
  );
}
