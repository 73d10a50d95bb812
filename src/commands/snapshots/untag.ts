import { requiredArgs } from '../../cli/flags/args.js';
import { BaseCommand } from '../../cli/base-command.js';
import { drawUntag } from '../../cli/views/tags.js';
import type { UntagResult } from '../../core/tasks/snapshots/untag.js';

export type { UntagResult };

export default class SnapshotsUntag extends BaseCommand {
  static override summary = 'Take tags away';
  static override description =
    'The snapshots stay, but nothing keeps them from being collected any more, unless they are current, were ' +
    'current before, are the latest, or have another tag. Where one of the tags does not exist, none is removed.';
  static override examples = [
    {
      description: 'Let go of what was kept',
      command: 'segue snapshots tag latest summer && segue snapshots untag summer',
    },
  ];
  static override args = { names: requiredArgs('tags to remove') };

  async run(): Promise<UntagResult> {
    const { args, flags } = await this.parse(SnapshotsUntag);
    const { untag } = await import('../../core/tasks/snapshots/untag.js');
    const result = await this.perform((context) => untag({ root: flags.root, tags: args.names }, context));
    return this.answer(result, drawUntag);
  }
}
