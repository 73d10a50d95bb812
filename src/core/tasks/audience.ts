/** `segue audience`: the users whom an item, an artist or an album suits best. */
import { Closers } from '../closers.js';
import type { TaskContext } from '../contracts.js';
import type * as operations from '../options/queries.js';
import type { Asked } from '../options/option.js';
import { openAudiences, type AudienceResult } from '../query/audience.js';
import { openRecommender } from '../query/open-recommender.js';
import { openForReading } from '../snapshot/open-snapshot.js';

export type { AudienceResult, ListenerOfItem } from '../query/audience.js';

export type AudienceOptions = Asked<typeof operations.audience.options>;

/** As `Audiences.of`, of a snapshot that is opened for it. */
export async function audience(options: AudienceOptions, context: TaskContext): Promise<AudienceResult> {
  const opened = new Closers();
  try {
    const snapshot = opened.keep(await openForReading(options.root, options.snapshot, context, options.as));
    const recommender = opened.keep(openRecommender(snapshot, { inMemory: false }));
    return await opened.keep(openAudiences(recommender)).of(options, context);
  } finally {
    opened.close();
  }
}
