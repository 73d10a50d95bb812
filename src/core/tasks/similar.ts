/** `segue similar`: the items nearest to an item, or to what several items make together, by cosine. */
import { Closers } from '../closers.js';
import type { TaskContext } from '../contracts.js';
import type * as operations from '../options/queries.js';
import type { Asked } from '../options/option.js';
import { openNeighbours, type SimilarResult } from '../query/open-neighbours.js';
import { requireQuestion } from '../query/similar-query.js';
import { openForReading } from '../snapshot/open-snapshot.js';

export type SimilarOptions = Asked<typeof operations.similar.options>;

export type { SimilarItem, SimilarResult } from '../query/open-neighbours.js';

/** As `OpenNeighbours.similar`, of a snapshot that is opened for it. */
export async function similar(options: SimilarOptions, context: TaskContext): Promise<SimilarResult> {
  requireQuestion(options);
  const opened = new Closers();
  try {
    const snapshot = opened.keep(await openForReading(options.root, options.snapshot, context, options.as));
    const neighbours = opened.keep(openNeighbours(snapshot, { inMemory: false }));
    return await neighbours.similar(options, context);
  } finally {
    opened.close();
  }
}
