import { commandOf, examples } from '../../cli/base-command.js';
import { optionalArgs } from '../../cli/flags/args.js';
import { drawVerification } from '../../cli/views/verification.js';
import { verifySnapshots as operation } from '../../core/options/operations.js';
import type { VerifySnapshotsResult } from '../../core/tasks/snapshots/verify.js';

export default class SnapshotsVerify extends commandOf([operation], {
  snapshots: optionalArgs('snapshots to verify: ids, unique prefixes, tags, previous, latest or current'),
}) {
  static override summary = 'Read every byte of snapshots to find damage';
  static override description =
    'Recomputes the size and sha256 of every file, even if it was verified before, looks for files that do ' +
    'not belong, and opens all of them in a separate process. Reports all damage in all the snapshots, and ' +
    'then exits with 4. Readers refuse a snapshot once it was found to be damaged.';
  static override examples = examples({
    'Verify the current snapshot': 'segue snapshots verify',
    'Verify every snapshot': 'segue snapshots verify --all',
  });

  async run(): Promise<VerifySnapshotsResult> {
    const { NotAllWhole, verifySnapshots } = await import('../../core/tasks/snapshots/verify.js');
    return this.show(verifySnapshots, drawVerification, { of: NotAllWhole, draw: drawVerification });
  }
}
