import { optionalArg } from '../cli/flags/args.js';
import { commandOf, examples } from '../cli/base-command.js';
import { safeJson } from '../cli/terminal/safe-text.js';
import { followEvents as operation } from '../core/options/operations.js';

export default class Follow extends commandOf([operation], {
  file: optionalArg('file of events as JSON Lines that is followed as it grows; - is stdin', 'follow'),
}) {
  static override summary = "Keep users' vectors current as events arrive";
  static override description =
    'Reads events as they are written to FILE, through its rotation, and prints a line of JSON for each user ' +
    'of whom any came: their vector, made from what the current snapshot knows of them and from all events ' +
    'since. --state keeps the events, and how far they were read: the same command goes on from there. ' +
    '--add-events adds a whole file in any format of train. What is no event is kept, and counted.';
  static override examples = examples({
    'A file as it is now, however old its events are: a line for each user':
      'segue follow examples/classic-rock/feedback.csv --state listeners --once --dedupe-for 9999d',
    'A file of plays that were missed, once':
      'segue follow --add-events examples/classic-rock/plays.csv.gz --state listeners --out lines.ndjson',
  });

  async run(): Promise<undefined> {
    const { args, asked } = await this.asked(Follow);
    const options = asked.of(operation, { follow: args.file });
    const { followEvents } = await import('../core/tasks/follow.js');
    await this.perform((context, stdout) => followEvents({ ...options, ...stdout, json: safeJson }, context));
  }
}
