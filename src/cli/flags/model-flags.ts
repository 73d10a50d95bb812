/** Models and their options. Which apply to which model, and what each is where it is not given, the models know. */
import { optionValues } from '../../core/options/values.js';
import type { ModelName } from '../../core/models/model.js';
import { choice, decimal, inGroup, named, text, texts, wholeNumber, withEnvironment } from './flag-kinds.js';
import { flagsNamed } from './flags.js';
import { withModelDefaults } from './model-defaults.js';

export const modelNames = optionValues.model.choices satisfies readonly ModelName[];

export const modelChoice = inGroup(
  'MODEL',
  withEnvironment({
    model: choice(modelNames, {
      description:
        'model to train: als (implicit alternating least squares), item2vec (skip-gram over play sequences), ' +
        'ease (item × item matrix in closed form) or popularity',
      default: optionValues.model.default,
    }),
  }),
);

/** The same where a command takes several. model-choices.ts reads them. */
export const severalModels = inGroup(
  'MODEL',
  withEnvironment({
    model: texts({
      description: `model to train, optionally with options of its own, such as ease:reg=200 (repeatable): ${modelNames.join(', ')}`,
      helpValue: 'MODEL[:OPTION=VALUE,…]',
    }),
  }),
);

/** Of what is fitted, and how pairs weigh. */
const objectiveFlags = withEnvironment(
  withModelDefaults({
    factors: wholeNumber({ description: 'number of dimensions of the embeddings', min: 1, max: 1024 }),
    epochs: wholeNumber({ description: 'number of passes over the training data', min: 1, max: 10_000 }),
    objective: choice(['ials', 'hu'], {
      description: 'loss function: ials (Rendle et al. 2021) or hu (Hu et al. 2008)',
    }),
    'unobserved-ratio': decimal({
      description: 'total weight of all pairs relative to that of the observed pairs; α₀ follows from it',
      min: 0,
    }),
    'unobserved-weight': decimal({
      description: 'weight α₀ of unobserved pairs',
      min: 0,
    }),
    reg: decimal({ description: 'regularisation λ', min: 1e-9 }),
    'reg-exponent': decimal({
      description: 'exponent ν: how strongly regularisation grows with the length of a row',
      min: 0,
      max: 4,
    }),
    confidence: text({
      description:
        'weight of a pair, given its summed plays r: log (1 + ln r), binary, linear:α (α·r), bm25:K1,B or tf-idf',
      helpValue: 'FUNCTION',
    }),
    cap: decimal({ description: 'maximum plays of a pair that count', min: 1e-9 }),
    'item-discount': decimal({
      description: 'down-weights pairs of popular items by (users / mean)^-X',
      min: -2,
      max: 2,
    }),
    'user-discount': decimal({
      description: 'down-weights pairs of users with many items by (items / mean)^-X',
      min: -2,
      max: 2,
    }),
  }),
);

/** Of how it is fitted. */
const algorithmFlags = withEnvironment(
  withModelDefaults({
    init: choice(['svd', 'normal'], {
      description: 'initial vectors: randomized singular value decomposition, or random normal numbers',
    }),
    'cg-steps': wholeNumber({
      description: 'conjugate gradient steps per row in each half-epoch',
      min: 1,
      max: 1000,
    }),
    solver: choice(['in-memory', 'partial-sums'], {
      description:
        'in-memory holds all vectors in 4 GiB of kernel memory; partial-sums brings them there in blocks, bound by ' +
        'the memory of the machine alone; the two differ in the last digits',
    }),
    window: wholeNumber({
      description: 'maximum number of plays before and after an item that form its context',
      min: 1,
      max: 1000,
    }),
    negatives: wholeNumber({
      description: 'negative items sampled for each pair of an item and its context',
      min: 1,
      max: 1000,
    }),
    'negative-exponent': decimal({
      description:
        'exponent α: negatives are sampled in proportion to plays^α; below 0, rare items more often',
      min: -4,
      max: 4,
    }),
    subsample: decimal({
      description:
        'threshold t: a play of an item with a share f of all plays is kept with probability √(t/f) + t/f; 0 ' +
        'keeps all',
      min: 0,
      max: 1,
    }),
    'learning-rate': decimal({
      description: 'initial learning rate; it falls to a ten-thousandth of that',
      min: 1e-6,
      max: 10,
    }),
    'session-gap': text({
      description: 'time without plays that ends a session, such as 90s, 30m or 1d',
      helpValue: 'TIME',
    }),
    recency: decimal({
      description:
        'half-life in items: an item counts half in its user’s vector after this many later ones; 0: all count ' +
        'the same',
      min: 0,
      max: 1e6,
    }),
  }),
);

/** Here no model exists yet whose half-life could be taken. */
const agingFlags = flagsNamed('half-life', 'as-of');
agingFlags['half-life'] = {
  ...agingFlags['half-life'],
  defaultHelp: () => Promise.resolve('events do not age'),
};

/** Of every model, in the groups of the models that take them. */
export const modelFlags = {
  ...inGroup('ALS', objectiveFlags),
  ...inGroup('MODEL', named(objectiveFlags, 'factors', 'epochs', 'reg')),
  ...inGroup('WEIGHT', named(objectiveFlags, 'confidence', 'cap', 'item-discount', 'user-discount')),
  ...agingFlags,
  ...inGroup('ITEM2VEC', algorithmFlags),
  ...inGroup('ALS', named(algorithmFlags, 'init', 'cg-steps', 'solver')),
};

/** How users are folded in by imported vectors: flags of training, with the defaults of import. */
export const foldFlags = withModelDefaults(
  inGroup(
    'FOLD-IN',
    named(modelFlags, 'objective', 'unobserved-weight', 'reg', 'reg-exponent', 'confidence', 'cap'),
  ),
  'import',
);

/** A model's options among a command's flags, by flag name; undefined where not given. */
export function modelOptions(
  flags: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string | number | undefined>> {
  return Object.fromEntries(
    Object.keys(modelFlags).map((name) => [name, flags[name] as string | number | undefined]),
  );
}
