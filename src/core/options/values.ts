/**
 * What options may be, and what they are where they are not given: the command line and the library check by these, and help
 * and docs/api.md print them. A switch is off and a list empty unless it is given; options of models are the models' own.
 */
import { availableParallelism } from 'node:os';

export const optionValues = {
  root: { default: '.segue' },
  seed: { min: 0, max: Number.MAX_SAFE_INTEGER, default: 42 },
  threads: { min: 1, max: 256 },
  engine: { choices: ['local', 'spark'], default: 'local' },

  // Events.
  eventFormat: { choices: ['auto', 'lightgcn'], default: 'auto' },
  itemHeader: { choices: ['yes', 'no'] },
  minWeight: { min: 0, max: 1e9 },
  minUserItems: { min: 1, default: 1 },
  minItemUsers: { min: 1, default: 1 },

  // Training.
  model: { choices: ['als', 'item2vec', 'ease', 'popularity'], default: 'als' },
  holdout: { min: 0, max: 0.9, default: 0 },

  // The index.
  targetRecall: { min: 0.01, max: 1, default: 0.95 },
  lists: { min: 1, max: 1_000_000 },

  // Questions.
  k: { min: 1, max: 1_000_000, default: 10 },
  page: { min: 1, max: 1_000_000 },
  facts: { min: 1, max: 1_000_000, default: 5 },
  kind: { default: 'item' },
  maxPerArtist: { min: 1, max: 1_000_000 },
  // Of a neighbour: docs/neighbours.md has what other numbers come to.
  minEvents: { min: 0, max: 1_000_000, default: 5 },
  reasons: { min: 0, max: 1000, default: 3 },
  skipWeight: { min: 0, max: 1000, default: 0 },
  rankingFormat: { choices: ['ndjson', 'arrow', 'parquet', 'csv'] },

  // Evaluation and tuning. What a split leaves open, it decides: `usual` is what most of them take.
  split: { choices: ['strong', 'random', 'leave-last-out', 'temporal', 'files'] },
  part: { choices: ['test', 'valid'], default: 'test' },
  splitAt: { usual: '0.8' },
  testUsers: { min: 1e-6, usual: 0.1 },
  testShare: { min: 0.01, max: 0.9, usual: 0.2 },
  at: { min: 1, max: 1000, default: [10, 20, 50, 100] },
  recallOver: { choices: ['targets', 'min-k'] },
  bootstrap: { min: 0, max: 100_000, default: 1000 },
  trials: { min: 1, max: 10_000, default: 40 },
  metric: { default: 'ndcg@10' },

  // Vectors of other programs.
  vectorFormat: { choices: ['npy', 'parquet', 'arrow', 'csv', 'npz', 'word2vec'] },
  what: { choices: ['items', 'users'], default: 'items' },
  measure: { choices: ['inner-product', 'cosine'], default: 'inner-product' },

  // Feedback.
  feedbackType: { choices: ['play', 'like', 'dislike', 'skip', 'ban', 'unban'] },
  feedbackScope: { choices: ['item', 'artist', 'album'] },
  feedbackFormat: { choices: ['csv', 'jsonl', 'parquet'] },
  answeredRank: { min: 1, max: 1_000_000 },
  itemCap: { min: 1e-9, max: 9e9 },

  // Serving.
  host: { default: '127.0.0.1' },
  port: { min: 0, max: 65_535, default: 7341 },
  explorePort: { min: 0, max: 65_535, default: 0 },
  fallback: { default: 'popular' },
  workers: { min: 0, max: 256 },
  timeout: { default: '10s' },
  drain: { default: '10s' },
  maxRequests: { min: 1, max: 100_000 },
  logLevel: { choices: ['silent', 'error', 'warn', 'info'], default: 'info' },

  // Comparing, listing and collecting snapshots.
  a: { default: 'current' },
  b: { default: 'latest' },
  sample: { min: 1 },
  comparedUsers: { min: 1 },
  report: { default: 'report.html' },
  keep: { min: 0, default: 5 },
  limit: { min: 1, max: 1_000_000_000 },
} as const;

/** One per core. */
export function defaultThreads(): number {
  return Math.min(availableParallelism(), optionValues.threads.max);
}
