/** Options of models. Which of them a model takes, and what each is where it is not given, the model knows. */
import { nearestWord } from '../../edit-distance.js';
import { AppError } from '../../errors.js';
import {
  type AnyKind,
  byFlagName,
  choice,
  fromText,
  isObject,
  listOf,
  modelValues,
  noTexts,
  number,
  type OptionKind,
  off,
  or,
  text,
  wholeNumber,
} from '../kinds.js';
import { type HelpGroup, inGroups, pick, reworded } from '../option.js';
import { eventOptions } from './event-options.js';

const [model, als, weight, item2vec, foldIn] = inGroups('MODEL', 'ALS', 'WEIGHT', 'ITEM2VEC', 'FOLD-IN');
const [slim] = inGroups('SLIM');
const [run, output, index, holdout, metric] = inGroups('RUN', 'OUTPUT', 'INDEX', 'HOLDOUT', 'METRIC');
const [search] = inGroups('SEARCH');

const discount = number({ min: -2, max: 2 });

const training = {
  // What is fitted.
  factors: model(wholeNumber({ min: 1, max: 1024 }), 'number of dimensions of the embeddings'),
  epochs: model(wholeNumber({ min: 1, max: 10_000 }), 'number of passes over the training data'),
  objective: als(choice('ials', 'hu'), 'loss function: ials (Rendle et al. 2021) or hu (Hu et al. 2008)'),
  unobservedRatio: als(
    number({ min: 0, max: 1e6 }),
    'total weight of all pairs relative to that of the observed pairs; α₀ follows from it',
  ),
  unobservedWeight: als(number({ min: 0, max: 1e6 }), 'weight α₀ of unobserved pairs'),
  reg: model(number({ min: 1e-9, max: 1e9 }), 'regularisation λ'),
  neighbours: slim(
    wholeNumber({ min: 1, max: 1000 }),
    'number of nearest items that may give to the score of an item',
  ),
  regExponent: als(
    number({ min: 0, max: 4 }),
    'exponent ν: how strongly regularisation grows with the length of a row',
  ),

  blendWeight: model(
    number({ min: 0, max: 1 }),
    'share of the second member in the scores of a blend, such as of ease in als+ease',
  ),

  // How pairs weigh.
  confidence: weight(
    text,
    'weight of a pair, given its summed plays r: log (1 + ln r), binary, linear:α (α·r), bm25:K1,B or tf-idf',
    'FUNCTION',
  ),
  cap: weight(number({ min: 1e-9, max: 9e9 }), 'maximum plays of a pair that count'),
  itemDiscount: weight(discount, 'down-weights pairs of popular items by (users / mean)^-X'),
  userDiscount: weight(discount, 'down-weights pairs of users with many items by (items / mean)^-X'),

  // How it is fitted.
  window: item2vec(
    wholeNumber({ min: 1, max: 1000 }),
    'maximum number of plays before and after an item that form its context',
  ),
  negatives: item2vec(
    wholeNumber({ min: 1, max: 1000 }),
    'negative items sampled for each pair of an item and its context',
  ),
  negativeExponent: item2vec(
    number({ min: -4, max: 4 }),
    'exponent α: negatives are sampled in proportion to plays^α; below 0, rare items more often',
  ),
  subsample: item2vec(
    number({ min: 0, max: 1 }),
    'threshold t: a play of an item with a share f of all plays is kept with probability √(t/f) + t/f; 0 ' +
      'keeps all',
  ),
  learningRate: item2vec(
    number({ min: 1e-6, max: 10 }),
    'initial learning rate; it falls to a ten-thousandth of that',
  ),
  sessionGap: item2vec(text, 'time without plays that ends a session, such as 90s, 30m or 1d', 'TIME'),
  recency: item2vec(
    number({ min: 0, max: 1e6 }),
    'half-life in items: an item counts half in its user’s vector after this many later ones; 0: all count ' +
      'the same',
  ),
  init: als(
    choice('svd', 'normal'),
    'initial vectors: randomized singular value decomposition, or random normal numbers',
  ),
  cgSteps: als(wholeNumber({ min: 1, max: 1000 }), 'conjugate gradient steps per row in each half-epoch'),
  itemFeatures: als(
    text,
    'draw the vectors of items to what these columns of `items` say of them, such as artist,genre; all: every column that ' +
      'says something',
    { value: 'COLUMNS', usually: 'none' },
  ),
  solver: als(
    choice('in-memory', 'partial-sums'),
    'in-memory holds all vectors in 4 GiB of kernel memory; partial-sums brings them there in blocks, bound by ' +
      'the memory of the machine alone; the two differ in the last digits',
  ),
};

/** By the names that programs have for them; models, manifests and command lines write cg-steps. */
export const optionsOfModels = {
  ...byModels('training', training),
  // Here no model exists yet whose half-life could be taken.
  halfLife: reworded(eventOptions.halfLife, { usually: 'events do not age' }),
  asOf: eventOptions.asOf,
};

/** How users are folded in by imported vectors. */
const optionsOfFolding = byModels(
  'import',
  pick(training, 'objective', 'unobservedWeight', 'reg', 'regExponent', 'confidence', 'cap'),
  'FOLD-IN',
);

/** The same, each being what the models say where it is not given. */
function byModels<O extends object>(usuallyBy: 'training' | 'import', options: O, group?: HelpGroup): O {
  const words = { usuallyBy, ...(group === undefined ? {} : { group }) };
  return Object.fromEntries(
    Object.entries(options).map(([name, each]) => [name, reworded(each as object, words)]),
  ) as O;
}

export const modelNames = [
  'als',
  'item2vec',
  'ease',
  'slim',
  'spectral',
  'als+ease',
  'als+slim',
  'spectral+slim',
  'popularity',
] as const;

/** A model, or that one is to be chosen. */
const choosable = ['auto', ...modelNames] as const;

export interface EvaluatedModel {
  /** What the result is called. */
  readonly label: string;
  /** auto: chosen by a validation on what is trained on. */
  readonly name: (typeof choosable)[number];
  /** Its own, by flag name. */
  readonly options: Readonly<Record<string, string | number | undefined>>;
}

const namedModels: OptionKind<readonly EvaluatedModel[]> = {
  wanted: `a list of { label, name, options }, where name is one of ${choosable.join(', ')}`,
  accepts: (value) => Array.isArray(value) && value.every((each) => text.accepts(each) || isNamedModel(each)),
  read: (all) => all.map((model) => namedModel(model)),
  schema: { type: 'array', items: text.schema },
};

function isNamedModel(value: unknown): boolean {
  return (
    isObject(value) &&
    text.accepts(value['label']) &&
    choosable.some((name) => name === value['name']) &&
    modelValues.accepts(value['options'])
  );
}

/** `als`, `ease:reg=200`, `als:factors=128,confidence=linear:2`. AppError 'bad-usage'. */
function namedModel(model: EvaluatedModel | string): EvaluatedModel {
  if (typeof model !== 'string') return { ...model, options: byFlagName(model.options) };
  const [, written = '', rest] = /^([^:]*)(?::(.*))?$/s.exec(model) ?? [];
  const name = choosable.find((known) => known === written);
  if (name === undefined) throw refused(model, `wanted one of ${choosable.join(', ')}`, written, choosable);
  // A comma parts two options only where another option follows it: some values have commas.
  const parts = rest === undefined ? [] : rest.split(/,(?=[a-z-]+=)/);
  return { label: model, name, options: Object.fromEntries(parts.map((part) => optionOf(model, part))) };
}

function optionOf(label: string, part: string): [flag: string, value: string | number] {
  const [, flag = part, value = ''] = /^([a-z-]+)=(.+)$/s.exec(part) ?? [];
  const kinds = byFlagName<AnyKind>(optionsOfModels);
  const kind = Object.hasOwn(kinds, flag) ? kinds[flag] : undefined;
  if (kind === undefined || value === '')
    throw refused(
      label,
      `${JSON.stringify(part)} is not an option of a model, such as reg=0.1`,
      flag,
      Object.keys(kinds),
    );
  const read = fromText(kind, value);
  if (kind.accepts(read)) return [flag, read as string | number];
  throw new AppError('bad-usage', `\`models\` ${JSON.stringify(label)}: wanted ${kind.wanted} for ${flag}`);
}

function refused(label: string, why: string, word: string, known: readonly string[]): AppError {
  const near = nearestWord(word, known);
  return new AppError('bad-usage', `\`models\` ${JSON.stringify(label)}: ${why}`, {
    suggestions: near === undefined ? [] : [`did you mean ${near}?`],
  });
}

export const modelOptions = {
  trainedModel: model(
    choice(...choosable),
    'model to train: auto (the best blend of als, slim and spectral by a short validation), als (implicit alternating ' +
      'least squares), item2vec (skip-gram over play sequences), ease (item × item matrix in closed form), slim (the ' +
      'same of each item’s nearest alone), spectral (singular vectors of the normalised matrix), two of them as one ' +
      '(als+ease, als+slim, spectral+slim) or popularity',
    { flag: 'model', usually: 'auto; als beside an option of a model' },
  ),
  tunedModel: model(
    or(choice(...modelNames, 'all'), 'als'),
    'model whose options are searched; all: every model that has any, with as many trials each, or the same share of ' +
      '`timeBudget`',
    { flag: 'model' },
  ),
  models: model(
    or(namedModels, []),
    `model to train, optionally with options of its own, such as ease:reg=200: ${choosable.join(', ')}`,
    { flag: 'model', value: 'MODEL[:OPTION=VALUE,…]', completes: choosable },
  ),
  modelOptions: model(or({ ...modelValues, parts: optionsOfModels }, {}), 'options of the model, by name'),
  foldOptions: foldIn(
    or({ ...modelValues, parts: optionsOfFolding }, {}),
    'how users are folded in, by name',
  ),
};

/** How models are trained, whatever the model, searched for and measured, and how their vectors are indexed. */
/** What a split decides where it is left open: what most of them take. */
export const usualSplit = { trainShare: '0.8', testUsers: 0.1, testShare: 0.2 };

export const trainingOptions = {
  holdout: run(
    or(number({ min: 0, max: 0.9 }), 0),
    'fraction of each user’s pairs to hold out of training, for measuring',
  ),
  earlyStop: run(
    text,
    'stop when a metric on the held-out pairs has not improved for this many epochs, such as ndcg@100:3, and ' +
      'keep the best epoch; without `holdout`, holds out 0.1',
    { value: 'METRIC[:EPOCHS]', usually: 'off; 3 epochs' },
  ),
  timeBudget: run(text, 'stop after the epoch in which training reaches this time, such as 10m or 2h', {
    value: 'TIME',
    usually: 'none',
  }),
  checkpoint: run(
    text,
    'save the training every few epochs (5) or minutes (10m); after an interruption, the same command ' +
      'resumes from there',
    { value: 'EVERY', usually: 'none' },
  ),
  withoutUsers: output(off, 'leave users and their histories out of the snapshot, so that it can be shared'),

  targetRecall: index(
    or(number({ min: 0.01, max: 1 }), 0.95),
    'recall@10 that the index has to reach against exact search',
  ),
  lists: index(wholeNumber({ min: 1, max: 1_000_000 }), 'number of lists of the inverted file (IVF)', {
    usually: 'by the number of items',
  }),

  // Holding out.
  split: holdout(
    choice('strong', 'random', 'leave-last-out', 'temporal', 'cold-items', 'files'),
    'what to hold out: whole users (strong), a share of each user’s items (random), their last item ' +
      '(leave-last-out), all events after a time (temporal), whole items (cold-items), or `test` (files)',
    { usually: 'strong, or what `test` or `splitAt` implies' },
  ),
  tunedSplit: holdout(
    choice('strong', 'random', 'leave-last-out', 'files'),
    'what to hold out for validation: whole users (strong), a share of each user’s items (random), the last but one ' +
      '(leave-last-out), or `valid` (files)',
    { flag: 'split', usually: 'strong, or files with `valid`' },
  ),
  part: holdout(
    or(choice('test', 'valid'), 'test'),
    'held-out part to measure: valid for tuning, test for reporting',
    { flag: 'on' },
  ),
  test: holdout(noTexts, 'file of held-out events: their items are the targets', 'FILE'),
  valid: holdout(noTexts, 'file of held-out events for validation', 'FILE'),
  foldIn: holdout(noTexts, 'file of histories of users who are not trained on', 'FILE'),
  by: holdout(
    text,
    'column of items by which new ones are scored, such as artist or genres; values of a list have | between',
    { value: 'COLUMN', usually: 'artist' },
  ),
  splitAt: holdout(
    text,
    'time at which training ends and testing begins (ISO 8601), or the share of pairs before it',
    { value: 'TIME', usually: usualSplit.trainShare },
  ),
  testUsers: holdout(
    number({ min: 1e-6 }),
    'number of users held out for test, and as many for validation; below 1, a share of all users',
    { usually: String(usualSplit.testUsers) },
  ),
  testShare: holdout(
    number({ min: 0.01, max: 0.9 }),
    'share of a user’s items, or of all items, that are targets',
    {
      usually: String(usualSplit.testShare),
    },
  ),

  // Measuring.
  cutoffs: metric(
    or(listOf(wholeNumber({ min: 1, max: 1000 }), 'whole numbers from 1 to 1000'), [10, 20, 50, 100]),
    'metric cutoffs k',
  ),
  recallOver: metric(
    choice('targets', 'min-k'),
    'denominator of recall@k: all targets (LightGCN), or min(k, targets) (Liang et al. 2018)',
    { usually: 'min-k with strong or `foldIn`, else targets' },
  ),
  bootstrap: metric(
    or(wholeNumber({ min: 0, max: 100_000 }), 1000),
    'bootstrap resamples of the users for the 95 % intervals; 0: no intervals',
  ),

  // Tuning.
  trials: search(or(wholeNumber({ min: 1, max: 10_000 }), 40), 'number of settings to try'),
  metric: search(
    or(text, 'ndcg@10'),
    'metric to maximise: ndcg, recall, map, hit-rate or mrr, with @k',
    'NAME@K',
  ),
  space: search(
    noTexts,
    'option to search, and its values: reg=0.001..0.1:log, factors=32..128:int, confidence=log,binary; or ' +
      '@FILE with one per line',
    'OPTION=VALUES',
  ),
  trialsFile: search(text, 'where trials are saved, to resume after an interruption', {
    value: 'FILE',
    usually: 'a file below the root',
  }),
};
