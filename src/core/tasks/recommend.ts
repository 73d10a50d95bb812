/** `segue recommend`: the items of largest inner product with someone's vector, exactly. */
import { Closers } from '../closers.js';
import type { TaskContext } from '../contracts.js';
import type * as operations from '../options/queries.js';
import type { Asked } from '../options/option.js';
import { openRecommender, type RecommendResult } from '../query/open-recommender.js';
import { recommendOrFallback } from '../query/recipes/recipe-answers.js';
import { openForReading } from '../snapshot/open-snapshot.js';

export type { Recommendation, RecommendResult } from '../query/open-recommender.js';
export type { Explanation, Reason } from '../query/explain-recommendations.js';
export type { WhyNot } from '../query/why-not.js';

export type RecommendOptions = Asked<typeof operations.recommend.options>;

/** One result a user, in the order given; a single one for a new user. Fewer than k only where fewer are left. */
export async function recommend(options: RecommendOptions, context: TaskContext): Promise<RecommendResult[]> {
  const opened = new Closers();
  try {
    const snapshot = opened.keep(await openForReading(options.root, options.snapshot, context, options.as));
    const recommender = opened.keep(openRecommender(snapshot, { inMemory: options.users.length > 1 }));
    return await recommendOrFallback(recommender, options, context);
  } finally {
    opened.close();
  }
}
