/** What `rollback` prints: what is current now, what was, and how to take it back. */
import type { RollbackResult } from '../../core/tasks/rollback.js';
import { drawFacts } from '../terminal/facts.js';
import { byteSize, counted, duration } from '../terminal/numbers.js';
import { paragraph } from '../terminal/paragraph.js';
import type { Screen } from '../terminal/screen.js';
import { memberNames } from '../terminal/snapshot-names.js';

export function drawRollback(result: RollbackResult, screen: Screen): string {
  const { rolledBackTo, members, from, undo, unchanged, dryRun, verified, seconds } = result;
  const done = unchanged
    ? paragraph(`${rolledBackTo} is the current snapshot already`, screen)
    : dryRun
      ? paragraph(`Would roll back to ${rolledBackTo}; nothing was changed`, screen)
      : paragraph(`Rolled back to ${rolledBackTo}`, screen, 'bold');
  const checked = `${counted(verified.files, 'file')}, ${byteSize(verified.bytes)}, in ${duration(seconds)}`;
  return `${done}\n${drawFacts(
    [
      ['members', members === undefined ? undefined : memberNames(members)],
      [dryRun ? 'current' : 'before', unchanged ? undefined : from],
      ['verified', checked],
      ['undo', undo ?? undefined],
    ],
    screen,
  )}`;
}
