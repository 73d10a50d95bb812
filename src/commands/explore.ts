import { commandOf, examples } from '../cli/base-command.js';
import { drawExploring } from '../cli/views/serving.js';
import { explore as operation } from '../core/options/operations.js';
import type { Exploring } from '../core/serve/explore.js';

export default class Explore extends commandOf([operation]) {
  static override summary = 'Look at snapshots in a web page: neighbours, listeners, two side by side';
  static override description =
    'Serves the page on this machine, and opens it in a browser where there is a terminal. Nothing can be changed ' +
    'from it, unless --write lets it keep likes, dislikes and bans. Ctrl-C ends it. docs/explore.md shows more.';
  static override examples = examples({
    'The current snapshot': 'segue explore',
    'The snapshot made last, and feedback that is kept': 'segue explore --snapshot latest --write',
  });

  async run(): Promise<void> {
    const { asked } = await this.asked(Explore);
    const { explore } = await import('../core/serve/explore.js');
    const { noOpen, ...options } = asked.of(operation);
    const opens = !noOpen && process.stdout.isTTY && process.env['CI'] === undefined;
    const onReady = (exploring: Exploring): Promise<Exploring> => this.answer(exploring, drawExploring);
    await this.perform((context) => explore({ ...options, opens, onReady }, context));
  }
}
