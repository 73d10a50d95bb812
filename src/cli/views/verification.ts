/** What `snapshots verify` prints: a verdict a snapshot, then everything that is wrong. */
import type { VerifySnapshotsResult } from '../../core/tasks/snapshots/verify.js';
import { byteSize, count, counted, duration } from '../terminal/numbers.js';
import { paragraph } from '../terminal/paragraph.js';
import { safeText } from '../terminal/safe-text.js';
import { styled, type Screen } from '../terminal/screen.js';
import { drawTable } from '../terminal/table.js';
import { hanging } from '../terminal/wrapped-lines.js';

export async function drawVerification(result: VerifySnapshotsResult, screen: Screen): Promise<string> {
  const { verdicts, problems, seconds } = result;
  const whole = verdicts.filter((verdict) => verdict.whole);
  const bytes = whole.reduce((sum, verdict) => sum + verdict.bytes, 0);
  const wrong = [...verdicts.flatMap(({ damage }) => damage), ...problems];
  const table = await drawTable(
    verdicts,
    [
      { head: '', cell: ({ whole, checked }) => (whole ? '✓' : checked ? '✗' : '?') },
      { head: 'snapshot', cell: ({ snapshot }) => snapshot },
      { head: 'files', cell: ({ files }) => count(files), align: 'right', expendable: true },
      { head: 'size', cell: (verdict) => byteSize(verdict.bytes), align: 'right', expendable: true },
      {
        head: 'verdict',
        cell: ({ whole, checked, damage }) =>
          whole ? 'whole' : checked ? counted(damage.length, 'problem') : 'not checked',
      },
    ],
    screen,
  );
  return [
    table,
    ...wrong.map(({ message }) => hanging(styled(screen, 'red', '✗'), 1, safeText(message), screen.width)),
    paragraph(
      `${count(whole.length)} of ${counted(verdicts.length, 'snapshot')} whole, ${byteSize(bytes)}, in ${duration(seconds)}`,
      screen,
    ),
  ]
    .filter((text) => text !== '')
    .join('\n');
}
