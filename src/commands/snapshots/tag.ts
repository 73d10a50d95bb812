import { requiredArg } from '../../cli/flags/args.js';
import { BaseCommand } from '../../cli/base-command.js';
import { drawTag } from '../../cli/views/tags.js';
import type { TagResult } from '../../core/tasks/snapshots/tag.js';

export type { TagResult };

export default class SnapshotsTag extends BaseCommand {
  static override summary = 'Give a snapshot a name';
  static override description =
    'A tag names a snapshot wherever one is asked for, and keeps it from being collected. A snapshot may ' +
    'have several. A tag that another snapshot has is moved: what had it, and how to take that back, is said.';
  static override examples = [
    {
      description: 'Name what is published, to keep it',
      command: 'segue snapshots tag current before-summer',
    },
  ];
  static override args = {
    snapshot: requiredArg('snapshot to name: id, unique prefix, tag, current, previous or latest'),
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
