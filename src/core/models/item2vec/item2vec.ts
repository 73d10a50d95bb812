/** item2vec (Barkan & Koenigstein 2016): skip-gram with negative sampling over what was played in order. */
import { inOwnPool, poolBytes } from '../../compute/pool.js';
import { openWorkspace, type Workspace } from '../../compute/workspace.js';
import type { Pairs } from '../../contracts.js';
import { AppError } from '../../errors.js';
import { noTime } from '../../numeric/pairs.js';
import { cutSequences, pickPlays, type CutSequences } from '../../numeric/sequences.js';
import { isWanted } from '../../numeric/split-pairs.js';
import {
  checkSkipGramOptions,
  sessionGapMs,
  skipGramAlgorithmVersion,
  type SkipGramOptions,
} from './skip-gram-options.js';
import { longestSequence, type SkipGramShape } from './skip-gram-plan.js';
import { trainSkipGram, type SkipGramState } from './train-skip-gram.js';
import { historyWeights, type HistoryWeights } from '../folding/history-weights.js';
import { meanFoldSizes } from '../folding/mean-fold.js';
import { weightParameters } from '../folding/model-equations.js';
import {
  weighingByFlag,
  weighingFlags,
  weighingOptions,
  type WeighingOptions,
} from '../folding/weighing-options.js';
import { bytesOfFactors, epochHooks, processBytes } from '../fitting.js';
import { givenNumber } from '../given-options.js';
import type {
  Expectation,
  FitRun,
  FitState,
  FittedModel,
  GivenOptions,
  Model,
  ModelPlan,
  TrainingData,
} from '../model.js';
import { item2vecShape, requireItem2vecFit } from './item2vec-limits.js';
import { meanModel } from '../mean-model.js';

export const item2vecModel: Model = {
  name: 'item2vec',
  algorithmVersion: skipGramAlgorithmVersion,
  scorer: 'inner-product',
  fold: 'mean',
  epochs: 'planned',
  readsOrder: true,
  isDistributable: false,
  flags: [
    ...['factors', 'epochs', 'window', 'negatives', 'negative-exponent', 'subsample', 'learning-rate'],
    ...['session-gap', 'recency'],
    ...weighingFlags,
  ],
  resolve: (given) => ({
    ...optionsByFlag(optionsFrom(given, 0)),
    ...weighingByFlag(weighingOptions(given, defaultConfidence)),
  }),
  dim: (options) => givenNumber(options, 'factors', 0),
  plan: (data, options, seed) =>
    planItem2vec(data, optionsFrom(options, seed), weighingOptions(options, defaultConfidence)),
};

const defaultConfidence = 'log';

function optionsFrom(given: GivenOptions, seed: number): SkipGramOptions {
  const sessionGap = String(given['session-gap'] ?? '30m');
  sessionGapMs(sessionGap);
  return checkSkipGramOptions({
    factors: givenNumber(given, 'factors', 64),
    epochs: givenNumber(given, 'epochs', 16),
    window: givenNumber(given, 'window', 10),
    negatives: givenNumber(given, 'negatives', 10),
    negativeExponent: givenNumber(given, 'negative-exponent', 0.5),
    subsample: givenNumber(given, 'subsample', 0),
    learningRate: givenNumber(given, 'learning-rate', 0.05),
    sessionGap,
    recency: givenNumber(given, 'recency', 0),
    seed,
  });
}

function optionsByFlag(options: SkipGramOptions): Record<string, string | number> {
  return {
    factors: options.factors,
    epochs: options.epochs,
    window: options.window,
    negatives: options.negatives,
    'negative-exponent': options.negativeExponent,
    subsample: options.subsample,
    'learning-rate': options.learningRate,
    'session-gap': options.sessionGap,
    recency: options.recency,
  };
}

function planItem2vec(
  { pairs, sequences }: TrainingData,
  options: SkipGramOptions,
  weighing: WeighingOptions,
): ModelPlan {
  if (sequences === undefined) throw new Error('item2vec was planned without sequences');
  const plays = pickPlays(sequences, pairs, (p) => isWanted(pairs, p));
  const cut = cutSequences(plays, sessionGapMs(options.sessionGap), longestSequence, Number(noTime));
  if (cut.item.length === 0) {
    throw new AppError(
      'empty-input',
      'nothing to train on: no session has two plays, so no item has a neighbour',
      {
        suggestions: [
          `raise \`sessionGap\` (it is ${options.sessionGap})`,
          'if the times are only dates, use `sessionGap` 1d',
          'or train `model` als, which needs no order',
        ],
      },
    );
  }
  const { numItems, numUsers } = pairs;
  const weights = historyWeights(pairs, weighing, openWorkspace(0).kernels);
  const fold = meanFoldSizes(options.factors);
  const size = { numUsers, numItems, numEvents: cut.item.length };
  requireItem2vecFit(size, options, fold, 1);
  const shape = item2vecShape(size, options, fold);
  return {
    modelBytes: 2 * 4 * options.factors * numItems,
    parameters: weightParameters(weights),
    expectation: (threads) =>
      expectation(pairs, cut, options, Math.min(threads, shape.parts), poolBytes({ threads, ...shape })),
    fit(run) {
      requireItem2vecFit(size, options, fold, run.threads);
      return fitItem2vec(cut, pairs, options, weights, shape, run);
    },
  };
}

/** Pairs as they were read. */
const bytesPerPair = 25;
/** Plays in order as they were read (12), without what is left out, and cut. */
const bytesPerPlay = 28;
/** Measured on one thread of a shared Xeon, in processor time: of a pair, target and dimension. */
const secondsPerTargetDim = 1.2e-9;

function expectation(
  { item }: Pairs,
  cut: CutSequences,
  { factors, epochs, window, negatives }: SkipGramOptions,
  threads: number,
  bytes: number,
): Expectation {
  // A place meets (window + 1) / 2 neighbours a side on average, fewer at the ends.
  const numSequences = cut.offsets.length - 1;
  const reach = Math.min(window + 1, cut.item.length / numSequences);
  const pairs = cut.item.length * reach;
  return {
    memoryBytes: processBytes + bytesPerPair * item.length + bytesPerPlay * cut.item.length + bytes,
    seconds: (epochs * pairs * (1 + negatives) * factors * secondsPerTargetDim) / threads,
  };
}

function fitItem2vec(
  cut: CutSequences,
  { numItems }: Pairs,
  options: SkipGramOptions,
  weights: HistoryWeights,
  shape: SkipGramShape,
  run: FitRun,
): Promise<FittedModel> {
  const { epochs: total, factors: dim } = options;
  const { threads, clock, context } = run;
  return inOwnPool({ threads, ...shape, signal: context.signal }, async (pool) => {
    const { workspace } = pool;
    const modelOf = (state: SkipGramState) =>
      meanModel(pool, state, { dim, weights, recency: options.recency });
    const hooks = epochHooks(total, run, (state: SkipGramState) => stateOf(workspace, state), modelOf);
    const trained = await trainSkipGram(pool, shape, { numItems, ...cut }, options, clock, hooks);
    return { ...modelOf(trained), epochs: trained.epochs };
  });
}

function stateOf(workspace: Workspace, { input, output }: SkipGramState): FitState {
  return {
    arrays: new Map([
      ['input', bytesOfFactors(workspace, input)],
      ['output', bytesOfFactors(workspace, output)],
    ]),
    ofModel: ['input', 'output'],
  };
}
