/**
 * Every flag of segue, each said once: name, unit, default, range, environment variable. A command lists the names of
 * those it takes (`flagsNamed`).
 */
import { availableParallelism } from 'node:os';
import type { OptionFlag } from '@oclif/core/interfaces';
import {
  choice,
  decimal,
  directory,
  several,
  text,
  texts,
  toggle,
  wholeNumber,
  wholeNumbers,
  withUsual,
} from './flag-kinds.js';
import { kindFlags } from './kind-flags.js';
import { ownTextFlags, textOptions, type TextFlags } from './text-flags.js';

/** Every flag's environment variable is its name: --half-life is SEGUE_HALF_LIFE. */
export function withEnvironment<F extends Record<string, { env?: string }>>(flags: F): F {
  for (const [name, flag] of Object.entries(flags))
    flag.env = `SEGUE_${name.toUpperCase().replaceAll('-', '_')}`;
  return flags;
}

const threads: OptionFlag<number> = {
  ...wholeNumber({
    description: 'worker threads; results do not depend on it',
    usual: 'one a core',
    min: 1,
    max: 256,
    default: 1,
  }),
  default: () => Promise.resolve(availableParallelism()),
  // The manifest is made on another machine.
  noCacheDefault: true,
};

/** Taken by every command. */
export const globalFlags = withEnvironment({
  root: directory({
    description: 'directory that holds the snapshots',
    helpValue: 'DIR',
    helpGroup: 'GLOBAL',
    default: '.segue',
  }),
  json: toggle({
    description: 'print one JSON document a result on stdout, failures too',
    helpGroup: 'GLOBAL',
  }),
});

export const modelNames = ['als', 'item2vec', 'ease', 'popularity'] as const;

const all = withEnvironment({
  // Which snapshot
  snapshot: text({
    description: 'snapshot to read: id, unique prefix, tag, current, previous or latest',
    usual: 'current',
    helpValue: 'REF',
  }),
  tag: text({ description: 'name to give the snapshot, such as nightly', helpValue: 'NAME' }),

  // Reading events
  ...ownTextFlags,
  items: text({
    description: 'table of items with their id, name, artist, album, released, kind …',
    helpValue: 'FILE',
  }),
  'skip-bad-rows': toggle({
    description: 'leave out rows that cannot be read, and count them, instead of stopping',
  }),
  'min-user-items': wholeNumber({
    description: 'leave out users with fewer distinct items',
    min: 1,
    default: 1,
  }),
  'min-item-users': wholeNumber({
    description: 'leave out items with fewer distinct users',
    min: 1,
    default: 1,
  }),

  format: choice(['auto', 'lightgcn'], {
    description: 'how events are written: lightgcn is a user and then their items on every line',
    default: 'auto',
  }),
  'min-weight': decimal({
    description: 'leave out plays and likes that weigh less, such as ratings below 4',
    min: 0,
    max: 1e9,
  }),
  'min-once': toggle({
    description: 'apply the minimums once, items first, instead of until both hold (Liang et al. 2018)',
  }),

  // Training
  model: choice(modelNames, {
    description:
      'what to train: als (implicit alternating least squares), item2vec (skip-gram over what is played in order), ' +
      'ease (an item × item matrix in closed form), popularity',
    default: 'als',
  }),
  factors: wholeNumber({ description: 'dimensions of the vectors', usual: '64', min: 1, max: 1024 }),
  epochs: wholeNumber({ description: 'passes over users and items', usual: '16', min: 1, max: 10_000 }),
  objective: choice(['ials', 'hu'], {
    description: 'the loss: ials (Rendle et al. 2021) or hu (Hu et al. 2008)',
    usual: 'ials',
  }),
  'unobserved-ratio': decimal({
    description: 'how many times as much as the observed pairs all pairs weigh together; it makes α₀',
    usual: '20',
    min: 0,
  }),
  'unobserved-weight': decimal({
    description: 'weight α₀ of pairs that were not observed',
    usual: 'by --unobserved-ratio; hu: 1',
    min: 0,
  }),
  confidence: text({
    description:
      'weight of a pair from its summed plays r: log (1 + ln r), binary, linear:α (α·r), bm25:K1,B or tf-idf',
    usual: 'log; hu: linear:1; ease and popularity: binary',
    helpValue: 'FUNCTION',
  }),
  cap: decimal({ description: 'most plays of a pair that count', usual: 'no cap', min: 1e-9 }),
  'item-discount': decimal({
    description: 'how far pairs of much-heard items weigh less: × (users / mean)^-X',
    usual: '0.2 for als, else 0',
    min: -2,
    max: 2,
  }),
  'user-discount': decimal({
    description: 'how far pairs of users with many items weigh less: × (items / mean)^-X',
    usual: '0.1 for als, else 0',
    min: -2,
    max: 2,
  }),
  reg: decimal({ description: 'regularisation λ', usual: 'by α₀, ≈ 0.007; hu: 10; ease: 150', min: 1e-9 }),
  'reg-exponent': decimal({
    description: 'exponent ν: how far regularisation grows with the size of a row',
    usual: '1; hu: 0',
    min: 0,
    max: 4,
  }),
  init: choice(['svd', 'normal'], {
    description: 'where to start: a randomized singular value decomposition, or random numbers',
    usual: 'svd',
  }),
  'cg-steps': wholeNumber({
    description: 'conjugate gradient steps a row and half-epoch',
    usual: '2',
    min: 1,
    max: 1000,
  }),
  window: wholeNumber({
    description: 'plays before and after an item that are its neighbours, at most',
    usual: '10',
    min: 1,
    max: 1000,
  }),
  negatives: wholeNumber({
    description: 'items drawn against each pair of neighbours',
    usual: '10',
    min: 1,
    max: 1000,
  }),
  'negative-exponent': decimal({
    description: 'exponent α: they are drawn in proportion to plays^α; below 0 rare ones more often',
    usual: '0.5',
    min: -4,
    max: 4,
  }),
  subsample: decimal({
    description:
      'threshold t: plays of items with a share f of all stay in with the chance √(t/f) + t/f; 0: all',
    usual: '0',
    min: 0,
    max: 1,
  }),
  'learning-rate': decimal({
    description: 'length of the first gradient step; the last is a ten-thousandth of it',
    usual: '0.05',
    min: 1e-6,
    max: 10,
  }),
  'session-gap': text({
    description: 'time without a play that ends a session, such as 90s, 30m or 1d',
    usual: '30m',
    helpValue: 'TIME',
  }),
  recency: decimal({
    description:
      'later items of a history after which an item counts half in its user’s vector; 0: all count the same',
    usual: '0',
    min: 0,
    max: 1e6,
  }),
  seed: wholeNumber({
    description: 'start of the random numbers: the same seed gives the same bytes',
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    default: 42,
  }),
  threads,
  holdout: decimal({
    description: 'fraction of each user’s pairs to keep out of training, to measure with',
    min: 0,
    max: 0.9,
    default: 0,
  }),
  checkpoint: text({
    description:
      'save the training every so many epochs (5) or so much time (10m): the same command goes on from there after an interruption',
    usual: 'none',
    helpValue: 'EVERY',
  }),
  'early-stop': text({
    description:
      'end once a metric of the held-out pairs has not risen for so many epochs, such as ndcg@100:3, and keep the best epoch; holds out 0.1 unless --holdout says more',
    usual: 'no; 3 epochs',
    helpValue: 'METRIC[:EPOCHS]',
  }),
  'time-budget': text({
    description: 'end after the epoch that reaches this time of training, such as 10m or 2h',
    usual: 'none',
    helpValue: 'TIME',
  }),
  'without-users': toggle({
    description: 'leave listeners and their histories out of the snapshot, to give it away',
  }),
  'dry-run': toggle({ description: 'say what would be done, and do nothing' }),

  // The index
  'target-recall': decimal({
    description: 'fraction of the true 10 nearest neighbours that the index has to find',
    min: 0.01,
    max: 1,
    default: 0.95,
  }),
  lists: wholeNumber({
    description: 'lists to sort the items into',
    usual: 'by their number',
    min: 1,
    max: 1_000_000,
  }),

  // Asking
  k: wholeNumber({ char: 'k', description: 'number of results', min: 1, max: 1_000_000, default: 10 }),
  ...kindFlags,
  exact: toggle({ description: 'compare with every item, even where an index would be faster' }),
  browse: toggle({ description: 'walk through the neighbours in the terminal', exclusive: ['json'] }),
  like: texts({ description: 'item that someone new likes (repeatable)', helpValue: 'ITEM' }),
  dislike: texts({ description: 'item that someone new dislikes (repeatable)', helpValue: 'ITEM' }),
  'include-heard': toggle({ description: 'recommend what the user has listened to as well' }),
  explain: toggle({
    description:
      'say which of the user’s own items (with --recipe: which ingredients) made each score; dislikes too',
  }),
  reasons: wholeNumber({
    description: 'how many of the user’s own items --explain names for each, the others being summed',
    min: 0,
    max: 1000,
    default: 3,
  }),
  'why-not': texts({
    description: 'item to say of why it is not recommended, or at which place it stands (repeatable)',
    helpValue: 'ITEM',
  }),

  // A user's vector
  events: text({
    description: 'file of events that become, or replace, the histories of the users it names (- is stdin)',
    helpValue: 'FILE',
  }),
  'as-of': text({
    description: 'moment that ages count from, ISO 8601',
    usual: 'the latest event',
    helpValue: 'TIME',
  }),
  'half-life': text({
    description: 'age at which an event counts half, such as 30d or 12h',
    usual: 'events do not age; of a model trained with one: its own',
    helpValue: 'AGE',
  }),
  all: toggle({ description: 'do it for all there are: every user, item or snapshot' }),

  // Measuring
  split: choice(['strong', 'random', 'leave-last-out', 'temporal', 'files'], {
    description:
      'what is held out: whole users (strong), a share of each user’s items, their last item, what came after a time, or what --test says',
    usual: 'strong; what --test or --split-at implies',
  }),
  on: choice(['test', 'valid'], {
    description: 'held-out part to measure: tune on valid, report test',
    default: 'test',
  }),
  test: texts({ description: 'file of what is to be found (repeatable)', helpValue: 'FILE' }),
  valid: texts({
    description: 'file of what is to be found with --on valid (repeatable)',
    helpValue: 'FILE',
  }),
  'fold-in': texts({
    description: 'file of histories of users who are not trained on (repeatable)',
    helpValue: 'FILE',
  }),
  'split-at': text({
    description: 'when training ends and testing begins, ISO 8601, or the share of pairs before it',
    usual: '0.8',
    helpValue: 'TIME',
  }),
  'test-users': decimal({
    description: 'users held out for test, and as many for validation; below 1 a share of all',
    usual: '0.1',
    min: 1e-6,
  }),
  'test-share': decimal({
    description: 'share of a user’s items to be found',
    usual: '0.2',
    min: 0.01,
    max: 0.9,
  }),
  at: wholeNumbers({
    description: 'lengths k of the rankings that are judged',
    min: 1,
    max: 1000,
    default: [10, 20, 50, 100],
  }),
  'recall-over': choice(['targets', 'min-k'], {
    description:
      'what recall@k divides hits by: all targets (LightGCN), or min(k, targets) (Liang et al. 2018)',
    usual: 'min-k for strong and --fold-in, else targets',
  }),
  bootstrap: wholeNumber({
    description: 'draws of users for the 95 % intervals; 0: no intervals',
    min: 0,
    max: 100_000,
    default: 1000,
  }),

  // Tuning
  trials: wholeNumber({ description: 'settings to try', min: 1, max: 10_000, default: 40 }),
  metric: text({
    description: 'what to make large: ndcg, recall, map, hit-rate or mrr, with @k',
    helpValue: 'NAME@K',
    default: 'ndcg@10',
  }),
  space: texts({
    description:
      'option to search: reg=0.001..0.1:log, factors=32..128:int, confidence=log,binary, or @FILE with one a line (repeatable)',
    helpValue: 'OPTION=VALUES',
  }),
  'trials-file': text({
    description: 'where trials are kept, to go on from after an interruption',
    usual: 'below the root',
    helpValue: 'FILE',
  }),

  // Publishing and comparing
  expect: text({
    description: 'go on only if this snapshot (or none) is the current one now, else exit 5',
    helpValue: 'REF',
  }),
  require: texts({
    description: "gate that has to hold, such as 'recall@10>=0.9' or 'overlap@10>=0.6' (repeatable)",
    helpValue: 'GATE',
  }),
  gates: text({
    description: 'file of gates and canary items, YAML or JSON; none: no file',
    usual: 'segue-gates.yaml beside the root, if there is one',
    helpValue: 'FILE',
  }),
  why: text({ description: 'reason to write into the history', helpValue: 'TEXT' }),
  'to-time': text({
    description: 'what was current then: ISO 8601, UTC where it names no zone, or an age such as 2d or 90m',
    usual: 'what was current before',
    helpValue: 'TIME',
  }),
  'fail-on': texts({
    description: "exit 1 if this holds, such as 'overlap@10<0.8' (repeatable)",
    helpValue: 'CONDITION',
  }),
  limit: wholeNumber({
    char: 'n',
    description: 'how many to show at most, newest first',
    usual: 'all',
    min: 1,
    max: 1_000_000_000,
  }),
  sample: wholeNumber({ description: 'items to compare neighbours of', usual: 'by their number', min: 1 }),
  users: wholeNumber({
    description: 'users to compare recommendations of, and what is lost by mixing users and items',
    usual: '500, fewer where there are very many items',
    min: 1,
  }),

  // Collecting
  keep: wholeNumber({
    description: 'most recently made snapshots to keep, whatever their age',
    min: 0,
    default: 5,
  }),
  'older-than': text({
    description: 'delete only what was made, and last current, longer ago than this, such as 30d or 12h',
    usual: 'any age; 7d for checkpoints',
    helpValue: 'AGE',
  }),
  force: toggle({
    description:
      'do it all the same: delete what was current before, or the latest; replace a file that is there',
  }),

  // Files for others, and answers for many
  out: text({
    description: 'file to write; - is stdout',
    usual: 'stdout',
    helpValue: 'FILE',
  }),
});

type Flags = typeof all;

/** The flags of a command, by name. */
export function flagsNamed<K extends keyof Flags>(...names: readonly K[]): Pick<Flags, K> {
  return Object.fromEntries(names.map((name) => [name, all[name]])) as Pick<Flags, K>;
}

/** How people are folded in by imported vectors: flags of training, with the defaults of import. */
export const foldFlags = {
  objective: withUsual(all.objective, 'hu'),
  'unobserved-weight': withUsual(all['unobserved-weight'], '1; ials: 0.1'),
  reg: withUsual(all.reg, '0.01; ials: 0.003'),
  'reg-exponent': withUsual(all['reg-exponent'], '0; ials: 1'),
  confidence: withUsual(all.confidence, 'linear:1; ials and --measure cosine: log'),
  cap: all.cap,
};

/** How the text of events and items is written. */
export const textFlags = flagsNamed('columns', 'quote', 'no-header', 'encoding');

/** How events are read, and which of them count. */
export const readingFlags = {
  ...textFlags,
  ...flagsNamed('format', 'skip-bad-rows', 'min-weight', 'min-user-items', 'min-item-users', 'min-once'),
};

interface ReadingFlags extends TextFlags {
  readonly format: 'auto' | 'lightgcn';
  readonly 'skip-bad-rows': boolean;
  readonly 'min-weight': number | undefined;
  readonly 'min-user-items': number;
  readonly 'min-item-users': number;
  readonly 'min-once': boolean;
}

/** The same as the options of the tasks that read events. */
export function readingOptions(flags: ReadingFlags): ReturnType<typeof textOptions> & {
  readonly format: 'auto' | 'lightgcn';
  readonly skipBadRows: boolean;
  readonly minWeight: number | undefined;
  readonly minUserItems: number;
  readonly minItemUsers: number;
  readonly minimumsOnce: boolean;
} {
  return {
    ...textOptions(flags),
    format: flags.format,
    skipBadRows: flags['skip-bad-rows'],
    minWeight: flags['min-weight'],
    minUserItems: flags['min-user-items'],
    minItemUsers: flags['min-item-users'],
    minimumsOnce: flags['min-once'],
  };
}

/** The same where a command takes several of each. model-choices.ts reads the models. */
export const severalModels = withEnvironment({
  model: texts({
    description: `what to train, maybe with options of its own, such as ease:reg=200 (repeatable): ${modelNames.join(', ')}`,
    helpValue: 'MODEL[:OPTION=VALUE,…]',
  }),
});
/** How a command answers. Another thing than how events are written, so its variable has another name. */
export const outputFormat = withEnvironment({
  format: choice(['text', 'markdown'], {
    description: 'how to answer: text, or markdown for a pull request comment, as GitHub takes it',
    default: 'text',
    exclusive: ['json'],
  }),
});
outputFormat.format.env = 'SEGUE_OUTPUT_FORMAT';
export const severalSnapshots = { snapshot: several(all.snapshot) };

/** What a model may be told. Which flags apply, and what each is without being said, the model knows. */
export const modelFlags = flagsNamed(
  ...(['factors', 'epochs', 'objective', 'unobserved-ratio', 'unobserved-weight', 'reg'] as const),
  ...(['reg-exponent', 'confidence', 'cap', 'item-discount', 'user-discount', 'half-life', 'as-of'] as const),
  ...(['init', 'cg-steps'] as const),
  ...(['window', 'negatives', 'negative-exponent', 'subsample', 'learning-rate'] as const),
  ...(['session-gap', 'recency'] as const),
);

/** The model's options among a command's flags, by name; undefined where not said. */
export function modelOptions(
  flags: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string | number | undefined>> {
  return Object.fromEntries(
    Object.keys(modelFlags).map((name) => [name, flags[name] as string | number | undefined]),
  );
}
