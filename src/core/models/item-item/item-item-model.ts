/** A model that is an item × item matrix in closed form: what training it needs and leaves, whichever it is. */
import {
  inOwnPool,
  poolBytes,
  threadsThatFit,
  type ComputePool,
  type PoolSizes,
} from '../../compute/pool.js';
import type { ModelFile } from '../../contracts.js';
import type { SparseRows } from '../../numeric/csr.js';
import { processBytes } from '../fitting.js';
import { weightParameters } from '../folding/model-equations.js';
import { weighingByFlag, weighingFlags, weighingOptions } from '../folding/weighing-options.js';
import type { Model, ModelOptions } from '../model.js';
import { itemWeightFiles, weighPairs } from '../weighed-pairs.js';
import { historyRankMemory, rankByHistory, type RankedMatrix } from './rank-by-history.js';

/** What decides the size of a training. */
export interface TrainingSize {
  readonly numUsers: number;
  readonly numItems: number;
  /** Pairs that weigh something. */
  readonly nnz: number;
}

/** Bytes of workspace that hold the result, that training takes beside it and gives back, and of scratch a thread. */
export interface TrainingMemory {
  readonly result: number;
  readonly beside: number;
  readonly scratchBytes: number;
}

/** Of one set of pairs. */
export interface MatrixPlan {
  readonly modelBytes: number;
  /** What was taken from the data, beside what weighs pairs. */
  readonly parameters?: ModelOptions;
  readonly sizes: PoolSizes;
  /** Outside of kernel memory. */
  readonly bytesPerPair: number;
  /** Of one thread, about. */
  seconds(): number;
  readonly unit: string;
  /** The matrix, in the pool's memory. */
  train(
    pool: ComputePool,
    onStep: (phase: string, done: number, total: number) => void,
  ): Promise<RankedMatrix>;
  files(pool: ComputePool, matrix: RankedMatrix): Iterable<readonly [ModelFile, Iterable<Uint8Array>]>;
}

/** What writing the matrix or ranking by it takes follows training in the same memory. */
export function matrixSizes(
  { result, beside, scratchBytes }: TrainingMemory,
  numItems: number,
  writingBytes = 0,
): PoolSizes {
  const ranking = historyRankMemory(numItems);
  return {
    workspaceBytes: result + Math.max(beside, ranking.workspaceBytes, writingBytes),
    scratchBytes: Math.max(scratchBytes, ranking.scratchBytes),
  };
}

/**
 * Pairs are weighed as `binary` by default; a dislike is negative.
 * @param plan AppError 'too-large' where memory does not suffice
 */
export function itemItemModel(
  { flags, resolve, ...model }: Pick<Model, 'name' | 'algorithmVersion' | 'scorer' | 'flags' | 'resolve'>,
  plan: (byUser: SparseRows, size: TrainingSize, options: ModelOptions) => MatrixPlan,
): Model {
  return {
    ...model,
    ...({ fold: 'history', epochs: 'none', readsOrder: false, isDistributable: false } as const),
    flags: [...flags, ...weighingFlags],
    resolve: (given) => ({ ...resolve(given), ...weighingByFlag(weighingOptions(given, 'binary')) }),
    dim: () => 0,
    plan(data, options) {
      const { byUser, weights } = weighPairs(data, weighingOptions(options, 'binary'));
      const { numUsers, numItems } = data.pairs;
      const size = { numUsers, numItems, nnz: byUser.idx.length };
      const { sizes, modelBytes, unit, ...own } = plan(byUser, size, options);
      const parameters = { ...own.parameters, ...weightParameters(weights) };
      return {
        modelBytes,
        ...(Object.keys(parameters).length === 0 ? {} : { parameters }),
        expectation(wanted) {
          const threads = threadsThatFit(wanted, sizes);
          return {
            memoryBytes: processBytes + own.bytesPerPair * size.nnz + poolBytes({ threads, ...sizes }),
            seconds: own.seconds() / threads,
          };
        },
        fit({ context, ...run }) {
          const threads = threadsThatFit(run.threads, sizes);
          return inOwnPool({ threads, ...sizes, signal: context.signal }, async (pool) => {
            const progress = (phase: string, done: number, total: number | undefined): void => {
              context.onProgress({ kind: 'step', phase, done, total, unit });
            };
            progress('pairs in common', 0, undefined);
            const matrix = await own.train(pool, progress);
            return {
              ...rankByHistory(pool, matrix, weights),
              epochs: [],
              *files() {
                yield* own.files(pool, matrix);
                yield* itemWeightFiles(weights);
              },
              userVectors: () => undefined,
              itemVectors: () => undefined,
            };
          });
        },
      };
    },
  };
}
