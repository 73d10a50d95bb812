import { commandOf } from '../cli/base-command.js';
import { drawFrontPage } from '../cli/views/front-page.js';
import { operation } from '../core/options/operation.js';
import { listSnapshots, onRoot } from '../core/options/operations.js';
import type { SnapshotList } from '../core/tasks/snapshots/list.js';

/** `segue` alone. Hidden, so that oclif's manifest does not have it. */
export default class FrontPage extends commandOf([operation(listSnapshots.name, onRoot)]) {
  static override hidden = true;
  static override summary = 'Show the root, what is current, and what to do next';
  static override description = 'With --json prints what segue snapshots list prints.';
  static override examples = [
    { description: 'Where you are', command: 'segue' },
    { description: 'In another root', command: 'segue --root staging' },
  ];

  async run(): Promise<SnapshotList> {
    const { listSnapshots: list } = await import('../core/tasks/snapshots/list.js');
    return this.show(list, drawFrontPage);
  }
}
