/** The normalised matrix of users and items, cut to its strongest singular vectors: singular-vectors.ts. */
import { allocateFactors, factorBytes, paddedDim } from '../../compute/factors.js';
import { inOwnPool, poolBytes, type PoolSizes } from '../../compute/pool.js';
import { svdProducts } from '../../compute/randomized-svd.js';
import { vectorFileChunks } from '../../compute/vector-file.js';
import type { Pairs } from '../../contracts.js';
import { alsShape, type AlsShape } from '../als/train-als.js';
import { processBytes, requireVectorsFit, vectorsOfFactors } from '../fitting.js';
import { foldInPieces, usersAtOnce } from '../folding/fold-in-everyone.js';
import { factorInputs, meanFold, meanFoldSizes } from '../folding/mean-fold.js';
import { weightParameters } from '../folding/model-equations.js';
import {
  weighingByFlag,
  weighingFlags,
  weighingOptions,
  type WeighingOptions,
} from '../folding/weighing-options.js';
import { givenNumber, inRange } from '../given-options.js';
import type { Expectation, FitRun, FittedModel, GivenOptions, Model, ModelPlan } from '../model.js';
import { rankByInnerProduct, rankMemory } from '../rank-by-inner-product.js';
import { itemWeightFiles, weighPairs, type WeighedPairs } from '../weighed-pairs.js';
import { spectralColumns, spectralMemory, spectralVectors } from './singular-vectors.js';

/** Changed whenever the same options and interactions would give other bits than before. */
const spectralAlgorithmVersion = 1;

export const spectralModel: Model = {
  name: 'spectral',
  algorithmVersion: spectralAlgorithmVersion,
  scorer: 'inner-product',
  fold: 'mean',
  epochs: 'none',
  readsOrder: false,
  isDistributable: false,
  flags: ['factors', ...weighingFlags],
  resolve: (given) => ({ factors: factorsFrom(given), ...weighingByFlag(weighingFrom(given)) }),
  dim: (options) => givenNumber(options, 'factors', 0),
  plan: ({ pairs }, options, seed) =>
    planSpectral(pairs, weighPairs({ pairs }, weighingFrom(options)), factorsFrom(options), seed),
};

function factorsFrom(given: GivenOptions): number {
  return inRange('factors', givenNumber(given, 'factors', 256));
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

function planSpectral(pairs: Pairs, weighed: WeighedPairs, factors: number, seed: number): ModelPlan {
  const shape = alsShape(weighed.byUser, pairs.numItems);
  requireFit(shape, factors, 1);
  const sizes = spectralSizes(shape, factors);
  return {
    modelBytes: 2 * 4 * factors * pairs.numItems,
    parameters: weightParameters(weighed.weights),
    expectation: (threads) =>
      expectation(shape, weighed.byUser.idx.length, factors, threads, poolBytes({ threads, ...sizes })),
    fit(run) {
      requireFit(shape, factors, run.threads);
      return fitSpectral(weighed, pairs.numItems, factors, seed, sizes, run);
    },
  };
}

/** Pairs as they were read (25 bytes each), and by user and by item (8 each). */
const bytesPerPair = 41;
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
    const { workspace } = pool;
    const progress = (done: number): void => {
      context.onProgress({
        ...({ kind: 'step', phase: 'singular vectors', unit: 'products' } as const),
        ...{ done, total: svdProducts },
      });
    };
    progress(0);
    const { input, output } = await spectralVectors(pool, byUser, numItems, { dim, seed }, progress);
    const fold = meanFold({ dim, weights, recency: 0, inputs: factorInputs(workspace, input) });
    return {
      ...rankByInnerProduct(pool, output, fold),
      epochs: [],
      *files() {
        yield ['itemVectors', vectorFileChunks(workspace, output.address, numItems, dim)];
        yield ['inputVectors', vectorFileChunks(workspace, input.address, numItems, dim)];
        yield* itemWeightFiles(weights);
      },
      userVectors(histories, context) {
        const place = allocateFactors(workspace, usersAtOnce(histories.numUsers, dim), output.dim);
        return foldInPieces(pool, fold, output, histories, place.address, context);
      },
      itemVectors: () => vectorsOfFactors(workspace, output, dim),
    };
  });
}
