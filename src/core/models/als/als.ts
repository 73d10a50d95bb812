/** Implicit alternating least squares, by train-als.ts or by partial-sums.ts. */
import { closing } from '../../closers.js';
import { allocateFactors, paddedDim, type Factors } from '../../compute/factors.js';
import { inOwnPool, openPool, poolBytes, type ComputePool, type PoolSizes } from '../../compute/pool.js';
import { storedPieces, type StoredRows } from '../../compute/stored-rows.js';
import { gib, mostAllocatedBytes, openWorkspace, type Workspace } from '../../compute/workspace.js';
import type { EpochReport, Pairs, Ranker } from '../../contracts.js';
import { AppError } from '../../errors.js';
import { collectGarbage } from '../../files/machine-memory.js';
import { npyHeader } from '../../files/npy.js';
import { transpose } from '../../numeric/csr.js';
import { pairTotals, unobservedWeightOf, defaultRatio, defaultReg } from '../../numeric/pair-weights.js';
import {
  alsAlgorithmVersion,
  alsOptionsByFlag,
  equationsOf,
  resolveAlsOptions,
  type AlsOptions,
} from './als-options.js';
import {
  groupSizes,
  partialSumsVersion,
  storedBytesOf,
  trainByPartialSums,
  type PartialSumsState,
  type PartialSumsTraining,
} from './partial-sums.js';
import { alsShape, trainAls, type AlsShape, type AlsState } from './train-als.js';
import { itemFeatures, trainedFeatures, type TrainedFeatures } from '../features/trained-features.js';
import type { HistoryWeights } from '../folding/history-weights.js';
import { weightParameters } from '../folding/model-equations.js';
import { foldInPieces, usersAtOnce } from '../folding/fold-in-everyone.js';
import { normalEquationsFold, type UserFold } from '../folding/user-fold.js';
import {
  weighingByFlag,
  weighingFlags,
  weighingOptions,
  type WeighingOptions,
} from '../folding/weighing-options.js';
import { vectorFileChunks } from '../../compute/vector-file.js';
import { bytesOfFactors, epochHooks, processBytes, vectorsOfFactors } from '../fitting.js';
import {
  alsSizes,
  bytesInMemory,
  fitsInMemory,
  passBytes,
  partialSumsSizes,
  requireAlsFit,
  requireItemsFit,
} from './als-limits.js';
import { givenChoice, givenNumber, inRange } from '../given-options.js';
import type {
  EpochHooks,
  Expectation,
  FitRun,
  FitState,
  FittedModel,
  GivenOptions,
  Model,
  ModelOptions,
  ModelPlan,
  Solver,
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
  isDistributable: true,
  flags: [
    ...['factors', 'epochs', 'objective', 'unobserved-ratio', 'unobserved-weight', 'reg', 'reg-exponent'],
    ...weighingFlags,
    ...['init', 'cg-steps', 'solver', itemFeatures],
  ],
  resolve: (given) => ({
    ...alsOptionsByFlag(alsOptionsFrom(given, 0)),
    ...unobservedByFlag(given),
    ...regByFlag(given),
    ...weighingByFlag(weighingFrom(given)),
    ...featuresByFlag(given),
  }),
  dim: (options) => givenNumber(options, 'factors', 0),
  plan(data, options, seed, solver) {
    const weighed = weighPairs(data, weighingFrom(options));
    const { numItems } = data.pairs;
    const asked = options[itemFeatures];
    const features = asked === undefined ? undefined : trainedFeatures(String(asked), data.items, numItems);
    return planAls(data, weighed, optionsOnceKnown(weighed, numItems, options, seed), features, solver);
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

/** Discounts that helped on all four sets of data of docs/internals/tuning.md; Hu et al. and Rendle et al. have none. */
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
  return { 'unobserved-ratio': inRange('unobservedRatio', Number(ratio)) };
}

/** 'auto' where λ is made once the pairs are known; with Hu et al.'s objective it is one number for all data. */
function regByFlag({ reg = 'auto', objective }: GivenOptions): ModelOptions {
  return reg === 'auto' && objective !== 'hu' ? { reg } : {};
}

/** The names in one order, so that the same columns give the same id. */
function featuresByFlag({ [itemFeatures]: asked }: GivenOptions): ModelOptions {
  if (asked === undefined) return {};
  const names = String(asked)
    .split(',')
    .map((name) => name.trim());
  return { [itemFeatures]: [...new Set(names)].sort().join(',') };
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

/** What is planned and trained: the weighed pairs, and the options once the data is known. */
interface AlsData {
  readonly features: TrainedFeatures | undefined;
  readonly pairs: Pairs;
  readonly weighed: WeighedPairs;
  readonly shape: AlsShape;
  readonly options: AlsOptions;
}

function planAls(
  { pairs }: TrainingData,
  weighed: WeighedPairs,
  options: AlsOptions,
  features: TrainedFeatures | undefined,
  asked: Solver | undefined,
): ModelPlan {
  const { numItems } = pairs;
  const shape = alsShape(weighed.byUser, numItems, features !== undefined);
  const data = { pairs, features, weighed, shape, options };
  const fits = fitsInMemory(shape, options.factors);
  if (features !== undefined && asked === 'partial-sums') {
    throw new AppError('bad-usage', '`itemFeatures` does not apply to `solver` partial-sums', {
      suggestions: ['leave one of the two out'],
    });
  }
  const solver = asked ?? (fits || features !== undefined ? 'in-memory' : 'partial-sums');
  return {
    modelBytes: 4 * options.factors * numItems + 8 * options.factors,
    parameters: {
      ...{ 'unobserved-weight': options.unobservedWeight, reg: options.reg },
      ...weightParameters(weighed.weights),
      ...(features === undefined ? {} : { [itemFeatures]: features.columns.join(',') }),
    },
    ...(solver === 'in-memory' ? planInMemory(data) : planPartialSums(data, asked === undefined)),
  };
}

/** What the solvers differ by. */
type SolverPlan = Pick<ModelPlan, 'solver' | 'expectation' | 'passes' | 'fit'>;

function planInMemory(data: AlsData): SolverPlan {
  const { pairs, features, shape, options } = data;
  const sizes = alsSizes(shape, options.factors);
  requireAlsFit(pairs, shape, options.factors, 1);
  return {
    solver: { name: 'in-memory', engine: { name: 'local', algorithmVersion: alsAlgorithmVersion } },
    expectation: (threads) => expectation(data, threads, poolBytes({ threads, ...sizes })),
    passes: passBytes(shape, options, { users: shape.numUsers, items: shape.numItems }),
    fit(run) {
      requireAlsFit(pairs, shape, options.factors, run.threads);
      if (features !== undefined) run.context.onProgress({ kind: 'note', message: features.note });
      return fitInMemory(data, sizes, run);
    },
  };
}

function planPartialSums(data: AlsData, isChosenBySize: boolean): SolverPlan {
  const { shape, options } = data;
  const { numUsers, numItems } = shape;
  requireItemsFit(shape, options.factors);
  const { training } = partialSumsSizes(shape, options.factors);
  const bytes = (threads: number): number =>
    poolBytes({ threads, ...training }) + storedBytesOf(shape, options.factors);
  const remark =
    `the vectors of ${numUsers} users and ${numItems} items need ` +
    `${gib(bytesInMemory(shape, options.factors))} GiB, more than the ${gib(mostAllocatedBytes)} GiB that the ` +
    'in-memory solver can address: training by partial sums';
  return {
    solver: {
      name: 'partial-sums',
      engine: { name: 'partial-sums', algorithmVersion: partialSumsVersion },
      ...(isChosenBySize ? { remark } : {}),
    },
    expectation: (threads) => expectation(data, threads, bytes(threads)),
    passes: passBytes(shape, options, groupSizes(shape, paddedDim(options.factors))),
    fit: (run) => fitByPartialSums(data, run),
  };
}

/** Pairs as they were read (25 bytes each) and as the solver reads them, by user, by item, and folded in (8 each). */
const bytesPerPair = 49;
/** Beside the bytes of ids: offsets, positions, what sorts ids, the pages of their look-ups as these are written; see bench/scale.ts. */
const bytesPerRow = 50;
/** Measured on one thread of an Intel Xeon with bench/train.ts: of a pair, step and dimension; of a row's rotations. */
const secondsPerPairStepDim = 0.6e-9;
const secondsPerRowDim2 = 0.2e-9;
const secondsPerMapEntryDim = 3e-9;

function expectation(
  { weighed: { byUser }, shape: { numUsers, numItems }, options, features }: AlsData,
  threads: number,
  bytes: number,
): Expectation {
  const { idx } = byUser;
  const { cgSteps, factors, epochs } = options;
  // Beside its steps an epoch forms the first residual and, at a third of that, the loss.
  const pairSeconds = secondsPerPairStepDim * idx.length * (cgSteps + 1.5) * factors;
  const rowSeconds = secondsPerRowDim2 * (numUsers + numItems) * factors ** 2;
  // Of the map: its rows and their transposes, its factor, and twice its vectors; on one thread.
  const mapEntries = features === undefined ? 0 : features.rows.idx.length;
  const mapBytes = 64 * mapEntries + 16 * factors * (features?.numFeatures ?? 0);
  const mapSeconds = secondsPerMapEntryDim * mapEntries * factors;
  return {
    memoryBytes:
      processBytes + bytesPerPair * idx.length + bytesPerRow * (numUsers + numItems) + bytes + mapBytes,
    seconds: epochs * ((pairSeconds + rowSeconds) / threads + mapSeconds),
  };
}

function fitInMemory(
  { pairs: { numItems }, features, weighed: { byUser, weights }, options }: AlsData,
  sizes: PoolSizes,
  run: FitRun,
): Promise<FittedModel> {
  const { threads, clock, context } = run;
  return inOwnPool(
    { threads, ...sizes, signal: context.signal },
    async (pool) => {
      const { workspace } = pool;
      const rankerAt = ({ items, eigenvalues }: AlsState): Ranker =>
        rankByInnerProduct(pool, items, foldOf(options, weights, numItems, eigenvalues));
      const hooks = epochHooks(options.epochs, run, (state: AlsState) => stateOf(workspace, state), rankerAt);
      const rows = { byUser, byItem: transpose(byUser, numItems), features };
      const { items, users, eigenvalues, epochs } = await trainAls(pool, rows, options, clock, hooks);
      // The users' vectors are folded in anew, in the place of those that were trained.
      return fittedAls(pool, { items, eigenvalues, epochs, usersAt: () => users.address }, weights, options);
    },
    run.openPool,
  );
}

/** Trains in one pool, which gives its memory back, and opens another one for what follows. */
async function fitByPartialSums(data: AlsData, run: FitRun): Promise<FittedModel> {
  const { shape, weighed, options } = data;
  const { threads, context } = run;
  const { after } = partialSumsSizes(shape, options.factors);
  const { items: stored, eigenvalues, epochs } = await learnByPartialSums(data, run);
  collectGarbage();
  return inOwnPool(
    { threads, ...after, signal: context.signal },
    (pool) => {
      const { workspace } = pool;
      const dim = paddedDim(options.factors);
      const items = allocateFactors(workspace, stored.numRows, dim);
      for (const { from, values } of storedPieces(stored))
        workspace.f32(items.address + from * dim * 4, values.length).set(values);
      const usersAt = (numRows: number): number => allocateFactors(workspace, numRows, dim).address;
      return Promise.resolve(
        fittedAls(pool, { items, eigenvalues, epochs, usersAt }, weighed.weights, options),
      );
    },
    run.openPool,
  );
}

/** Only what is needed of it afterwards: the users' vectors go. */
async function learnByPartialSums(
  { pairs: { numItems }, shape, weighed: { byUser, weights }, options }: AlsData,
  run: FitRun,
): Promise<{ items: StoredRows; eigenvalues: Float64Array; epochs: readonly EpochReport[] }> {
  const { threads, clock, context } = run;
  const { training } = partialSumsSizes(shape, options.factors);
  return closing(
    (run.openPool ?? openPool)({ threads, ...training, signal: context.signal }),
    async (pool) => {
      const hooks = ({ itemsInMemory }: PartialSumsTraining): EpochHooks<PartialSumsState> =>
        epochHooks(options.epochs, run, storedStateOf, ({ eigenvalues }) => {
          const fold = foldOf(options, weights, numItems, eigenvalues);
          const inMemory = async (): Promise<Ranker> => rankByInnerProduct(pool, await itemsInMemory(), fold);
          return {
            numItems,
            rank: async (...asked) => (await inMemory()).rank(...asked),
            score: async (...asked) => (await inMemory()).score(...asked),
          };
        });
      const { items, eigenvalues, epochs } = await trainByPartialSums(
        ...([pool, { byUser, numItems }, options, clock, hooks] as const),
      );
      return { items, eigenvalues, epochs };
    },
  );
}

/** What training left, all of the items in the pool's memory. */
interface TrainedItems {
  readonly items: Factors;
  readonly eigenvalues: Float64Array;
  readonly epochs: readonly EpochReport[];
  /** Place for the vectors of so many users. */
  usersAt(numRows: number): number;
}

function fittedAls(
  pool: ComputePool,
  { items, eigenvalues, epochs, usersAt }: TrainedItems,
  weights: HistoryWeights,
  options: AlsOptions,
): Omit<FittedModel, 'close'> {
  const { workspace } = pool;
  const { numRows: numItems } = items;
  const { factors: dim } = options;
  const fold = foldOf(options, weights, numItems, eigenvalues);
  return {
    ...rankByInnerProduct(pool, items, fold),
    epochs,
    *files() {
      yield ['itemVectors', vectorFileChunks(workspace, items.address, numItems, dim)];
      const values = eigenvalues.slice(0, dim);
      yield ['eigenvalues', [npyHeader('<f8', [dim]), new Uint8Array(values.buffer)]];
      yield* itemWeightFiles(weights);
    },
    userVectors: (histories, context) =>
      foldInPieces(pool, fold, items, histories, usersAt(usersAtOnce(histories.numUsers, dim)), context),
    itemVectors: () => vectorsOfFactors(workspace, items, dim),
  };
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

/** In pieces, since no array is as long as a side can be. */
function storedStateOf({ users, items, eigenvalues }: PartialSumsState): FitState {
  const pieces = (name: string, rows: StoredRows) =>
    Array.from(
      storedPieces(rows),
      ({ values: { buffer, byteOffset, byteLength } }, at) =>
        [`${name}/${String(at)}`, new Uint8Array(buffer, byteOffset, byteLength)] as const,
    );
  const ofItems = pieces('items', items);
  return {
    arrays: new Map([
      ...pieces('users', users),
      ...ofItems,
      ['eigenvalues', new Uint8Array(eigenvalues.buffer)] as const,
    ]),
    ofModel: [...ofItems.map(([name]) => name), 'eigenvalues'],
  };
}
