/** Recommendations of a snapshot that stays open. */
import type { TaskContext } from '../contracts.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import type { RecommendOptions, RecommendResult } from './recommend.js';

export type { RecommendResult };
export type RecommendQuestion = Omit<RecommendOptions, 'root' | 'snapshot'>;

export interface Recommending {
  recommend(question: RecommendQuestion, context: TaskContext): Promise<RecommendResult[]>;
  close(): void;
}

/** Every question opens what it reads. */
export function openRecommending(snapshot: OpenSnapshot): Recommending {
  return {
    async recommend(question, context) {
      const { recommendIn } = await import('./recommend.js');
      return recommendIn(snapshot, question, context);
    },
    close: () => undefined,
  };
}
