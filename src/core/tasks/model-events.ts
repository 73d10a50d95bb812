import { closing } from '../closers.js';
import type { TaskContext } from '../contracts.js';
import type { SparkOnDemand } from '../spark/on-demand.js';
import { readEventsBy } from '../spark/events-by-engine.js';
import { noteRows } from '../events/reading-remarks.js';
import type { TextOptions } from '../events/text-options.js';
import { snapshotFile, trainedKind } from '../snapshot/layout.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { openCatalogue } from '../store/catalogue.js';
import { warnOfTimes, type Ages } from '../events/event-times.js';
import { historiesOfKnown, type KnownItems } from '../histories/renumber-items.js';
import type { UserHistories } from '../histories/replace-histories.js';

/** Events as histories of a model's items, users by (events descending, id bytes ascending). */
export interface ModelEvents extends UserHistories {
  /** Of the latest event with a time. */
  readonly lastAtMs: number | undefined;
}

/**
 * Reads events for a model that stands: its items, and a warning with the number of those it does not know. AppError
 * 'bad-input-file' where it knows none of them.
 */
export async function readModelEvents(
  options: TextOptions & {
    readonly format?: string | undefined;
    readonly files: readonly string[];
    readonly table?: readonly string[] | undefined;
    readonly skipBadRows: boolean;
    readonly threads: number;
  } & Ages,
  snapshot: OpenSnapshot,
  numItems: number,
  context: TaskContext,
  spark?: SparkOnDemand,
): Promise<ModelEvents> {
  const reading = {
    ...options,
    minUserItems: 1,
    minItemUsers: 1,
    // A mean can count what came last for more.
    ordered: snapshot.manifest.model.fold === 'mean',
    ...context,
  };
  const { interactions, remarks } = await readEventsBy(spark, reading);
  noteRows(remarks, context);
  warnOfTimes(interactions, options, context);
  const { items, lastAt } = interactions;
  return closing(openCatalogue(snapshot.file(snapshotFile.itemStore)), (catalogue) => {
    const known: KnownItems = {
      numItems,
      rowOf: (item) => {
        const row = catalogue.rowOfId(trainedKind, items.at(item)) ?? numItems;
        return row < numItems ? row : undefined;
      },
      noneKnown: `snapshot ${snapshot.id} has a vector for none of its items`,
      hint: ': are these the ids that it was trained on?',
    };
    const histories = historiesOfKnown(
      interactions,
      [...options.files, ...(options.table ?? [])].join(', '),
      known,
      context,
    );
    return { ...histories, lastAtMs: lastAt === null ? undefined : Number(lastAt) };
  });
}
