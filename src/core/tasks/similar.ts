/** `segue similar`: the items nearest to an item, or to what several items make together, by cosine. */
import { Closers } from '../closers.js';
import type { TaskContext } from '../contracts.js';
import { openNeighbours, type SimilarQuestion, type SimilarResult } from '../query/open-neighbours.js';
import { requireQuestion } from '../query/similar-query.js';
import { openForReading } from '../snapshot/open-snapshot.js';

export interface SimilarOptions extends SimilarQuestion {
  readonly root: string;
  readonly snapshot?: string | undefined;
  /** Of a bundle which member; its first by default. */
  readonly as?: string | undefined;
}

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
