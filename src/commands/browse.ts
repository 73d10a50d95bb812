import { optionalArg } from '../cli/flags/args.js';
import { BaseCommand } from '../cli/base-command.js';
import { flagsNamed } from '../cli/flags/flags.js';
import { refuseMeaninglessToBrowse } from '../cli/flags/meaningless-flags.js';
import { optionsOf } from '../cli/flags/options-of.js';
import type { TaskContext } from '../core/contracts.js';
import type { BrowseOptions } from '../core/tasks/browse.js';

export default class Browse extends BaseCommand {
  static override summary = 'Walk through items and their neighbours in the terminal';
  static override description =
    'Search by name and see the neighbours with their similarity. Enter moves on to one of them, Backspace ' +
    'moves back, and ? shows all keys. Without --snapshot, browse follows the current snapshot when another ' +
    'one is published. Needs a terminal.';
  static override examples = [
    { description: 'Start with a search', command: 'segue browse' },
    { description: 'Start at a song', command: 'segue browse "Come As You Are"' },
  ];
  static override args = { item: optionalArg('item to start at: id or name') };
  static override flags = flagsNamed('for', 'min-events', 'no-feedback', 'snapshot', 'as');

  async run(): Promise<void> {
    const { args, flags, raw } = await this.parse(Browse);
    refuseMeaninglessToBrowse(raw, process.stdin.isTTY && process.stdout.isTTY);
    const options = { ...optionsOf(flags, Browse.flags), item: args.item };
    await this.perform((context) => browse(options, context));
  }
}

/**
 * Opens the browser on this terminal; settles when it is left. Where no snapshot is named it follows what is published.
 * `similar --browse` does the same.
 */
export async function browse(options: BrowseOptions, context: TaskContext): Promise<void> {
  const { requireTerminal } = await import('../tui/require-terminal.js');
  requireTerminal();
  const { openBrowse } = await import('../core/tasks/follow-neighbours.js');
  const opened = await openBrowse(options, context);
  try {
    const { runNeighbourBrowser } = await import('../tui/run-browser.js');
    await runNeighbourBrowser(opened.source, { ...opened, signal: context.signal });
  } finally {
    opened.release();
    await opened.close();
  }
}
