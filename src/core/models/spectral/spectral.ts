/** The normalised matrix of users and items, cut to its strongest singular vectors: singular-vectors.ts. */
import { factorBytes, paddedDim } from '../../compute/factors.js';
import { inOwnPool, poolBytes, type PoolSizes } from '../../compute/pool.js';
import { svdProducts } from '../../compute/randomized-svd.js';
import type { Pairs } from '../../contracts.js';
import { pairTotals } from '../../numeric/pair-weights.js';
import { alsShape, type AlsShape } from '../als/train-als.js';
import { processBytes, requireVectorsFit } from '../fitting.js';
import { usersAtOnce } from '../folding/fold-in-everyone.js';
import { meanFoldSizes } from '../folding/mean-fold.js';
import { weightParameters } from '../folding/model-equations.js';
import {
  weighingByFlag,
  weighingFlags,
  weighingOptions,
  type WeighingOptions,
} from '../folding/weighing-options.js';
import { givenNumber, inRange } from '../given-options.js';
import { meanModel } from '../mean-model.js';
import type { Expectation, FitRun, FittedModel, GivenOptions, Model, ModelPlan } from '../model.js';
import { rankMemory } from '../rank-by-inner-product.js';
import { weighPairs, type WeighedPairs } from '../weighed-pairs.js';
import { spectralColumns, spectralMemory, spectralVectors } from './singular-vectors.js';

/** Changed whenever the same options and interactions would give other bits than before. */
const spectralAlgorithmVersion = 2;

export const spectralModel: Model = {
  name: 'spectral',
  algorithmVersion: spectralAlgorithmVersion,
  scorer: 'inner-product',
  fold: 'mean',
  epochs: 'none',
  readsOrder: false,
  isDistributable: false,
  flags: ['factors', ...weighingFlags],
  resolve: (given) => ({ factors: factorsFrom(given) ?? 'auto', ...weighingByFlag(weighingFrom(given)) }),
  dim: (options) => factorsFrom(options) ?? mostFactors,
  plan: ({ pairs }, options, seed) =>
    planSpectral(pairs, weighPairs({ pairs }, weighingFrom(options)), factorsFrom(options), seed),
};

/** undefined: by the data. */
function factorsFrom({ factors }: GivenOptions): number | undefined {
  if (factors === undefined || factors === 'auto') return undefined;
  return inRange('factors', givenNumber({ factors }, 'factors', mostFactors));
}

/** Where none are given: the most, up to a pair in a thousand, and as the root of density falls from there on. */
const mostFactors = 256;
const leastFactors = 32;
const sparse = 0.001;

function factorsFor({ byUser }: WeighedPairs, numItems: number): number {
  const { numPairs, numCells } = pairTotals(byUser, numItems);
  const wanted = 8 * Math.round((mostFactors / 8) * Math.sqrt((sparse * numCells) / numPairs));
  return Math.min(mostFactors, Math.max(leastFactors, wanted));
}

function weighingFrom(given: GivenOptions): WeighingOptions {
  return weighingOptions(given, 'binary');
}

/** Workspace and scratch of the decomposition, and of ranking and everyone's vectors afterwards. */
function spectralSizes(shape: AlsShape, factors: number): PoolSizes {
  const { input, output, beside, scratchBytes } = spectralMemory(shape, factors);
  const users = factorBytes(usersAtOnce(shape.numUsers, factors), paddedDim(factors));
  const ranking = rankMemory(shape.numItems, meanFoldSizes(factors));
  return {
    workspaceBytes: input + Math.max(beside, output + Math.max(users, ranking.workspaceBytes)),
    scratchBytes: Math.max(scratchBytes, ranking.scratchBytes),
  };
}

function requireFit(shape: AlsShape, factors: number, threads: number): void {
  const bytesOf = (dim: number): number => poolBytes({ threads, ...spectralSizes(shape, dim) });
  requireVectorsFit(shape, factors, bytesOf, '(users + items)', () => ({
    suggestions: ['leave out rare users and items: `minUserItems`, `minItemUsers`'],
    details: {},
  }));
}

function planSpectral(
  pairs: Pairs,
  weighed: WeighedPairs,
  given: number | undefined,
  seed: number,
): ModelPlan {
  const factors = given ?? factorsFor(weighed, pairs.numItems);
  const shape = alsShape(weighed.byUser, pairs.numItems);
  requireFit(shape, factors, 1);
  const sizes = spectralSizes(shape, factors);
  return {
    modelBytes: 2 * 4 * factors * pairs.numItems,
    parameters: { ...(given === undefined ? { factors } : {}), ...weightParameters(weighed.weights) },
    expectation: (threads) =>
      expectation(shape, weighed.byUser.idx.length, factors, threads, poolBytes({ threads, ...sizes })),
    fit(run) {
      requireFit(shape, factors, run.threads);
      return fitSpectral(weighed, pairs.numItems, factors, seed, sizes, run);
    },
  };
}

/** Pairs as they were read (25 bytes each), by user and by item (8 each), and normalised (4). */
const bytesPerPair = 45;
/** Measured on one thread of a shared Xeon: of a pair, product and column; of a row and column², each time; of column³, in all. */
const secondsPerPairColumn = 0.35e-9;
const secondsPerRowColumn2 = 0.06e-9;
const secondsPerColumn3 = 8e-9;

function expectation(
  { numUsers, numItems }: AlsShape,
  nnz: number,
  factors: number,
  threads: number,
  bytes: number,
): Expectation {
  const columns = spectralColumns(factors);
  const seconds =
    secondsPerPairColumn * svdProducts * nnz * columns +
    secondsPerRowColumn2 * (numUsers + svdProducts * numItems) * columns ** 2 +
    secondsPerColumn3 * columns ** 3;
  return { memoryBytes: processBytes + bytesPerPair * nnz + bytes, seconds: seconds / threads };
}

function fitSpectral(
  { byUser, weights }: WeighedPairs,
  numItems: number,
  dim: number,
  seed: number,
  sizes: PoolSizes,
  { threads, context }: FitRun,
): Promise<FittedModel> {
  return inOwnPool({ threads, ...sizes, signal: context.signal }, async (pool) => {
    const progress = (done: number): void => {
      context.onProgress({
        ...({ kind: 'step', phase: 'singular vectors', unit: 'products' } as const),
        ...{ done, total: svdProducts },
      });
    };
    progress(0);
    const vectors = await spectralVectors(pool, byUser, numItems, { dim, seed }, progress);
    return { ...meanModel(pool, vectors, { dim, weights, recency: 0 }), epochs: [] };
  });
}
