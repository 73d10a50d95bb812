import type { OpenRanker, SnapshotId, TaskContext, Text } from '../contracts.js';
import type { Measured } from './measured-split.js';
import { rankByScore } from '../search/score-ranking.js';
import type { ModelOptions } from '../models/model.js';

export interface About {
  /** Model, snapshot as it was named, or 'popularity'. */
  readonly name: Text;
  readonly kind: 'model' | 'snapshot' | 'baseline';
  readonly model: Text;
  readonly options: ModelOptions;
  /** The snapshot's id. */
  readonly snapshot: SnapshotId | null;
}

/** What is measured of a ranker is its rankings. */
export type MeasuredRanker = Omit<OpenRanker, 'score'>;

/** What `evaluate` measures: how to come by it, and for whom. */
export interface Candidate {
  readonly about: About;
  readonly measured: Measured;
  /** [numItems] users of each item in training. */
  readonly popularity: Uint32Array;
  /** Items that are ranked, where that is not all of them. */
  readonly numRanked?: number;
  open(context: TaskContext): Promise<MeasuredRanker>;
}

/** The most popular items, for the same users. */
export function baseline(measured: Measured, popularity: Uint32Array): Candidate {
  return {
    about: { name: 'popularity', kind: 'baseline', model: 'popularity', options: {}, snapshot: null },
    measured,
    popularity,
    open: () => Promise.resolve(rankByScore(popularity)),
  };
}
