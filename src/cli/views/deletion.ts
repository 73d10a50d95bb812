/** What `snapshots delete` prints. */
import type { DeleteSnapshotsResult } from '../../core/tasks/snapshots/delete.js';
import { byteSize, counted } from '../terminal/numbers.js';
import { paragraph } from '../terminal/paragraph.js';
import type { Screen } from '../terminal/screen.js';
import { drawTable } from '../terminal/table.js';

export async function drawDeletion(result: DeleteSnapshotsResult, screen: Screen): Promise<string> {
  const { dryRun, deleted, latest, freedBytes } = result;
  const table = await drawTable(
    deleted,
    [
      { head: 'snapshot', cell: ({ snapshot }) => snapshot },
      { head: 'own', cell: ({ bytes }) => byteSize(bytes.own), align: 'right' },
      { head: 'shared', cell: ({ bytes }) => byteSize(bytes.shared), align: 'right', expendable: true },
    ],
    screen,
  );
  const what = `${dryRun ? 'Would delete' : 'Deleted'} ${counted(deleted.length, 'snapshot')}`;
  return [
    table,
    '',
    paragraph(`${what}: ${byteSize(freedBytes)} freed`, screen, 'bold'),
    paragraph(
      `${latest === null ? 'There is no latest snapshot' : `The latest is ${latest}`}${dryRun ? '; nothing was changed' : ''}`,
      screen,
    ),
  ].join('\n');
}
