import type { Pairs, StringColumn, TaskContext } from '../contracts.js';
import { AppError } from '../errors.js';
import { readInteractions } from '../events/read-events.js';
import type { TextOptions } from '../events/text-options.js';
import { snapshotFile, trainedKind } from '../snapshot/layout.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { openCatalogue } from '../store/catalogue.js';
import { warnOfTimes, type Ages } from '../events/event-times.js';
import { renumberItems } from '../histories/renumber-items.js';

/** Events as histories of a model's items. */
export interface ModelEvents {
  /** Users by (events descending, id bytes ascending). */
  readonly ids: StringColumn;
  readonly pairs: Pairs;
  /** Of the latest event with a time. */
  readonly lastAtMs: number | undefined;
}

/**
 * Reads events for a model that stands: its items, and a warning with the number of those it does not know. AppError
 * 'bad-input-file' where it knows none of them.
 */
export async function readModelEvents(
  options: TextOptions & {
    readonly files: readonly string[];
    readonly skipBadRows: boolean;
    readonly threads: number;
  } & Ages,
  snapshot: OpenSnapshot,
  numItems: number,
  context: TaskContext,
): Promise<ModelEvents> {
  const { interactions } = await readInteractions({
    ...options,
    minUserItems: 1,
    minItemUsers: 1,
    // A mean can count what came last for more.
    ordered: snapshot.manifest.model.fold === 'mean',
    ...context,
  });
  warnOfTimes(interactions, options, context);
  const { users: ids, items, pairs, lastAt } = interactions;
  const catalogue = openCatalogue(snapshot.file(snapshotFile.itemStore));
  let rowOf: Int32Array;
  try {
    rowOf = Int32Array.from({ length: items.length }, (_, i) => {
      const row = catalogue.rowOfId(trainedKind, items.at(i)) ?? numItems;
      return row < numItems ? row : -1;
    });
  } finally {
    catalogue.close();
  }
  const unknown = rowOf.filter((row) => row === -1).length;
  const where = options.files.join(', ');
  if (unknown === items.length) {
    throw new AppError(
      'bad-input-file',
      `${where}: snapshot ${snapshot.id} has a vector for none of its items`,
      {
        suggestions: [
          `an item of ${where} is ${JSON.stringify(items.at(0))}: are these the ids that it was trained on?`,
        ],
      },
    );
  }
  if (unknown > 0) {
    const message = `${String(unknown)} of ${String(items.length)} items in ${where} have no vector and do not count`;
    context.onProgress({ kind: 'warning', message });
  }
  const lastAtMs = lastAt === null ? undefined : Number(lastAt);
  return { ids, pairs: renumberItems(pairs, rowOf, numItems), lastAtMs };
}
