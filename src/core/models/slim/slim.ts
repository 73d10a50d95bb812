/** SLIM, as train-slim.ts makes it: a ridge per item over its nearest columns, for catalogues beyond what ease takes. */
import { inOwnPool, poolBytes, threadsThatFit, type PoolSizes } from '../../compute/pool.js';
import { gib, mostAllocatedBytes, openWorkspace } from '../../compute/workspace.js';
import type { Pairs } from '../../contracts.js';
import { AppError } from '../../errors.js';
import type { SparseRows } from '../../numeric/csr.js';
import { historyRankMemory, rankByHistory } from '../ease/rank-by-history.js';
import { processBytes } from '../fitting.js';
import { weightParameters } from '../folding/model-equations.js';
import { weighingByFlag, weighingFlags, weighingOptions } from '../folding/weighing-options.js';
import { givenNumber, inRange } from '../given-options.js';
import type {
  FitRun,
  FittedModel,
  GivenOptions,
  Model,
  ModelOptions,
  ModelPlan,
  TrainingData,
} from '../model.js';
import { itemWeightFiles, weighPairs, type WeighedPairs } from '../weighed-pairs.js';
import { settingsOf } from './slim-settings.js';
import { rankedSparse, sparseMatrixFiles, sparseScoreBytes } from './sparse-matrix.js';
import {
  mostHotItems,
  neighboursOf,
  slimAlgorithmVersion,
  slimMemory,
  trainSlim,
  type SlimSettings,
  type SlimSize,
} from './train-slim.js';

export const slimModel: Model = {
  name: 'slim',
  algorithmVersion: slimAlgorithmVersion,
  scorer: 'sparse-item-item',
  fold: 'history',
  epochs: 'none',
  readsOrder: false,
  isDistributable: false,
  flags: ['reg', 'neighbours', ...weighingFlags],
  resolve: (given) => ({
    reg: orAuto(given, 'reg', (value) => inRange('reg', value, 'slim', 1e-3)),
    neighbours: orAuto(given, 'neighbours', (value) => inRange('neighbours', value, 'slim')),
    ...weighingByFlag(weighingOptions(given, 'binary')),
  }),
  dim: () => 0,
  plan: planSlim,
};

/** 'auto' where it follows from the data. */
function orAuto(given: GivenOptions, flag: string, checked: (value: number) => number): number | 'auto' {
  return (given[flag] ?? 'auto') === 'auto' ? 'auto' : checked(givenNumber(given, flag, 0));
}

/** Workspace and scratch of training, and of ranking afterwards. */
function slimSizes(size: SlimSize, neighbours: number): PoolSizes {
  const { result, beside, scratchBytes } = slimMemory(size, neighbours);
  const ranking = historyRankMemory({ numItems: size.numItems, scoreBytes: sparseScoreBytes(size.numItems) });
  return {
    workspaceBytes: result + Math.max(beside, ranking.workspaceBytes),
    scratchBytes: Math.max(scratchBytes, ranking.scratchBytes),
  };
}

/** Pairs as they were read (25 bytes each), by user (8), scaled (4) and by item (8). */
const bytesPerPair = 45;
/** Of one thread of an Intel Xeon: a sum of a pair of entries, and a multiplication of a Cholesky factor, in f64. */
const secondsPerSum = 1.5e-9;
const secondsPerMultiplication = 1e-9;

function planSlim(data: TrainingData, options: ModelOptions): ModelPlan {
  const { pairs } = data;
  const weighed = weighPairs(data, weighingOptions(options, 'binary'));
  const { numUsers, numItems } = pairs;
  const size = { numUsers, numItems, nnz: weighed.byUser.idx.length };
  const settings = settingsOf(weighed.byUser, numItems, options, openWorkspace(0).kernels);
  const sizes = slimSizes(size, settings.neighbours);
  requireFit(weighed.byUser, pairs, settings.neighbours);
  return {
    modelBytes: 8 * numItems * neighboursOf(numItems, settings.neighbours) + 4 * numItems,
    parameters: { ...settings, ...weightParameters(weighed.weights) },
    expectation: (wanted) => {
      const threads = threadsThatFit(wanted, sizes);
      return {
        memoryBytes: processBytes + bytesPerPair * size.nnz + poolBytes({ threads, ...sizes }),
        seconds: secondsOf(weighed.byUser, numItems, settings) / threads,
      };
    },
    fit: (run) =>
      fitSlim(weighed, numItems, settings, sizes, { ...run, threads: threadsThatFit(run.threads, sizes) }),
  };
}

/** Of one thread, about: an item that is not hot is met as a neighbour as often as others are its own. */
function secondsOf(
  { numRows, indptr, idx }: SparseRows,
  numItems: number,
  { neighbours }: SlimSettings,
): number {
  const m = neighboursOf(numItems, neighbours);
  let [sums, cold] = [0, 0];
  for (let u = 0; u < numRows; u++) {
    const [from = 0, end = 0] = indptr.subarray(u, u + 2);
    sums += (end - from) ** 2;
    for (let p = from; p < end; p++) if ((idx[p] ?? 0) >= mostHotItems) cold += p - from + 1;
  }
  return (2.5 * sums + m * cold) * secondsPerSum + ((numItems * m ** 3) / 6) * secondsPerMultiplication;
}

/** AppError 'too-large' where memory does not suffice, with what would make it fit. */
function requireFit(byUser: SparseRows, { numUsers, numItems }: Pairs, neighbours: number): void {
  const nnz = byUser.idx.length;
  const bytesOf = (m: number): number =>
    poolBytes({ threads: 1, ...slimSizes({ numUsers, numItems, nnz }, m) });
  const needed = bytesOf(neighbours);
  if (needed <= mostAllocatedBytes) return;
  let fewer = neighbours - 1;
  while (fewer > 0 && bytesOf(fewer) > mostAllocatedBytes) fewer--;
  throw new AppError(
    'too-large',
    `slim on ${String(numItems)} items with ${String(neighbours)} neighbours needs ${gib(needed)} GiB (about 16 bytes × ` +
      `items × neighbours, and 16 a pair); the limit is ${gib(mostAllocatedBytes)} GiB`,
    {
      suggestions: [
        ...(fewer > 0 ? [`it fits with \`neighbours\` ${String(fewer)}`] : []),
        'leave out rare items (`minItemUsers`), or train `model` als',
      ],
      details: {
        ...{ items: numItems, bytes: needed, limit: mostAllocatedBytes },
        ...(fewer > 0 ? { neighbours: fewer } : {}),
      },
    },
  );
}

function fitSlim(
  { byUser, weights }: WeighedPairs,
  numItems: number,
  settings: SlimSettings,
  sizes: PoolSizes,
  { threads, context }: FitRun,
): Promise<FittedModel> {
  return inOwnPool({ threads, ...sizes, signal: context.signal }, async (pool) => {
    const progress = (phase: string, done: number, total: number | undefined): void => {
      context.onProgress({ kind: 'step', phase, done, total, unit: 'items' });
    };
    progress('pairs in common', 0, undefined);
    const matrix = await trainSlim(pool, byUser, numItems, settings, (done, total) => {
      progress('solving', done, total);
    });
    return {
      ...rankByHistory(pool, rankedSparse(matrix), weights),
      epochs: [],
      *files() {
        yield* sparseMatrixFiles(pool.workspace, matrix);
        yield* itemWeightFiles(weights);
      },
      userVectors: () => undefined,
      itemVectors: () => undefined,
    };
  });
}
