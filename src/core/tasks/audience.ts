/** `segue audience`: the users whom an item, an artist or an album suits best. */
import { Closers } from '../closers.js';
import type { TaskContext } from '../contracts.js';
import { openAudiences, type AudienceQuestion, type AudienceResult } from '../query/audience.js';
import { openRecommender } from '../query/open-recommender.js';
import { openForReading } from '../snapshot/open-snapshot.js';

export type { AudienceResult, ListenerOfItem } from '../query/audience.js';

export interface AudienceOptions extends AudienceQuestion {
  readonly root: string;
  readonly snapshot?: string | undefined;
  /** Of a bundle which member; its first by default. */
  readonly as?: string | undefined;
}

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
