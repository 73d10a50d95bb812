/** Implicit alternating least squares, as train-als.ts makes it. */
import { inOwnPool, poolBytes, type PoolSizes } from '../../compute/pool.js';
import { openWorkspace, type Workspace } from '../../compute/workspace.js';
import type { Ranker } from '../../contracts.js';
import { AppError, refusedOption } from '../../errors.js';
import { npyHeader } from '../../files/npy.js';
import { transpose, type SparseRows } from '../../numeric/csr.js';
import { pairTotals, unobservedWeightOf, defaultRatio, defaultReg } from '../../numeric/pair-weights.js';
import {
  alsAlgorithmVersion,
  alsOptionsByFlag,
  equationsOf,
  resolveAlsOptions,
  type AlsOptions,
} from './als-options.js';
import { alsShape, trainAls, type AlsState } from './train-als.js';
import type { HistoryWeights } from '../folding/history-weights.js';
import { weightParameters } from '../folding/model-equations.js';
import { foldInPieces } from '../folding/fold-in-everyone.js';
import { normalEquationsFold, type UserFold } from '../folding/user-fold.js';
import {
  weighingByFlag,
  weighingFlags,
  weighingOptions,
  type WeighingOptions,
} from '../folding/weighing-options.js';
import { vectorFileChunks } from '../../compute/vector-file.js';
import { bytesOfFactors, epochHooks, processBytes, vectorsOfFactors } from '../fitting.js';
import { alsSizes, requireAlsFit } from './als-limits.js';
import { givenChoice, givenNumber } from '../given-options.js';
import type {
  Expectation,
  FitRun,
  FitState,
  FittedModel,
  GivenOptions,
  Model,
  ModelOptions,
  ModelPlan,
  TrainingData,
} from '../model.js';
import { rankByInnerProduct } from '../rank-by-inner-product.js';
import { itemWeightFiles, weighPairs, type WeighedPairs } from '../weighed-pairs.js';

export const alsModel: Model = {
  name: 'als',
  algorithmVersion: alsAlgorithmVersion,
  scorer: 'inner-product',
  fold: 'normal-equations',
  epochs: 'nested',
  readsOrder: false,
  flags: [
    ...['factors', 'epochs', 'objective', 'unobserved-ratio', 'unobserved-weight', 'reg', 'reg-exponent'],
    ...weighingFlags,
    ...['init', 'cg-steps'],
  ],
  resolve: (given) => ({
    ...alsOptionsByFlag(alsOptionsFrom(given, 0)),
    ...unobservedByFlag(given),
    ...regByFlag(given),
    ...weighingByFlag(weighingFrom(given)),
  }),
  dim: (options) => givenNumber(options, 'factors', 0),
  plan(data, options, seed) {
    const weighed = weighPairs(data, weighingFrom(options));
    return planAls(data, weighed, optionsOnceKnown(weighed, data.pairs.numItems, options, seed));
  },
};

/** With α₀ made from the ratio, and λ from α₀ and the weights where none is said. */
function optionsOnceKnown(
  { byUser }: WeighedPairs,
  numItems: number,
  options: ModelOptions,
  seed: number,
): AlsOptions {
  const said = alsOptionsFrom(options, seed);
  const totals = pairTotals(byUser, numItems);
  const ratio = givenNumber(options, 'unobserved-ratio', undefined);
  const unobservedWeight = ratio === undefined ? said.unobservedWeight : unobservedWeightOf(ratio, totals);
  if (options['reg'] !== 'auto') return { ...said, unobservedWeight };
  const { power } = openWorkspace(0).kernels;
  return { ...said, unobservedWeight, reg: defaultReg(unobservedWeight, said.regExponent, totals, power) };
}

/** Discounts that helped on all four sets of data of docs/tuning.md; Hu et al. and Rendle et al. have none. */
const defaultDiscounts = { 'item-discount': 0.2, 'user-discount': 0.1 } as const;

function weighingFrom(given: GivenOptions): WeighingOptions {
  if (given['objective'] === 'hu') return weighingOptions(given, 'linear:1');
  const said = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return weighingOptions({ ...defaultDiscounts, ...said }, 'log');
}

/** α₀, or what it is made from once the pairs are known. AppError 'bad-usage'. */
function unobservedByFlag(given: GivenOptions): ModelOptions {
  const weight = givenNumber(given, 'unobserved-weight', undefined);
  const ratio = given['unobserved-ratio'];
  if (ratio !== undefined && (weight !== undefined || given['objective'] === 'hu')) {
    const other = weight === undefined ? '`objective` hu, where α₀ is always 1' : '`unobservedWeight`';
    throw new AppError('bad-usage', `\`unobservedRatio\` determines α₀: it cannot be given with ${other}`);
  }
  if (weight !== undefined || given['objective'] === 'hu') return { 'unobserved-weight': weight ?? 1 };
  if (ratio === undefined) return { 'unobserved-ratio': defaultRatio };
  if (typeof ratio === 'number' && ratio >= 0 && ratio <= 1e6) return { 'unobserved-ratio': ratio };
  throw refusedOption('unobservedRatio', ratio, 'a number from 0 to 1000000');
}

/** 'auto' where λ is made once the pairs are known; with Hu et al.'s objective it is one number for all data. */
function regByFlag({ reg = 'auto', objective }: GivenOptions): ModelOptions {
  return reg === 'auto' && objective !== 'hu' ? { reg } : {};
}

function alsOptionsFrom(given: GivenOptions, seed: number): AlsOptions {
  return resolveAlsOptions({
    factors: givenNumber(given, 'factors', 64),
    epochs: givenNumber(given, 'epochs', 16),
    objective: givenChoice(given, 'objective', ['ials', 'hu'], 'ials'),
    unobservedWeight: givenNumber(given, 'unobserved-weight', undefined),
    reg: given['reg'] === 'auto' ? undefined : givenNumber(given, 'reg', undefined),
    regExponent: givenNumber(given, 'reg-exponent', undefined),
    init: givenChoice(given, 'init', ['svd', 'normal'], 'svd'),
    cgSteps: givenNumber(given, 'cg-steps', 2),
    seed,
  });
}

/** What a fold needs of a model that is being trained; eigenvalues change from epoch to epoch. */
function foldOf(
  options: AlsOptions,
  weights: HistoryWeights,
  numItems: number,
  eigenvalues: Float64Array,
): UserFold {
  return normalEquationsFold({
    dim: options.factors,
    numItems,
    eigenvalues,
    equations: equationsOf(options),
    weights,
  });
}

function planAls({ pairs }: TrainingData, weighed: WeighedPairs, options: AlsOptions): ModelPlan {
  const { byUser, weights } = weighed;
  const { numItems } = pairs;
  const shape = alsShape(byUser, numItems);
  const sizes = alsSizes(shape, options.factors);
  requireAlsFit(pairs, shape, options.factors, 1);
  return {
    modelBytes: 4 * options.factors * numItems + 8 * options.factors,
    parameters: {
      ...{ 'unobserved-weight': options.unobservedWeight, reg: options.reg },
      ...weightParameters(weights),
    },
    expectation: (threads) =>
      expectation(byUser, numItems, options, threads, poolBytes({ threads, ...sizes })),
    fit(run) {
      requireAlsFit(pairs, shape, options.factors, run.threads);
      return fitAls(weighed, numItems, options, sizes, run);
    },
  };
}

/** Pairs as they were read (25 bytes each) and as the solver reads them, by user, by item, and folded in (8 each). */
const bytesPerPair = 49;
/** Ids, what sorts them, and the pages of their look-ups while these are written; measured with bench/scale.ts. */
const bytesPerRow = 60;
/** Measured on one thread of an Intel Xeon with bench/train.ts: of a pair, step and dimension; of a row's rotations. */
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
    memoryBytes: processBytes + bytesPerPair * idx.length + bytesPerRow * (numUsers + numItems) + bytes,
    seconds: (epochs * (pairSeconds + rowSeconds)) / threads,
  };
}

function fitAls(
  { byUser, weights }: WeighedPairs,
  numItems: number,
  options: AlsOptions,
  sizes: PoolSizes,
  run: FitRun,
): Promise<FittedModel> {
  const { epochs: total, factors: dim } = options;
  const { threads, clock, context } = run;
  return inOwnPool({ threads, ...sizes, signal: context.signal }, async (pool) => {
    const { workspace } = pool;
    const foldAt = ({ eigenvalues }: AlsState): UserFold => foldOf(options, weights, numItems, eigenvalues);
    const rankerAt = (state: AlsState): Ranker => rankByInnerProduct(pool, state.items, foldAt(state));
    const hooks = epochHooks(total, run, (state: AlsState) => stateOf(workspace, state), rankerAt);
    const rows = { byUser, byItem: transpose(byUser, numItems) };
    const trained = await trainAls(pool, rows, options, clock, hooks);
    const { items, users, eigenvalues, epochs } = trained;
    return {
      ...rankerAt(trained),
      epochs,
      *files() {
        yield ['itemVectors', vectorFileChunks(workspace, items.address, numItems, dim)];
        const values = eigenvalues.slice(0, dim);
        yield ['eigenvalues', [npyHeader('<f8', [dim]), new Uint8Array(values.buffer)]];
        yield* itemWeightFiles(weights);
      },
      // The place of the trained users, who are not needed any more.
      userVectors: (histories, context) =>
        foldInPieces(pool, foldAt(trained), items, histories, users.address, context),
      itemVectors: () => vectorsOfFactors(workspace, items, dim),
    };
  });
}

function stateOf(workspace: Workspace, { users, items, eigenvalues }: AlsState): FitState {
  return {
    arrays: new Map([
      ['users', bytesOfFactors(workspace, users)],
      ['items', bytesOfFactors(workspace, items)],
      ['eigenvalues', new Uint8Array(eigenvalues.buffer)],
    ]),
    ofModel: ['items', 'eigenvalues'],
  };
}
