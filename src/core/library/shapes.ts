/** What each function of the library takes, and what is taken where nothing is given: as the command of the same name. */
import type { TaskContext } from '../contracts.js';
import {
  anyFunction,
  byFlagName,
  choice,
  flag,
  isObject,
  like,
  listOf,
  modelValues,
  moment,
  number,
  or,
  required,
  text,
  texts,
  textsByName,
  wholeNumber,
  type KindWithFallback,
  type OptionKind,
  type OptionShape,
} from '../options/kinds.js';
import { defaultThreads, optionValues } from '../options/values.js';
import type { FollowOptions } from '../publishing/follow-current.js';
import type { ItemsQuestion } from '../query/item-lists.js';
import type { SimilarQuestion } from '../query/open-neighbours.js';
import type { RecommendQuestion } from '../query/open-recommender.js';
import type { ReaderOptions, UserVectorQuestion } from '../query/reader.js';
import type { RecipeQuestion } from '../query/recipes/recipe-answers.js';
import type { ListenerQuestion } from '../query/listener/listener.js';
import type { AudienceQuestion } from '../query/audience.js';
import type { ListenerOptions } from '../tasks/listener.js';
import type { AudienceOptions } from '../tasks/audience.js';
import type { BrowseOptions } from '../tasks/browse.js';
import type { BuildIndexOptions } from '../tasks/build-index.js';
import type { DiffOptions } from '../tasks/diff-snapshots.js';
import type { EvaluatedModel, EvaluateOptions } from '../tasks/evaluate.js';
import type { ExportVectorsOptions } from '../tasks/export.js';
import type { GcOptions } from '../tasks/gc.js';
import type { ImportVectorsOptions } from '../tasks/import.js';
import type { ListItemsOptions } from '../tasks/items.js';
import type { ShowItemOptions } from '../tasks/items/show.js';
import type { ListUsersOptions } from '../tasks/users.js';
import type { ShowUserOptions } from '../tasks/users/show.js';
import type { PublishOptions } from '../tasks/publish.js';
import type { CheckRecipeOptions } from '../tasks/recipe/check.js';
import type { RecommendAllOptions } from '../tasks/recommend-all.js';
import type { RecommendByRecipeOptions } from '../tasks/recommend-by-recipe.js';
import type { RecommendOptions } from '../tasks/recommend.js';
import type { ReportOptions } from '../tasks/report.js';
import type { RollbackOptions } from '../tasks/rollback.js';
import type { SimilarAllOptions } from '../tasks/similar-all.js';
import type { SimilarOptions } from '../tasks/similar.js';
import type { DeleteSnapshotsOptions } from '../tasks/snapshots/delete.js';
import type { HistoryOptions } from '../tasks/snapshots/history.js';
import type { ListSnapshotsOptions } from '../tasks/snapshots/list.js';
import type { ShowSnapshotOptions } from '../tasks/snapshots/show.js';
import type { TagOptions } from '../tasks/snapshots/tag.js';
import type { UntagOptions } from '../tasks/snapshots/untag.js';
import type { VerifySnapshotsOptions } from '../tasks/snapshots/verify.js';
import type { TrainOptions } from '../tasks/train.js';
import type { TuneOptions } from '../tasks/tune.js';
import type { UserVectorOptions } from '../tasks/user-vector.js';
import { k, kind, minEvents, off, onRoot, onSnapshot, out, sink, stdin, texting } from './shape-parts.js';

export * from './feedback-shapes.js';

const none = or(texts, []);
const noModelValues = or(modelValues, {});
const threads: KindWithFallback<number> = { ...wholeNumber(optionValues.threads), fallback: defaultThreads };
const seed = or(wholeNumber(optionValues.seed), optionValues.seed.default);

/** How a table of items is written, where that is otherwise. */
const itemTexting = {
  itemColumns: text,
  itemDelimiter: text,
  itemEncoding: text,
  itemHeader: choice(optionValues.itemHeader),
};

const reading = {
  ...texting,
  format: or(choice(optionValues.eventFormat), optionValues.eventFormat.default),
  skipBadRows: off,
  minWeight: number(optionValues.minWeight),
  minUserItems: or(wholeNumber(optionValues.minUserItems), optionValues.minUserItems.default),
  minItemUsers: or(wholeNumber(optionValues.minItemUsers), optionValues.minItemUsers.default),
  minimumsOnce: off,
};

const selecting = { where: text, only: text, excludeFrom: text, exclude: texts, skipUnknown: flag };

/** Whether a ledger is obeyed. */
const obeying = {
  feedback: or(flag, true),
  skipWeight: or(number(optionValues.skipWeight), optionValues.skipWeight.default),
};

/** For whom. */
const listening = { users: none, like: none, dislike: none, ...obeying };

/** Where the work runs. */
const running = {
  engine: or(choice(optionValues.engine), optionValues.engine.default),
  sparkMaster: text,
  sparkConf: texts,
  sparkSubmit: text,
  python: text,
  sparkStaging: text,
  sparkNode: text,
};

/** Answers for many. */
const writing = {
  out: text,
  format: choice(optionValues.rankingFormat),
  force: off,
  write: like<(bytes: Uint8Array) => Promise<void>>('a function that takes bytes', anyFunction),
  json: like<(value: unknown) => string>('a function that makes JSON of a value', anyFunction),
  ...running,
};

const splitting = {
  split: choice(optionValues.split),
  valid: none,
  foldIn: none,
  testUsers: number(optionValues.testUsers),
  testShare: number(optionValues.testShare),
  recallOver: choice(optionValues.recallOver),
};

export const train = {
  ...onRoot,
  events: required(texts),
  table: texts,
  ...running,
  items: text,
  ...itemTexting,
  ...reading,
  model: or(choice(optionValues.model), optionValues.model.default),
  modelOptions: noModelValues,
  seed,
  threads,
  holdout: or(number(optionValues.holdout), optionValues.holdout.default),
  tag: text,
  withoutUsers: off,
  dryRun: off,
  checkpoint: text,
  earlyStop: text,
  timeBudget: text,
} satisfies OptionShape<TrainOptions>;

const models: OptionKind<readonly EvaluatedModel[]> = {
  wanted: `a list of { label, name, options }, where name is one of ${optionValues.model.choices.join(', ')}`,
  accepts: (value) => Array.isArray(value) && value.every(isEvaluatedModel),
  read: (all) => all.map((model) => ({ ...model, options: byFlagName(model.options) })),
};

function isEvaluatedModel(value: unknown): boolean {
  return (
    isObject(value) &&
    text.accepts(value['label']) &&
    train.model.accepts(value['name']) &&
    modelValues.accepts(value['options'])
  );
}

/** Whether order is read, the models say. */
export type WholeEvaluateOptions = Omit<EvaluateOptions, 'ordered'>;
export type WholeTuneOptions = Omit<TuneOptions, 'ordered'>;

export const evaluate = {
  ...onRoot,
  events: none,
  ...reading,
  models: or(models, []),
  modelOptions: noModelValues,
  snapshots: none,
  as: text,
  ...splitting,
  test: none,
  splitAt: text,
  part: or(choice(optionValues.part), optionValues.part.default),
  at: or(listOf(wholeNumber(optionValues.at), 'whole numbers from 1 to 1000'), optionValues.at.default),
  bootstrap: or(wholeNumber(optionValues.bootstrap), optionValues.bootstrap.default),
  seed,
  threads,
} satisfies OptionShape<WholeEvaluateOptions>;

export const tune = {
  ...onRoot,
  events: required(texts),
  ...reading,
  model: train.model,
  modelOptions: noModelValues,
  space: none,
  trials: or(wholeNumber(optionValues.trials), optionValues.trials.default),
  metric: or(text, optionValues.metric.default),
  trialsFile: text,
  ...splitting,
  seed,
  threads,
} satisfies OptionShape<WholeTuneOptions>;

export const buildIndex = {
  ...onSnapshot,
  targetRecall: or(number(optionValues.targetRecall), optionValues.targetRecall.default),
  lists: wholeNumber(optionValues.lists),
  seed,
  threads,
  tag: text,
} satisfies OptionShape<BuildIndexOptions>;

export const userVectorQuestion = {
  ...listening,
  halfLife: text,
  asOf: text,
} satisfies OptionShape<UserVectorQuestion>;

export const userVector = {
  ...onSnapshot,
  ...userVectorQuestion,
  events: text,
  ...texting,
  skipBadRows: off,
  all: off,
  threads,
  tag: text,
  ...running,
  table: texts,
} satisfies OptionShape<UserVectorOptions>;

export const listenerQuestion = {
  user: required(text),
  k: or(wholeNumber(optionValues.facts), optionValues.facts.default),
  halfLife: text,
  ...obeying,
} satisfies OptionShape<ListenerQuestion>;

export const listener = { ...onSnapshot, ...listenerQuestion } satisfies OptionShape<ListenerOptions>;

export const audienceQuestion = {
  item: required(text),
  k,
  minEvents,
  includeHeard: off,
} satisfies OptionShape<AudienceQuestion>;

export const audience = { ...onSnapshot, ...audienceQuestion } satisfies OptionShape<AudienceOptions>;

export const similarQuestion = {
  items: none,
  minus: none,
  weights: listOf(number({}), 'numbers'),
  vector: text,
  k,
  kind,
  exact: off,
  minEvents,
  maxPerArtist: wholeNumber(optionValues.maxPerArtist),
  ...selecting,
  for: text,
  includeHeard: off,
  ...obeying,
} satisfies OptionShape<SimilarQuestion>;

export const similar = { ...onSnapshot, ...similarQuestion } satisfies OptionShape<SimilarOptions>;

/** Without what the command line takes only to refuse it. */
export type WholeSimilarAllOptions = Omit<
  SimilarAllOptions,
  'all' | 'items' | 'weights' | 'vector' | 'maxPerArtist'
>;

export const similarAll = {
  ...onSnapshot,
  k,
  kind,
  exact: off,
  minEvents,
  ...selecting,
  ...writing,
  threads,
} satisfies OptionShape<WholeSimilarAllOptions>;

const limiting = {
  includeHeard: off,
  kind: text,
  maxPerArtist: wholeNumber(optionValues.maxPerArtist),
  ...selecting,
};

export const recommendQuestion = {
  ...listening,
  vector: text,
  k,
  ...limiting,
  explain: flag,
  reasons: wholeNumber(optionValues.reasons),
  whyNot: texts,
  fallback: text,
} satisfies OptionShape<RecommendQuestion>;

export const recommend = { ...onSnapshot, ...recommendQuestion } satisfies OptionShape<RecommendOptions>;

/** Without what the command line takes only to refuse it. */
export type WholeRecommendAllOptions = Omit<
  RecommendAllOptions,
  'all' | 'like' | 'dislike' | 'explain' | 'whyNot' | 'vector'
>;

export const recommendAll = {
  ...onSnapshot,
  users: none,
  ...obeying,
  usersFrom: text,
  recipe: text,
  seedItems: texts,
  shown: texts,
  page: wholeNumber(optionValues.page),
  asOf: text,
  k: wholeNumber(optionValues.k),
  ...limiting,
  ...writing,
  threads,
  stdin,
} satisfies OptionShape<WholeRecommendAllOptions>;

export const recipeQuestion = {
  recipe: required(text),
  ...listening,
  seedItems: none,
  shown: texts,
  page: wholeNumber(optionValues.page),
  asOf: text,
  k: wholeNumber(optionValues.k),
  includeHeard: off,
  explain: off,
  fallback: text,
  ...selecting,
} satisfies OptionShape<RecipeQuestion>;

export const recommendByRecipe = {
  ...onSnapshot,
  ...recipeQuestion,
} satisfies OptionShape<RecommendByRecipeOptions>;

export const listRecipes = onRoot satisfies OptionShape<{ root: string }>;
export const resolveRecipe = { ...onRoot, recipe: required(text) } satisfies OptionShape<{
  root: string;
  recipe: string;
}>;
export const checkRecipe = {
  ...onSnapshot,
  recipe: required(text),
} satisfies OptionShape<CheckRecipeOptions>;

export const importVectors = {
  ...onRoot,
  vectors: required(text),
  format: choice(optionValues.vectorFormat),
  ids: text,
  idColumn: text,
  vectorColumn: text,
  countColumn: text,
  items: text,
  ...itemTexting,
  userVectors: text,
  userIds: text,
  events: text,
  ...texting,
  skipBadRows: off,
  measure: or(choice(optionValues.measure), optionValues.measure.default),
  foldOptions: noModelValues,
  threads,
  tag: text,
  dryRun: off,
} satisfies OptionShape<ImportVectorsOptions>;

export const exportVectors = {
  ...onSnapshot,
  what: or(choice(optionValues.what), optionValues.what.default),
  kind,
  out,
  format: choice(optionValues.vectorFormat),
  force: off,
} satisfies OptionShape<ExportVectorsOptions>;

export const publish = {
  ...onRoot,
  snapshot: text,
  members: textsByName,
  expect: text,
  require: none,
  gates: text,
  threads,
  why: text,
  dryRun: off,
  at: moment,
  report: text,
} satisfies OptionShape<PublishOptions>;

export const rollback = {
  ...onRoot,
  snapshot: text,
  toTime: text,
  expect: text,
  why: text,
  dryRun: off,
  at: moment,
} satisfies OptionShape<RollbackOptions>;

const limit = wholeNumber(optionValues.limit);

export const itemsQuestion = { kind, words: none, where: text, k } satisfies OptionShape<ItemsQuestion>;
export const listItems = { ...onSnapshot, ...itemsQuestion } satisfies OptionShape<ListItemsOptions>;
export const showItem = { ...onSnapshot, item: required(text) } satisfies OptionShape<ShowItemOptions>;
export const listUsers = { ...onSnapshot, prefix: text, k } satisfies OptionShape<ListUsersOptions>;
export const showUser = {
  ...onSnapshot,
  user: required(text),
  k,
  ...obeying,
} satisfies OptionShape<ShowUserOptions>;

export const listSnapshots = { ...onRoot, limit, at: moment } satisfies OptionShape<ListSnapshotsOptions>;
export const showSnapshot = { ...onSnapshot, at: moment } satisfies OptionShape<ShowSnapshotOptions>;
export const history = { ...onRoot, limit } satisfies OptionShape<HistoryOptions>;

export const deleteSnapshots = {
  ...onRoot,
  snapshots: required(texts),
  force: off,
  dryRun: off,
} satisfies OptionShape<DeleteSnapshotsOptions>;

export const verifySnapshots = {
  ...onRoot,
  snapshots: texts,
  all: off,
} satisfies OptionShape<VerifySnapshotsOptions>;

export const tag = {
  ...onRoot,
  snapshot: required(text),
  tag: required(text),
} satisfies OptionShape<TagOptions>;

export const untag = { ...onRoot, tags: required(texts) } satisfies OptionShape<UntagOptions>;

export const gc = {
  ...onRoot,
  keep: or(wholeNumber(optionValues.keep), optionValues.keep.default),
  olderThan: text,
  dryRun: off,
  at: moment,
} satisfies OptionShape<GcOptions>;

export const diffSnapshots = {
  ...onRoot,
  a: or(text, optionValues.a.default),
  b: or(text, optionValues.b.default),
  as: text,
  k,
  failOn: none,
  sample: wholeNumber(optionValues.sample),
  users: wholeNumber(optionValues.comparedUsers),
  threads,
  report: text,
} satisfies OptionShape<DiffOptions>;

export const report = {
  ...onSnapshot,
  against: text,
  item: none,
  training: text,
  evaluation: text,
  map: or(flag, true),
  out: or(sink, optionValues.report.default),
  figures: text,
  png: flag,
  force: off,
  threads,
} satisfies OptionShape<ReportOptions>;

export const openNeighbourSource = {
  ...onSnapshot,
  item: text,
  minEvents,
  for: text,
  ...obeying,
} satisfies OptionShape<BrowseOptions>;

export const openReader = {
  as: text,
  inMemory: or(flag, true),
  workers: or(wholeNumber({ min: 0, max: optionValues.threads.max }), 0),
} satisfies OptionShape<ReaderOptions>;

export const followCurrent = {
  ...onRoot,
  pollMs: number({ min: 1 }),
  onChange: like<(snapshot: string, before: string) => void>('a function', anyFunction),
  onFailure: like<(error: unknown) => void>('a function', anyFunction),
} satisfies OptionShape<FollowOptions>;

const never = (): AbortSignal => new AbortController().signal;
const ignored = (): TaskContext['onProgress'] => () => undefined;

export const context = {
  signal: { ...like<AbortSignal>('an AbortSignal', isSignal), fallback: never },
  onProgress: { ...like<TaskContext['onProgress']>('a function', anyFunction), fallback: ignored },
  now: moment,
} satisfies OptionShape<TaskContext>;

/** Also one of another realm, or of a library that makes its own. */
function isSignal(value: unknown): boolean {
  return isObject(value) && typeof value['aborted'] === 'boolean' && anyFunction(value['addEventListener']);
}
