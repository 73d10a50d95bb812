import { optionalArg } from '../cli/flags/args.js';
import { commandOf, examples } from '../cli/base-command.js';
import { wantsJson } from '../cli/json-mode.js';
import type { TaskContext } from '../core/contracts.js';
import { openNeighbourSource as operation } from '../core/options/queries.js';
import type { BrowseOptions } from '../core/tasks/browse.js';

export default class Browse extends commandOf([operation], {
  item: optionalArg('item to start at: id or name'),
}) {
  static override summary = 'Walk through items and their neighbours in the terminal';
  static override description =
    'Search by name and see the neighbours with their similarity. Enter moves on to one of them, Backspace ' +
    'moves back, and ? shows all keys. Without --snapshot, browse follows the current snapshot when another ' +
    'one is published. Needs a terminal.';
  static override examples = examples({
    'Start with a search': 'segue browse',
    'Start at a song': 'segue browse "Come As You Are"',
  });

  async run(): Promise<void> {
    const { args, asked } = await this.asked(Browse);
    // Without a terminal there is no browser at all, which is what is said then.
    const isTerminal = process.stdin.isTTY && process.stdout.isTTY;
    const json = isTerminal && wantsJson(this.argv) ? true : undefined;
    const options = asked.of(operation, { ...args, json });
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
