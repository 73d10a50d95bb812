/** Options of models. Which of them a model takes, and what each is where it is not given, the model knows. */
import { nearestWord } from '../../edit-distance.js';
import { AppError } from '../../errors.js';
import {
  byFlagName,
  choice,
  fromText,
  isObject,
  modelValues,
  number,
  or,
  text,
  wholeNumber,
  type AnyKind,
  type OptionKind,
} from '../kinds.js';
import { option, pick, reworded, type HelpGroup } from '../option.js';
import { eventOptions } from './event-options.js';

const discount = number({ min: -2, max: 2 });

const training = {
  // What is fitted.
  factors: option(wholeNumber({ min: 1, max: 1024 }), {
    about: 'number of dimensions of the embeddings',
    group: 'MODEL',
  }),
  epochs: option(wholeNumber({ min: 1, max: 10_000 }), {
    about: 'number of passes over the training data',
    group: 'MODEL',
  }),
  objective: option(choice('ials', 'hu'), {
    about: 'loss function: ials (Rendle et al. 2021) or hu (Hu et al. 2008)',
    group: 'ALS',
  }),
  unobservedRatio: option(number({ min: 0, max: 1e6 }), {
    about: 'total weight of all pairs relative to that of the observed pairs; α₀ follows from it',
    group: 'ALS',
  }),
  unobservedWeight: option(number({ min: 0, max: 1e6 }), {
    about: 'weight α₀ of unobserved pairs',
    group: 'ALS',
  }),
  reg: option(number({ min: 1e-9, max: 1e9 }), { about: 'regularisation λ', group: 'MODEL' }),
  regExponent: option(number({ min: 0, max: 4 }), {
    about: 'exponent ν: how strongly regularisation grows with the length of a row',
    group: 'ALS',
  }),

  // How pairs weigh.
  confidence: option(text, {
    about:
      'weight of a pair, given its summed plays r: log (1 + ln r), binary, linear:α (α·r), bm25:K1,B or tf-idf',
    group: 'WEIGHT',
    value: 'FUNCTION',
  }),
  cap: option(number({ min: 1e-9, max: 9e9 }), {
    about: 'maximum plays of a pair that count',
    group: 'WEIGHT',
  }),
  itemDiscount: option(discount, {
    about: 'down-weights pairs of popular items by (users / mean)^-X',
    group: 'WEIGHT',
  }),
  userDiscount: option(discount, {
    about: 'down-weights pairs of users with many items by (items / mean)^-X',
    group: 'WEIGHT',
  }),

  // How it is fitted.
  window: option(wholeNumber({ min: 1, max: 1000 }), {
    about: 'maximum number of plays before and after an item that form its context',
    group: 'ITEM2VEC',
  }),
  negatives: option(wholeNumber({ min: 1, max: 1000 }), {
    about: 'negative items sampled for each pair of an item and its context',
    group: 'ITEM2VEC',
  }),
  negativeExponent: option(number({ min: -4, max: 4 }), {
    about: 'exponent α: negatives are sampled in proportion to plays^α; below 0, rare items more often',
    group: 'ITEM2VEC',
  }),
  subsample: option(number({ min: 0, max: 1 }), {
    about:
      'threshold t: a play of an item with a share f of all plays is kept with probability √(t/f) + t/f; 0 ' +
      'keeps all',
    group: 'ITEM2VEC',
  }),
  learningRate: option(number({ min: 1e-6, max: 10 }), {
    about: 'initial learning rate; it falls to a ten-thousandth of that',
    group: 'ITEM2VEC',
  }),
  sessionGap: option(text, {
    about: 'time without plays that ends a session, such as 90s, 30m or 1d',
    group: 'ITEM2VEC',
    value: 'TIME',
  }),
  recency: option(number({ min: 0, max: 1e6 }), {
    about:
      'half-life in items: an item counts half in its user’s vector after this many later ones; 0: all count ' +
      'the same',
    group: 'ITEM2VEC',
  }),
  init: option(choice('svd', 'normal'), {
    about: 'initial vectors: randomized singular value decomposition, or random normal numbers',
    group: 'ALS',
  }),
  cgSteps: option(wholeNumber({ min: 1, max: 1000 }), {
    about: 'conjugate gradient steps per row in each half-epoch',
    group: 'ALS',
  }),
  solver: option(choice('in-memory', 'partial-sums'), {
    about:
      'in-memory holds all vectors in 4 GiB of kernel memory; partial-sums brings them there in blocks, bound by ' +
      'the memory of the machine alone; the two differ in the last digits',
    group: 'ALS',
  }),
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

export const modelNames = ['als', 'item2vec', 'ease', 'popularity'] as const;

export interface EvaluatedModel {
  /** What the result is called. */
  readonly label: string;
  readonly name: (typeof modelNames)[number];
  /** Its own, by flag name. */
  readonly options: Readonly<Record<string, string | number | undefined>>;
}

const namedModels: OptionKind<readonly EvaluatedModel[]> = {
  wanted: `a list of { label, name, options }, where name is one of ${modelNames.join(', ')}`,
  accepts: (value) => Array.isArray(value) && value.every((each) => text.accepts(each) || isNamedModel(each)),
  read: (all) => all.map((model) => namedModel(model)),
  schema: { type: 'array', items: text.schema },
};

function isNamedModel(value: unknown): boolean {
  return (
    isObject(value) &&
    text.accepts(value['label']) &&
    modelNames.some((name) => name === value['name']) &&
    modelValues.accepts(value['options'])
  );
}

/** `als`, `ease:reg=200`, `als:factors=128,confidence=linear:2`. AppError 'bad-usage'. */
function namedModel(model: EvaluatedModel | string): EvaluatedModel {
  if (typeof model !== 'string') return { ...model, options: byFlagName(model.options) };
  const [, written = '', rest] = /^([^:]*)(?::(.*))?$/s.exec(model) ?? [];
  const name = modelNames.find((known) => known === written);
  if (name === undefined) throw refused(model, `wanted one of ${modelNames.join(', ')}`, written, modelNames);
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
  model: option(or(choice(...modelNames), 'als'), {
    about:
      'model to train: als (implicit alternating least squares), item2vec (skip-gram over play sequences), ' +
      'ease (item × item matrix in closed form) or popularity',
    group: 'MODEL',
  }),
  models: option(or(namedModels, []), {
    about: `model to train, optionally with options of its own, such as ease:reg=200: ${modelNames.join(', ')}`,
    group: 'MODEL',
    flag: 'model',
    value: 'MODEL[:OPTION=VALUE,…]',
    completes: modelNames,
  }),
  modelOptions: option(or({ ...modelValues, parts: optionsOfModels }, {}), {
    about: 'options of the model, by name',
    group: 'MODEL',
  }),
  foldOptions: option(or({ ...modelValues, parts: optionsOfFolding }, {}), {
    about: 'how users are folded in, by name',
    group: 'FOLD-IN',
  }),
};
