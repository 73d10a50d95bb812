/** What `gc` prints: each snapshot, whether it goes and why, then what that gives back. */
import type { GcResult, GcSnapshot } from '../../core/tasks/gc.js';
import { age, byteSize, count, counted, listed } from '../terminal/numbers.js';
import { paragraph } from '../terminal/paragraph.js';
import { safeText } from '../terminal/safe-text.js';
import { styled, type Screen } from '../terminal/screen.js';
import { drawTable } from '../terminal/table.js';
import { hanging } from '../terminal/wrapped-lines.js';

export async function drawCollection(result: GcResult, screen: Screen): Promise<string> {
  const { dryRun, snapshots, trash, leftovers, checkpoints, foreign } = result;
  const collected = snapshots.filter((snapshot) => snapshot.collected).length;
  const shown = snapshots.filter((snapshot, place) => isShown(snapshot, place, screen));
  const table = await drawTable(
    shown,
    [
      { head: '', cell: (snapshot) => (snapshot.collected ? (dryRun ? 'collect' : 'collected') : 'keep') },
      { head: 'snapshot', cell: ({ snapshot }) => snapshot },
      { head: 'age', cell: (snapshot) => age(snapshot.age * 1000), align: 'right', expendable: true },
      {
        head: 'why',
        cell: ({ why }) => why.map((reason) => inWords(reason, result)).join(', '),
        atLeast: 12,
      },
      { head: 'own', cell: ({ bytes }) => byteSize(bytes.own), align: 'right', optional: true },
      { head: 'shared', cell: ({ bytes }) => byteSize(bytes.shared), align: 'right', optional: true },
    ],
    screen,
  );
  const also = [
    ...(trash.snapshots > 0 ? [`${counted(trash.snapshots, 'snapshot')} of the trash`] : []),
    ...(leftovers.length > 0
      ? [counted(leftovers.length, 'leftover of a dead process', 'leftovers of dead processes')]
      : []),
    ...(checkpoints.length > 0
      ? [`the checkpoints of ${counted(checkpoints.length, 'abandoned training')}`]
      : []),
  ];
  const what = [...(collected > 0 ? [counted(collected, 'snapshot')] : []), ...also];
  const headline =
    what.length === 0
      ? 'Nothing to delete'
      : `${dryRun ? 'Would delete' : 'Deleted'} ${listed(what)}: ${byteSize(result.freedBytes)} freed`;
  const kept = counted(snapshots.length - collected, 'snapshot stays', 'snapshots stay');
  return [
    ...(table === '' ? [] : [table]),
    ...(shown.length < snapshots.length
      ? [paragraph(`… and ${count(snapshots.length - shown.length)} more that are kept`, screen)]
      : []),
    ...(table === '' ? [] : ['']),
    paragraph(headline, screen, 'bold'),
    paragraph(`${kept}, ${byteSize(result.keptBytes)}${dryRun ? '; nothing was changed' : ''}`, screen),
    ...foreign.map(({ path, is }) => {
      const line = `${safeText(path)} is ${safeText(is)}, which segue did not make`;
      return hanging(styled(screen, 'yellow', 'Not ours:'), 9, line, screen.width);
    }),
  ].join('\n');
}

/** Far down a terminal those are left out that stay for no other reason than that they are young. */
function isShown({ collected, why }: GcSnapshot, place: number, screen: Screen): boolean {
  const isMerelyYoung = why.every((reason) => reason === 'youngest' || reason === 'young');
  return !screen.decorated || place < defaultRows || collected || !isMerelyYoung;
}

const defaultRows = 40;

function inWords(reason: string, { keep, olderThan }: GcResult): string {
  if (reason.startsWith('bundle:')) return `in bundle ${reason.slice('bundle:'.length)}`;
  if (reason.startsWith('tag:')) return `tag ${reason.slice('tag:'.length)}`;
  const words: Readonly<Record<string, string>> = {
    previous: 'was current before',
    leased: 'in use',
    denied: 'another user’s',
    youngest: `among the ${String(keep)} newest`,
    young: `not older than ${olderThan ?? ''}`,
    'newer-format': 'made by a newer segue',
    'not-a-snapshot': 'not a segue snapshot',
    unreadable: 'cannot be read',
    spare: 'nothing needs it',
  };
  return words[reason] ?? reason;
}
