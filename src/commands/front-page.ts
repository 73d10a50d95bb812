import { commandOf, examples } from '../cli/base-command.js';
import { drawFrontPage } from '../cli/views/front-page.js';
import { operation } from '../core/options/operation.js';
import { listSnapshots, onRoot } from '../core/options/operations.js';

/** `segue` alone. Hidden, so that oclif's manifest does not have it. */
export default class FrontPage extends commandOf([operation(listSnapshots.name, onRoot)]) {
  static override hidden = true;
  static override summary = 'Show the root, what is current, and what to do next';
  static override description = 'With --json prints what segue snapshots list prints.';
  static override examples = examples({
    'Where you are': 'segue',
    'In another root': 'segue --root staging',
  });

  run = this.shows(
    async () => (await import('../core/tasks/snapshots/list.js')).listSnapshots,
    drawFrontPage,
  );
}
