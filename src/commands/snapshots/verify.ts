import { optionalArgs } from '../../cli/flags/args.js';
import { BaseCommand } from '../../cli/base-command.js';
import { drawVerification } from '../../cli/views/verification.js';
import { inGroup } from '../../cli/flags/flag-kinds.js';
import { allFlag } from '../../cli/flags/flags.js';
import { optionsOf } from '../../cli/flags/options-of.js';
import type { VerifySnapshotsResult } from '../../core/tasks/snapshots/verify.js';

export type { VerifySnapshotsResult };

export default class SnapshotsVerify extends BaseCommand {
  static override summary = 'Read every byte of snapshots, and say whether they are whole';
  static override description =
    'Computes size and sha256 of every file anew, whatever was verified before, looks for files that do ' +
    'not belong, and opens all of them in a process of its own. Names everything that is wrong, with all ' +
    'snapshots, and then ends with 4; readers refuse what was found to be damaged from then on.';
  static override examples = [
    { description: 'Is what is published whole?', command: 'segue snapshots verify' },
    { description: 'Is every snapshot whole?', command: 'segue snapshots verify --all' },
  ];
  static override args = {
    snapshots: optionalArgs('snapshots to verify: ids, unique prefixes, tags, previous, latest or current'),
  };
  static override flags = inGroup('RUN', allFlag('every snapshot below the root'));

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
