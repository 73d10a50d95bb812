import { optionalArgs } from '../../cli/flags/args.js';
import { BaseCommand } from '../../cli/base-command.js';
import { drawVerification } from '../../cli/views/verification.js';
import { inGroup } from '../../cli/flags/flag-kinds.js';
import { allFlag } from '../../cli/flags/flags.js';
import { optionsOf } from '../../cli/flags/options-of.js';
import type { VerifySnapshotsResult } from '../../core/tasks/snapshots/verify.js';

export type { VerifySnapshotsResult };

export default class SnapshotsVerify extends BaseCommand {
  static override summary = 'Read every byte of snapshots to find damage';
  static override description =
    'Recomputes the size and sha256 of every file, even if it was verified before, looks for files that do ' +
    'not belong, and opens all of them in a separate process. Reports all damage in all the snapshots, and ' +
    'then exits with 4. Readers refuse a snapshot once it was found to be damaged.';
  static override examples = [
    { description: 'Verify the current snapshot', command: 'segue snapshots verify' },
    { description: 'Verify every snapshot', command: 'segue snapshots verify --all' },
  ];
  static override args = {
    snapshots: optionalArgs('snapshots to verify: ids, unique prefixes, tags, previous, latest or current'),
  };
  static override flags = inGroup('RUN', allFlag('verify every snapshot below the root'));

  async run(): Promise<VerifySnapshotsResult> {
    const { args, flags } = await this.parse(SnapshotsVerify);
    const { NotAllWhole, verifySnapshots } = await import('../../core/tasks/snapshots/verify.js');
    const result = await this.perform(
      (context) =>
        verifySnapshots({ ...optionsOf(flags, SnapshotsVerify.flags), snapshots: args.snapshots }, context),
      { of: NotAllWhole, draw: drawVerification },
    );
    return this.answer(result, drawVerification);
  }
}
