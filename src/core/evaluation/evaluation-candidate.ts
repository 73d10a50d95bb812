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

/** What `evaluate` measures: how to come by it, and for whom. */
export interface Candidate {
  readonly about: About;
  readonly measured: Measured;
  /** [numItems] users of each item in training. */
  readonly popularity: Uint32Array;
  open(context: TaskContext): Promise<OpenRanker>;
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
