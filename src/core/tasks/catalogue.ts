import type { Interactions, ItemTable, TaskContext } from '../contracts.js';
import { AppError } from '../errors.js';
import { itemRows, type ItemRows } from '../tables/item-rows.js';

/** Items with their names; a warning where the table knows few of them. */
export function catalogueOf(
  { items, pairs }: Interactions,
  table: ItemTable | undefined,
  file: string | undefined,
  context: TaskContext,
): ItemRows {
  const counts = new Uint32Array(pairs.numItems);
  for (let p = 0; p < pairs.item.length; p++) {
    const item = pairs.item[p] ?? 0;
    counts[item] = (counts[item] ?? 0) + (pairs.count[p] ?? 0);
  }
  const catalogue = itemRows(items, counts, table);
  if (table === undefined || file === undefined) return catalogue;
  const numUnplayed = catalogue.ids.length - items.length;
  const numDescribed = table.ids.length - numUnplayed;
  if (numDescribed === 0) {
    throw new AppError('bad-input-file', `${file}: none of its ids is an item of the events`, {
      suggestions: [
        `an id in ${file} is ${JSON.stringify(table.ids.at(0))}, in the events ${JSON.stringify(items.at(0))}`,
      ],
    });
  }
  const unknown = items.length - numDescribed;
  if (unknown > 0) {
    const message = `${String(unknown)} of ${String(items.length)} items are not in ${file}: their ids are their names`;
    context.onProgress({ kind: 'warning', message });
  }
  return catalogue;
}
