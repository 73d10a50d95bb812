import { BaseCommand } from '../../cli/base-command.js';
import { requiredArg } from '../../cli/flags/args.js';
import { flagsOf } from '../../cli/flags/flags-of.js';
import { drawTag } from '../../cli/views/tags.js';
import { tag as operation } from '../../core/options/operations.js';
import type { TagResult } from '../../core/tasks/snapshots/tag.js';

export type { TagResult };

export default class SnapshotsTag extends BaseCommand {
  static override summary = 'Tag a snapshot';
  static override description =
    'A tag stands for a snapshot in every command, and keeps gc from deleting it. A snapshot can have ' +
    'several tags. If another snapshot has the tag, it is moved, and the output says from where and how to ' +
    'undo it.';
  static override examples = [
    {
      description: 'Tag the current snapshot, to keep it',
      command: 'segue snapshots tag current before-summer',
    },
  ];
  static override args = {
    snapshot: requiredArg('snapshot to tag: id, unique prefix, tag, current, previous or latest'),
    name: requiredArg('tag: a lower-case letter, then letters, digits, ".", "_" or "-"'),
  };
  static readonly operations = [operation];
  static override flags = flagsOf(SnapshotsTag.operations, ['snapshot', 'tag']);

  async run(): Promise<TagResult> {
    const { args, asked } = await this.asked(SnapshotsTag);
    const { tag } = await import('../../core/tasks/snapshots/tag.js');
    const options = asked.of(operation, { snapshot: args.snapshot, tag: args.name });
    return this.answer(await this.perform((context) => tag(options, context)), drawTag);
  }
}
