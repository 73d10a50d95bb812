import { commandOf, examples } from '../cli/base-command.js';
import { optionalArgs } from '../cli/flags/args.js';
import { whatToPublish } from '../cli/flags/what-to-publish.js';
import { drawGates, drawPublication } from '../cli/views/publication.js';
import { publish as operation } from '../core/options/operations.js';
import type { PublishResult } from '../core/tasks/publish.js';

export default class Publish extends commandOf([operation], {
  snapshot: optionalArgs(
    'snapshot to publish: id, unique prefix, tag, previous or latest (the default); several as NAME=REF',
  ),
}) {
  static override summary = 'Make a snapshot the current one, for all readers at once';
  static override description =
    'Verifies the size and sha256 of every file, checks the gates, and only then replaces one link by one ' +
    'rename: readers see all of the old snapshot or all of the new one. If anything fails before that, the ' +
    'current snapshot stays; a failed gate is exit code 1. Gates test numbers from the manifest, numbers ' +
    'measured at publishing (overlap@10 and other changes against the current snapshot, coverage@10), and ' +
    'canary items from a gates file. Several snapshots, each as NAME=REF, are published together as a bundle: ' +
    'readers choose one of them with --as NAME. Gates are checked for each of them, and those that begin with ' +
    'members. for all of them together.';
  static override examples = examples({
    'Publish the latest snapshot': 'segue publish',
    'Only if its index has a recall of at least 0.9': "segue publish --require 'recall@10>=0.9'",
    'Only if neighbours have changed little, and no item was lost':
      "segue publish --require 'overlap@10>=0.6' --require 'items.removed<=0'",
    'Two models at once, which readers tell apart by --as': 'segue publish discover=latest radio=small',
    'Only if each of them knows nearly the same users':
      "segue publish discover=latest radio=small --require 'members.sharedUsers>=0.9'",
    'With a page of what it changes, whether the gates pass or not': 'segue publish --report change.html',
    'Verify and check the gates, but publish nothing': 'segue publish latest --dry-run',
  });

  async run(): Promise<PublishResult> {
    const { args, asked } = await this.asked(Publish);
    const { GatesDoNotHold, isMeasured, publish } = await import('../core/tasks/publish.js');
    const given = asked.of(operation, whatToPublish(args.snapshot));
    // What the environment says is for all commands alike.
    const threads = isMeasured(given) || asked.isTyped('threads') ? given.threads : undefined;
    const options = { ...given, threads };
    const result = await this.perform((context) => publish(options, context), {
      of: GatesDoNotHold,
      draw: ({ gates }, screen) => drawGates(gates, screen),
    });
    return this.answer(result, drawPublication);
  }
}
