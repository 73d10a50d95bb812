/** Implicit alternating least squares, as training/train-als.ts makes it. */
import type { Factors } from '../compute/factors.js';
import { openPool, poolBytes } from '../compute/pool.js';
import { openWorkspace, type Workspace } from '../compute/workspace.js';
import { AppError } from '../errors.js';
import { npyHeader } from '../files/npy.js';
import { transpose, type SparseRows } from '../numeric/csr.js';
import { trainingRows } from '../numeric/training-rows.js';
import { confidenceFunction } from '../numeric/weighting.js';
import {
  alsAlgorithmVersion,
  alsOptionsByFlag,
  equationsOf,
  resolveAlsOptions,
  type AlsOptions,
} from '../training/als-options.js';
import { alsMemory, trainAls, type AlsState } from '../training/train-als.js';
import { foldInAllBytes } from '../users/fold-in.js';
import { normalEquationsFold, type UserFold } from '../users/user-fold.js';
import { vectorFileChunks } from '../vectors/vector-file.js';
import { givenChoice, givenNumber, givenText } from './given-options.js';
import type {
  Expectation,
  FitRun,
  FitState,
  FittedModel,
  GivenOptions,
  Model,
  ModelPlan,
  TrainingData,
} from './model.js';
import { rankByInnerProduct, rankMemory } from './rank-by-inner-product.js';

export const alsModel: Model = {
  name: 'als',
  algorithmVersion: alsAlgorithmVersion,
  scorer: 'inner-product',
  fold: 'normal-equations',
  epochs: 'nested',
  flags: [
    ...['factors', 'epochs', 'objective', 'unobserved-weight', 'confidence', 'reg', 'reg-exponent'],
    ...['init', 'cg-steps'],
  ],
  resolve: (given) => alsOptionsByFlag(alsOptionsFrom(given, 0)),
  dim: (options) => givenNumber(options, 'factors', 0),
  plan: (data, options, seed) => planAls(data, alsOptionsFrom(options, seed)),
};

function alsOptionsFrom(given: GivenOptions, seed: number): AlsOptions {
  return resolveAlsOptions({
    factors: givenNumber(given, 'factors', 64),
    epochs: givenNumber(given, 'epochs', 16),
    objective: givenChoice(given, 'objective', ['ials', 'hu'], 'ials'),
    unobservedWeight: givenNumber(given, 'unobserved-weight', undefined),
    confidence: givenText(given, 'confidence', undefined),
    reg: givenNumber(given, 'reg', undefined),
    regExponent: givenNumber(given, 'reg-exponent', undefined),
    init: givenChoice(given, 'init', ['svd', 'normal'], 'svd'),
    cgSteps: givenNumber(given, 'cg-steps', 2),
    seed,
  });
}

/** What a fold needs of a model that is being trained; eigenvalues change from epoch to epoch. */
function foldOf(options: AlsOptions, numItems: number, eigenvalues: Float64Array): UserFold {
  return normalEquationsFold({
    dim: options.factors,
    numItems,
    eigenvalues,
    equations: equationsOf(options),
  });
}

function planAls({ pairs }: TrainingData, options: AlsOptions): ModelPlan {
  const { ln } = openWorkspace(0).kernels;
  const byUser = trainingRows(pairs, confidenceFunction(options.confidence, ln));
  if (byUser.idx.length === 0) {
    throw new AppError(
      'empty-input',
      'nothing to train on: every pair of user and item is a ban or weighs nothing',
    );
  }
  const { numItems, numUsers } = pairs;
  const memory = alsMemory(byUser, numItems, options.factors);
  const ranking = rankMemory(numItems, foldOf(options, numItems, new Float64Array(options.factors)));
  const sizes = {
    workspaceBytes:
      memory.workspaceBytes + Math.max(foldInAllBytes(numUsers, options.factors), ranking.workspaceBytes),
    scratchBytes: Math.max(memory.scratchBytes, ranking.scratchBytes),
  };
  return {
    modelBytes: 4 * options.factors * numItems + 8 * options.factors,
    expectation: (threads) =>
      expectation(byUser, numItems, options, threads, poolBytes({ threads, ...sizes })),
    fit: (run) => fitAls(byUser, numItems, options, sizes, run),
  };
}

/** Node, its libraries and what reading events leaves behind. */
const processBytes = 150e6;
/** Pairs as they were read (25 bytes each) and as the solver reads them, by user and by item (8 each). */
const bytesPerPair = 41;
/** Measured on one thread of an AMD EPYC with bench/train.ts: of a pair, step and dimension; of a row's rotations. */
const secondsPerPairStepDim = 0.6e-9;
const secondsPerRowDim2 = 0.2e-9;

function expectation(
  { idx, numRows: numUsers }: SparseRows,
  numItems: number,
  { cgSteps, factors, epochs }: AlsOptions,
  threads: number,
  bytes: number,
): Expectation {
  // Beside its steps an epoch forms the first residual and, at a third of that, the loss.
  const pairSeconds = secondsPerPairStepDim * idx.length * (cgSteps + 1.5) * factors;
  const rowSeconds = secondsPerRowDim2 * (numUsers + numItems) * factors ** 2;
  return {
    memoryBytes: processBytes + bytesPerPair * idx.length + bytes,
    seconds: (epochs * (pairSeconds + rowSeconds)) / threads,
  };
}

async function fitAls(
  byUser: SparseRows,
  numItems: number,
  options: AlsOptions,
  sizes: { readonly workspaceBytes: number; readonly scratchBytes: number },
  { threads, clock, context, resume, afterEpoch }: FitRun,
): Promise<FittedModel> {
  const { epochs: total, factors: dim } = options;
  const pool = openPool({ threads, ...sizes, signal: context.signal });
  const { workspace } = pool;
  const foldAt = ({ eigenvalues }: AlsState): UserFold => foldOf(options, numItems, eigenvalues);
  const progress = (done: number, note?: string): void => {
    const step = { kind: 'step', phase: 'training', done, total, unit: 'epochs' } as const;
    context.onProgress(note === undefined ? step : { ...step, note });
  };
  try {
    progress(0);
    const rows = { byUser, byItem: transpose(byUser, numItems) };
    const trained = await trainAls(pool, rows, options, clock, {
      resume: (state) => resume?.(bytesOf(workspace, state)) ?? [],
      async afterEpoch(report, state) {
        if (afterEpoch !== undefined) {
          const ranker = rankByInnerProduct(pool, state.items, foldAt(state));
          return afterEpoch(report, ranker, bytesOf(workspace, state));
        }
        progress(report.epoch, `loss ${report.loss.toPrecision(6)}`);
        return true;
      },
    });
    const { items, users, eigenvalues, epochs } = trained;
    const fold = foldAt(trained);
    return {
      ...rankByInnerProduct(pool, items, fold),
      epochs,
      *files() {
        yield ['itemVectors', vectorFileChunks(workspace, items.address, numItems, dim)];
        const values = eigenvalues.slice(0, dim);
        yield ['eigenvalues', [npyHeader('<f8', [dim]), new Uint8Array(values.buffer)]];
      },
      async userVectors(histories) {
        const place = { ...users, numRows: histories.numUsers };
        return { workspace, users: place, unconverged: await fold.all(pool, items, histories, place) };
      },
      close: () => pool.close(),
    };
  } catch (error) {
    await pool.close();
    throw error;
  }
}

function bytesOf(workspace: Workspace, { users, items, eigenvalues }: AlsState): FitState {
  const side = ({ address, numRows, dim }: Factors): Uint8Array => workspace.u8(address, numRows * dim * 4);
  return {
    arrays: new Map([
      ['users', side(users)],
      ['items', side(items)],
      ['eigenvalues', new Uint8Array(eigenvalues.buffer)],
    ]),
    ofModel: ['items', 'eigenvalues'],
  };
}
