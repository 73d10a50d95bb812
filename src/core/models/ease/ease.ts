/** EASE, as train-ease.ts makes it: an item × item matrix in closed form, for catalogues that fit. */
import { inOwnPool, poolBytes, threadsThatFit, type PoolSizes } from '../../compute/pool.js';
import { gib, mostAllocatedBytes } from '../../compute/workspace.js';
import type { Pairs } from '../../contracts.js';
import { AppError } from '../../errors.js';
import { transpose, type SparseRows } from '../../numeric/csr.js';
import { easeAlgorithmVersion, easeForm, easeMemory, easeWork, trainEase } from './train-ease.js';
import { weightParameters } from '../folding/model-equations.js';
import {
  weighingByFlag,
  weighingFlags,
  weighingOptions,
  type WeighingOptions,
} from '../folding/weighing-options.js';
import {
  denseScoreBytes,
  rankedDense,
  similarityChunkBytes,
  similarityFileChunks,
} from './similarity-matrix.js';
import { processBytes } from '../fitting.js';
import { givenNumber, inRange } from '../given-options.js';
import type { FitRun, FittedModel, GivenOptions, Model, ModelPlan, TrainingData } from '../model.js';
import { historyRankMemory, rankByHistory } from './rank-by-history.js';
import { itemWeightFiles, weighPairs, type WeighedPairs } from '../weighed-pairs.js';

export const easeModel: Model = {
  name: 'ease',
  algorithmVersion: easeAlgorithmVersion,
  scorer: 'item-item',
  fold: 'history',
  epochs: 'none',
  readsOrder: false,
  isDistributable: false,
  flags: ['reg', ...weighingFlags],
  resolve(given) {
    const { reg, weighing } = easeOptionsFrom(given);
    return { reg, ...weighingByFlag(weighing) };
  },
  dim: () => 0,
  plan: (data, options) => planEase(data, easeOptionsFrom(options)),
};

interface EaseOptions {
  /** λ. */
  readonly reg: number;
  /** What the entries of X are; a dislike's is negative. */
  readonly weighing: WeighingOptions;
}

function easeOptionsFrom(given: GivenOptions): EaseOptions {
  const reg = inRange('reg', givenNumber(given, 'reg', 150), 'ease', 1e-3);
  return { reg, weighing: weighingOptions(given, 'binary') };
}

/** Workspace and scratch of training, and of ranking and writing afterwards. */
function easeSizes(numUsers: number, numItems: number, nnz: number): PoolSizes {
  const { result, beside, scratchBytes } = easeMemory({ numUsers, numItems, nnz });
  const ranking = historyRankMemory({ numItems, scoreBytes: denseScoreBytes });
  const after = Math.max(ranking.workspaceBytes, similarityChunkBytes(numItems));
  return {
    workspaceBytes: result + Math.max(beside, after),
    scratchBytes: Math.max(scratchBytes, ranking.scratchBytes),
  };
}

/** Pairs as they were read (25 bytes each), and by user and by item (8 each). */
const bytesPerPair = 41;
/** Multiplications in f64, each with its addition, of one thread of an Intel Xeon. */
const multiplicationsPerSecond = 6e9;
/** Of a pair of items: its memory is first touched, turned, and rounded. */
const secondsPerCell = 8e-9;

function planEase(data: TrainingData, options: EaseOptions): ModelPlan {
  const { pairs } = data;
  const weighed = weighPairs(data, options.weighing);
  const { byUser } = weighed;
  const parameters = weightParameters(weighed.weights);
  const { numUsers, numItems } = pairs;
  const nnz = byUser.idx.length;
  const sizes = easeSizes(numUsers, numItems, nnz);
  requireFit(byUser, pairs);
  return {
    modelBytes: 4 * numItems ** 2,
    ...(Object.keys(parameters).length === 0 ? {} : { parameters }),
    expectation: (wanted) => {
      const threads = threadsThatFit(wanted, sizes);
      const size = { numUsers, numItems, nnz };
      return {
        memoryBytes: processBytes + bytesPerPair * nnz + poolBytes({ threads, ...sizes }),
        seconds:
          (easeWork(size, easeForm(size)) / multiplicationsPerSecond + secondsPerCell * numItems ** 2) /
          threads,
      };
    },
    fit: (run) =>
      fitEase(weighed, numItems, options.reg, sizes, { ...run, threads: threadsThatFit(run.threads, sizes) }),
  };
}

/** AppError 'too-large' where memory does not suffice, with the least --min-item-users that makes it fit. */
function requireFit(byUser: SparseRows, { numUsers, numItems }: Pairs): void {
  const bytesOf = (items: number, nnz: number): number =>
    poolBytes({ threads: 1, ...easeSizes(numUsers, items, nnz) });
  const needed = bytesOf(numItems, byUser.idx.length);
  if (needed <= mostAllocatedBytes) return;
  const users = new Uint32Array(numItems);
  for (const item of byUser.idx) users[item] = (users[item] ?? 0) + 1;
  let [least, items, nnz] = [1, numItems, byUser.idx.length];
  while (items > 0 && bytesOf(items, nnz) > mostAllocatedBytes) {
    least++;
    const kept = users.filter((count) => count >= least);
    [items, nnz] = [kept.length, kept.reduce((sum, count) => sum + count, 0)];
  }
  throw new AppError(
    'too-large',
    `ease on ${String(numItems)} items needs ${gib(needed)} GiB (about 4 bytes × items²); the limit is ${gib(mostAllocatedBytes)} GiB`,
    {
      suggestions: [
        ...(items > 0 ? [`\`minItemUsers\` ${String(least)} keeps ${String(items)} items, which fit`] : []),
        'or train `model` als, whose memory grows with the number of items, not its square',
      ],
      details: {
        ...{ items: numItems, bytes: needed, limit: mostAllocatedBytes },
        ...(items > 0 ? { minItemUsers: least, fittingItems: items } : {}),
      },
    },
  );
}

function fitEase(
  { byUser, weights }: WeighedPairs,
  numItems: number,
  reg: number,
  sizes: PoolSizes,
  { threads, context }: FitRun,
): Promise<FittedModel> {
  return inOwnPool({ threads, ...sizes, signal: context.signal }, async (pool) => {
    const rows = { byUser, byItem: transpose(byUser, numItems) };
    const progress = (phase: string, done: number, total: number | undefined): void => {
      context.onProgress({ kind: 'step', phase, done, total, unit: 'tile rows' });
    };
    progress('pairs in common', 0, undefined);
    const address = await trainEase(pool, rows, reg, progress);
    const matrix = { address, numItems };
    return {
      ...rankByHistory(pool, rankedDense(matrix), weights),
      epochs: [],
      *files() {
        yield ['similarity', similarityFileChunks(pool.workspace, matrix)];
        yield* itemWeightFiles(weights);
      },
      userVectors: () => undefined,
      itemVectors: () => undefined,
    };
  });
}
