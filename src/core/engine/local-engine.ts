/**
 * Training on this machine: the model, what was held out measured, and everyone's vector by fold-in. One of possibly
 * several engines; they differ in where they run, not in what they give.
 */
import { paddedDim, type Factors } from '../compute/factors.js';
import { openPool, poolBytes } from '../compute/pool.js';
import { openWorkspace, type Workspace } from '../compute/workspace.js';
import type { Pairs, TaskContext } from '../contracts.js';
import { AppError } from '../errors.js';
import { holdoutBytes, holdoutMetrics } from '../evaluation/holdout-metrics.js';
import { transpose, type SparseRows } from '../numeric/csr.js';
import { holdOut, type HeldOut } from '../numeric/holdout.js';
import { trainingRows } from '../numeric/training-rows.js';
import { confidenceFunction } from '../numeric/weighting.js';
import { equationsOf, type AlsOptions } from '../training/als-options.js';
import { alsMemory, trainAls, type EpochReport } from '../training/train-als.js';
import { foldInAll, foldInAllBytes, type FoldInModel } from '../users/fold-in.js';

export const localEngine = 'local';

/** Training data as the solver reads it, and what it will take. */
export interface TrainingPlan {
  readonly options: AlsOptions;
  /** Everything that was listened to: what users' vectors are made from. */
  readonly histories: SparseRows;
  /** What is trained on and what is held out, where a share of the pairs is. */
  readonly heldOut: HeldOut | undefined;
  readonly workspaceBytes: number;
  readonly scratchBytes: number;
}

export interface TrainedModel {
  readonly workspace: Workspace;
  /** In the eigenbasis of their Gramian. */
  readonly items: Factors;
  /** Folded in from the whole histories. */
  readonly users: Factors;
  /** [padded dim] of the items' Gramian. */
  readonly eigenvalues: Float64Array;
  readonly epochs: readonly EpochReport[];
  /** Users whose fold-in stopped at its step limit. */
  readonly unconverged: number;
  /** Measured on what was held out; empty without. */
  readonly metrics: Readonly<Record<string, number>>;
  close(): Promise<void>;
}

/** Weighs the pairs and holds a share of them out. AppError 'empty-input' where nothing is left to train on. */
export function planTraining(pairs: Pairs, options: AlsOptions, holdout: number): TrainingPlan {
  const { ln } = openWorkspace(0).kernels;
  const histories = trainingRows(pairs, confidenceFunction(options.confidence, ln));
  if (histories.idx.length === 0) {
    throw new AppError(
      'empty-input',
      'nothing to train on: every pair of user and item is a ban or weighs nothing',
    );
  }
  const heldOut = holdout > 0 ? holdOut(histories, holdout, options.seed) : undefined;
  const dim = paddedDim(options.factors);
  const memory = alsMemory(histories, pairs.numItems, options.factors);
  const twice = 2; // once to be measured, once for good
  return {
    options,
    histories,
    heldOut,
    workspaceBytes:
      memory.workspaceBytes +
      twice * foldInAllBytes(pairs.numUsers, options.factors) +
      (heldOut === undefined ? 0 : holdoutBytes(pairs.numItems, dim)),
    scratchBytes: memory.scratchBytes,
  };
}

/** What a training takes, about: to plan with, not to hold against a clock. */
export interface Expectation {
  /** Peak of the whole process while it trains. */
  readonly memoryBytes: number;
  /** Of an epoch, on cores like those that the constants were measured on. */
  readonly secondsPerEpoch: number;
}

/** Node, its libraries and what reading events leaves behind. */
const processBytes = 150e6;
/** Pairs as they were read (25 bytes each) and as the solver reads them, by user and by item (8 each). */
const bytesPerPair = 41;
/** Measured on one thread of an AMD EPYC with bench/train.ts: of a pair, step and dimension; of a row's rotations. */
const secondsPerPairStepDim = 0.6e-9;
const secondsPerRowDim2 = 0.2e-9;

export function expectation(plan: TrainingPlan, numItems: number, threads: number): Expectation {
  const { cgSteps, factors } = plan.options;
  const { numRows: numUsers, idx } = plan.histories;
  // Beside its steps an epoch forms the first residual and, at a third of that, the loss.
  const pairSeconds = secondsPerPairStepDim * idx.length * (cgSteps + 1.5) * factors;
  const rowSeconds = secondsPerRowDim2 * (numUsers + numItems) * factors ** 2;
  return {
    memoryBytes: processBytes + bytesPerPair * idx.length + poolBytes({ threads, ...plan }),
    secondsPerEpoch: (pairSeconds + rowSeconds) / threads,
  };
}

export async function trainLocally(
  plan: TrainingPlan,
  numItems: number,
  threads: number,
  clock: () => number,
  context: TaskContext,
): Promise<TrainedModel> {
  const { options, histories, heldOut } = plan;
  const byUser = heldOut?.train ?? histories;
  const pool = openPool({ threads, ...plan, signal: context.signal });
  const step = (
    phase: string,
    done: number,
    total: number | undefined,
    unit: string,
    note?: string,
  ): void => {
    context.onProgress({ kind: 'step', phase, done, total, unit, ...(note === undefined ? {} : { note }) });
  };
  try {
    step('training', 0, options.epochs, 'epochs');
    const rows = { byUser, byItem: transpose(byUser, numItems) };
    const { users, items, eigenvalues, epochs } = await trainAls(
      pool,
      rows,
      options,
      clock,
      ({ epoch, loss }) => {
        step('training', epoch, options.epochs, 'epochs', `loss ${loss.toPrecision(6)}`);
      },
    );
    const model: FoldInModel = {
      dim: options.factors,
      numItems,
      eigenvalues,
      equations: equationsOf(options),
    };
    let metrics: Record<string, number> = {};
    if (heldOut !== undefined) {
      step('measuring', 0, undefined, 'users');
      await foldInAll(pool, model, items, heldOut.train, users);
      metrics = await holdoutMetrics(pool, users, items, heldOut, options.seed);
    }
    step('user vectors', 0, undefined, 'users');
    const unconverged = await foldInAll(pool, model, items, histories, users);
    const close = (): Promise<void> => pool.close();
    return { workspace: pool.workspace, items, users, eigenvalues, epochs, unconverged, metrics, close };
  } catch (error) {
    await pool.close();
    throw error;
  }
}
