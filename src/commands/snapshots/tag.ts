import { requiredArg } from '../../cli/flags/args.js';
import { BaseCommand } from '../../cli/base-command.js';
import { drawTag } from '../../cli/views/tags.js';
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

  async run(): Promise<TagResult> {
    const { args, flags } = await this.parse(SnapshotsTag);
    const { tag } = await import('../../core/tasks/snapshots/tag.js');
    const result = await this.perform((context) =>
      tag({ root: flags.root, snapshot: args.snapshot, tag: args.name }, context),
    );
    return this.answer(result, drawTag);
  }
}
