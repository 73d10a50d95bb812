/** Popularity: every item's score is the sum of what its users weigh; the same for everyone. What others have to beat. */
import { npyHeader } from '../files/npy.js';
import { processBytes } from './fitting.js';
import { weighingByFlag, weighingFlags, weighingOptions } from './folding/weighing-options.js';
import type { GivenOptions, Model, ModelPlan, TrainingData } from './model.js';
import { rankByScore } from '../search/score-ranking.js';
import { weighPairs } from './weighed-pairs.js';

/** The pairs as they were read and as they are summed. */
const bytesPerPair = 33;
const secondsPerPair = 20e-9;

export const popularityModel: Model = {
  name: 'popularity',
  algorithmVersion: 1,
  scorer: 'constant',
  fold: 'none',
  epochs: 'none',
  readsOrder: false,
  isDistributable: false,
  flags: weighingFlags,
  resolve: (given) => weighingByFlag(weighingOptions(given, defaultConfidence)),
  dim: () => 0,
  plan: (data, options) => planPopularity(data, options),
};

/** Counts users; `linear:1` counts their plays. */
const defaultConfidence = 'binary';

function planPopularity(data: TrainingData, options: GivenOptions): ModelPlan {
  const { numItems } = data.pairs;
  const { byUser } = weighPairs(data, weighingOptions(options, defaultConfidence));
  const { idx, weight } = byUser;
  return {
    modelBytes: 4 * numItems,
    expectation: () => ({
      memoryBytes: processBytes + bytesPerPair * idx.length,
      seconds: secondsPerPair * idx.length,
    }),
    fit: () => {
      // A dislike weighs negative, so it takes away from its item.
      const sums = new Float64Array(numItems);
      for (let p = 0; p < idx.length; p++) {
        const item = idx[p] ?? 0;
        sums[item] = (sums[item] ?? 0) + (weight[p] ?? 0);
      }
      const scores = Float32Array.from(sums);
      return Promise.resolve({
        ...rankByScore(scores),
        epochs: [],
        *files() {
          yield ['scores', [npyHeader('<f4', [numItems]), new Uint8Array(scores.buffer)]] as const;
        },
        userVectors: () => undefined,
        itemVectors: () => undefined,
        close: () => Promise.resolve(),
      });
    },
  };
}
