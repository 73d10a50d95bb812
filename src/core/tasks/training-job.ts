/** What `segue train` knows before it trains: what was read, what it will be called, and what it will take. */
import type { Count, Interactions, ItemTable, Moment, TaskContext } from '../contracts.js';
import { AppError } from '../errors.js';
import { remarksOnItems, type Remark, type SourceSummary } from '../events/reading-remarks.js';
import type { AsRead, ExampleEvent } from '../events/first-look.js';
import { itemTableOfEvents, readItemTable } from '../events/read-items.js';
import { itemTextOptions } from '../events/text-options.js';
import { requireMemory } from '../files/machine-memory.js';
import { trainCommand } from '../evaluation/tuning/train-command.js';
import { planChoice, type ChosenModel, type PlannedChoice } from '../evaluation/choice/choose-model.js';
import { askedModel, findModel, resolveOptions, solverOf, type AskedModel } from '../models/all-models.js';
import { givenNumber } from '../models/given-options.js';
import type { Engine, Model, ModelOptions, ModelPlan } from '../models/model.js';
import type { LedgerCell } from '../numeric/ledger-cell.js';
import { holdOut, type HeldOut } from '../numeric/split-pairs.js';
import { idWithParts } from '../snapshot/writing/derive.js';
import { kindRows, kindVersion, type KindRows } from '../snapshot/kind-rows.js';
import type { ManifestContent } from '../snapshot/manifest.js';
import { trainingId } from '../snapshot/snapshot-id.js';
import { caseFolding } from '../store/casefold.js';
import { featureTable } from '../tables/grown-column.js';
import type { ItemRows } from '../tables/item-rows.js';
import { readEventsBy } from '../spark/events-by-engine.js';
import type { SparkOnDemand } from '../spark/on-demand.js';
import { catalogueOf } from './catalogue.js';
import { isoTime, warnOfTimes } from '../events/event-times.js';
import { interactionsInput, kindSections } from './manifest-sections.js';
import { earlyStopText, parseLongRun, type LongRun, type LongRunOptions } from './long-run-options.js';
import { train as operation } from '../options/operations.js';
import type { Asked } from '../options/option.js';

/** What trains where a model has no other solver: this machine. Another engine may give other bits, so ids name it. */
const localEngine = 'local';

/** Held out for --early-stop where --holdout names no share. */
export const defaultHoldout = 0.1;

export type TrainOptions = Asked<typeof operation.options>;

export interface TrainingCounts {
  readonly users: Count;
  readonly items: Count;
  /** Distinct pairs of user and item. */
  readonly interactions: Count;
  readonly events: Count;
  readonly skippedRows: Count;
  /** Of the earliest and the latest event, ISO 8601; null where no event has a time. */
  readonly firstAt: Moment | null;
  readonly lastAt: Moment | null;
  readonly files: readonly SourceSummary[];
  /** What may have been meant otherwise. */
  readonly remarks: readonly Remark[];
}

export interface TrainingIdentity {
  readonly id: string;
  readonly basis: string;
  /** The model's options, and what else decides what it is trained on. */
  readonly options: ModelOptions;
}

/** Rows as they were understood, and the options that would have the files read so again. Only for a dry run. */
export interface FirstLook {
  readonly examples: readonly ExampleEvent[];
  readonly asRead: AsRead | null;
}

/** A model that was chosen, with its options as they are trained with. */
export interface Chosen extends ChosenModel {
  /** What is resolved of its options: epochs, λ, the weight; with a dot before them, those of a blend's second member. */
  readonly settings: ModelOptions;
  /** Words of the command line that trains the same. */
  readonly train: readonly string[];
}

/** Everything that is known before training starts. */
export interface TrainingJob {
  readonly rules: LongRun;
  /** Whether training may end before its last epoch, so that only then it is known what it will be called. */
  readonly endsEarly: boolean;
  /** What a training of these options makes. */
  readonly identify: (modelOptions: ModelOptions) => TrainingIdentity;
  /** With every epoch that was asked for. */
  readonly planned: TrainingIdentity;
  /** The training that its checkpoints are filed under. */
  readonly checkpointsOf: string;
  readonly counts: TrainingCounts;
  readonly firstLook: FirstLook;
  /** How the model was chosen, or, in a dry run, will be; undefined where it was named. */
  readonly choice: PlannedChoice | undefined;
  readonly chosen: Chosen | undefined;
  readonly model: Model;
  readonly modelOptions: ModelOptions;
  /** The share that is held out. */
  readonly holdout: number;
  /** Of its vectors; 0 where it has none. */
  readonly dim: number;
  readonly interactions: Interactions;
  /** The last entry of the ledger that the events were exported from. */
  readonly ledgerMark: LedgerCell | undefined;
  readonly table: ItemTable | undefined;
  readonly catalogue: ItemRows;
  /** The artists and albums that get vectors, of a model whose items have vectors. */
  readonly kinds: readonly KindRows[];
  /** Where a share of the pairs is held out. */
  readonly heldOut: HeldOut | undefined;
  readonly plan: ModelPlan;
  readonly engine: Engine;
  /** Peak of the process, about. */
  readonly memoryBytes: number;
  /** Of the epochs alone, about. */
  readonly trainingSeconds: number;
  /** Of the snapshot, about. */
  readonly diskBytes: number;
}

/** @param spark that reads the events; undefined: this machine does */
export async function prepareTraining(
  options: TrainOptions,
  context: TaskContext,
  spark?: SparkOnDemand,
): Promise<TrainingJob> {
  const { seed } = options;
  const asked = askedModel(options.model, options.modelOptions);
  if (asked !== undefined) {
    requireEpochs(asked.model, options);
    resolveOptions(asked.model, asked.given);
  }
  const said = parseLongRun(options);
  const holdout = options.holdout === 0 && said.earlyStop !== undefined ? defaultHoldout : options.holdout;
  const read = await readTraining(options, asked?.model ?? findModel('als'), context, spark);
  const { interactions, table, catalogue } = read;
  const { pairs, sequences } = interactions;
  const heldOut = holdout > 0 ? holdOut(pairs, holdout, seed) : undefined;
  if (heldOut?.test.item.length === 0) {
    throw new AppError(
      'empty-input',
      `\`holdout\` ${String(holdout)} leaves nothing to measure with: a user keeps one of the items they like, and no other was held out`,
      { suggestions: ['hold out a larger share, or train without `holdout` and `earlyStop`'] },
    );
  }
  const data = { pairs: heldOut?.train ?? pairs, sequences, items: featureTable(catalogue.columns) };
  const choice = asked === undefined ? planChoice(data.pairs, seed) : undefined;
  const made = await chosenBy(choice, options, context);
  const { model, given } = asked ?? modelOf((made ?? choice?.usual)!, said);
  const modelOptions = resolveOptions(model, given);
  // Only of a model that was chosen: a named one has been refused.
  const rules = model.epochs === 'none' ? withoutEpochs(options, context) : said;
  const plan = model.plan(data, modelOptions, seed, solverOf(given));
  const dim = givenNumber(plan.parameters ?? {}, 'factors', model.dim(modelOptions));
  const kinds = dim === 0 ? [] : kindRows(catalogue, interactions.items.length);
  const engine = plan.solver?.engine ?? { name: localEngine, algorithmVersion: model.algorithmVersion };
  const named = (identifying: ModelOptions): string =>
    trainingId({
      interactionsSha256: interactions.sha256,
      itemsSha256: table?.sha256 ?? null,
      model: model.name,
      algorithmVersion: engine.algorithmVersion,
      engine: engine.name,
      seed,
      options: identifying,
      kinds: Object.fromEntries(kinds.map(({ kind }) => [kind, kindVersion])),
    });
  const identify = (own: ModelOptions): TrainingIdentity => {
    const identifying = holdout > 0 ? { ...own, holdout } : own;
    const basis = named(identifying);
    const id = idWithParts(basis, { users: options.withoutUsers ? null : { options: {} }, index: null });
    return { id, basis, options: identifying };
  };
  const planned = identify(modelOptions);
  const stop = rules.earlyStop === undefined ? {} : { 'early-stop': earlyStopText(rules.earlyStop) };
  const idBytes = interactions.users.bytes.length + interactions.items.bytes.length;
  const { memoryBytes: fitting, seconds: trainingSeconds } = plan.expectation(options.threads);
  // With earlyStop a copy of the best epoch's model is kept.
  const best = rules.earlyStop === undefined ? 0 : plan.modelBytes;
  const memoryBytes = fitting + best + idBytes + kindMemoryBytes(kinds);
  requireMemory('training', memoryBytes, [
    'use fewer `factors`, or leave out rare users and items (`minUserItems`, `minItemUsers`)',
  ]);
  if (plan.solver?.remark !== undefined) context.onProgress({ kind: 'note', message: plan.solver.remark });
  return {
    rules,
    endsEarly:
      rules.earlyStop !== undefined ||
      rules.budgetSeconds !== undefined ||
      (choice !== undefined && made === undefined),
    identify,
    planned,
    checkpointsOf: named({ ...planned.options, ...stop }),
    counts: {
      users: interactions.users.length,
      items: interactions.items.length,
      interactions: interactions.pairs.item.length,
      events: interactions.numEvents,
      skippedRows: read.skippedRows,
      firstAt: isoTime(interactions.firstAt),
      lastAt: isoTime(interactions.lastAt),
      files: read.sources,
      remarks: read.remarks,
    },
    firstLook: { examples: read.examples ?? [], asRead: read.asRead ?? null },
    choice,
    chosen: made && {
      ...made,
      options: given as ModelOptions,
      settings: settingsOf(modelOptions, plan),
      train: commandOf(options, holdout, model, given as ModelOptions),
    },
    model,
    modelOptions,
    holdout,
    dim,
    interactions,
    ledgerMark: read.ledgerMark,
    table,
    catalogue,
    kinds,
    heldOut,
    plan,
    engine,
    memoryBytes,
    trainingSeconds,
    diskBytes: plan.modelBytes + estimatedBytes(interactions, catalogue, dim) + kindDiskBytes(kinds, dim),
  };
}

/** A dry run trains nothing to know it, nor does one that has nothing to choose by. */
async function chosenBy(
  choice: PlannedChoice | undefined,
  { threads, dryRun }: TrainOptions,
  context: TaskContext,
): Promise<ChosenModel | undefined> {
  if (choice === undefined || choice.decided !== undefined || dryRun) return choice?.decided;
  return choice.choose({ threads, clock: () => performance.now() / 1000 }, context);
}

/** With `earlyStop` that decides on the epochs. */
function modelOf(chosen: PlannedChoice['usual'], { earlyStop }: LongRun): AskedModel {
  const { epochs, ...given } = chosen.options;
  return {
    model: findModel(chosen.model),
    given: earlyStop === undefined && epochs !== undefined ? { ...given, epochs } : given,
  };
}

/** What decides most, once the data are known. */
function settingsOf(options: ModelOptions, { parameters, second }: ModelPlan): ModelOptions {
  const named = (of: ModelOptions, prefix = '') =>
    ['epochs', 'factors', 'reg', 'neighbours', 'blend-weight'].flatMap((flag) => {
      const value = of[flag];
      return typeof value === 'number' ? [[`${prefix}${flag}`, value] as const] : [];
    });
  const ofSecond = second && named({ ...second.options, ...second.parameters }, `${second.name}.`);
  return Object.fromEntries([...named({ ...options, ...parameters }), ...(ofSecond ?? [])]);
}

/** What types the same training, where its model was chosen. */
function commandOf(options: TrainOptions, holdout: number, model: Model, given: ModelOptions): string[] {
  const { checkpoint, earlyStop, timeBudget, ...rest } = options;
  const long = model.epochs === 'none' ? {} : { checkpoint, earlyStop, timeBudget };
  const seed = options.seed === operation.options.seed.fallback() ? undefined : options.seed;
  return trainCommand({ ...rest, holdout, ...long }, model.name, given, seed);
}

/** Events and items as they are trained on, with what is to be said of them. */
async function readTraining(
  options: TrainOptions,
  { readsOrder }: Model,
  context: TaskContext,
  spark: SparkOnDemand | undefined,
) {
  const { itemParts, itemDetails, ...read } = await readEventsBy(spark, {
    ...options,
    files: options.events,
    ordered: readsOrder,
    firstLook: options.dryRun,
    ...context,
  });
  const { interactions } = read;
  warnOfTimes(
    interactions,
    { halfLife: options.modelOptions['half-life'], asOf: options.modelOptions['as-of'] },
    context,
  );
  const table =
    options.items === undefined
      ? itemTableOfEvents(interactions.items, itemParts, itemDetails)
      : await readItemTable(options.items, { ...itemTextOptions(options), ...context });
  const catalogue = catalogueOf(interactions, table, options.items, context);
  const ofItems = remarksOnItems(interactions, table, options.items, catalogue.ids.length);
  const remarks = [...read.remarks, ...ofItems];
  // A plan has them in its own text.
  for (const { message, suggestions, isWarning } of options.dryRun ? [] : remarks)
    if (!isWarning) context.onProgress({ kind: 'note', message, suggestions });
  return { ...read, table, catalogue, remarks };
}

function epochRulesIn({ checkpoint, earlyStop, timeBudget }: LongRunOptions): string[] {
  const flags = { checkpoint, 'early-stop': earlyStop, 'time-budget': timeBudget };
  return Object.entries(flags).flatMap(([flag, value]) => (value === undefined ? [] : [flag]));
}

/** Rules about epochs say nothing of a chosen model that has none, which is said. */
function withoutEpochs(options: LongRunOptions, { onProgress }: TaskContext): LongRun {
  for (const flag of epochRulesIn(options)) {
    const message = `\`${flag}\` does not apply: the model that was chosen is trained without epochs`;
    onProgress({ kind: 'note', message, suggestions: ['name a model that has epochs: `model` als'] });
  }
  return parseLongRun({});
}

/** AppError 'bad-usage' for rules about epochs where the model has none. */
function requireEpochs({ name, epochs }: Model, options: LongRunOptions): void {
  if (epochs !== 'none') return;
  for (const flag of epochRulesIn(options)) {
    throw new AppError('bad-usage', `\`${flag}\` does not apply to \`model\` ${name}, which has no epochs`, {
      suggestions: [`leave \`${flag}\` out`],
      details: { flag, model: name },
    });
  }
}

/** What the manifest says of a training that has ended. */
export function contentOfTraining(
  { interactions, ledgerMark, table, model, dim, plan, engine, kinds }: TrainingJob,
  { id, basis, options }: TrainingIdentity,
  seed: number,
  users: ManifestContent['users'],
  metrics: ManifestContent['metrics'],
  /** What training found beside the plan's parameters. */
  found?: ModelOptions,
): ManifestContent {
  return {
    id,
    basis,
    parent: null,
    inputs: {
      interactions: interactionsInput(interactions),
      items: table === undefined ? null : { sha256: table.sha256, rows: table.ids.length },
      ...(ledgerMark === undefined ? {} : { feedback: ledgerMark }),
    },
    model: {
      name: model.name,
      algorithmVersion: engine.algorithmVersion,
      scorer: model.scorer,
      fold: model.fold,
      engine: engine.name,
      seed,
      dim,
      options,
      ...(plan.parameters === undefined && found === undefined
        ? {}
        : { parameters: { ...plan.parameters, ...found } }),
      ...(plan.second === undefined ? {} : { blend: plan.second }),
      caseFolding,
      ...kindSections(kinds),
    },
    users,
    index: null,
    metrics,
  };
}

/** Ids, names and what they are looked up by, each a few dozen characters: an estimate on the safe side. */
const bytesPerEntity = 300;

/** Of artists and albums while they wait for their vectors, about: the rows of the items' too. */
function kindMemoryBytes(kinds: readonly KindRows[]): number {
  return kinds.reduce((sum, { ids, ofItem }) => sum + bytesPerEntity * ids.length + 4 * ofItem.length, 0);
}

function kindDiskBytes(kinds: readonly KindRows[], dim: number): number {
  return kinds.reduce(
    (sum, { ids, numVectors, ofItem }) =>
      sum + 4 * dim * numVectors + 5 * ids.bytes.length + 200 * ids.length + 4 * ofItem.length,
    0,
  );
}

/** Users' vectors, histories and ids, these in a table and a store; of items also metadata and what finds them. */
function estimatedBytes({ users, pairs }: Interactions, { ids, columns }: ItemRows, dim: number): number {
  const meanIdBytes = users.bytes.length / users.length;
  const ofUsers = (4 * dim + meanIdBytes + 12 + bytesInStore(meanIdBytes)) * users.length;
  const histories = 25 * pairs.item.length;
  let texts = 0;
  for (const { values } of columns) for (const cell of values) texts += Buffer.byteLength(String(cell ?? ''));
  return Math.ceil(ofUsers + histories + 3 * (ids.bytes.length + texts) + 200 * ids.length + 65_536);
}

/** Of an id in a store: a leaf's share, and those of the pages above, in which its first id stands again. */
function bytesInStore(idBytes: number): number {
  const page = 4096;
  const entriesOfPage = Math.max(2, Math.floor((page - 16) / (idBytes + 22)));
  return page / (entriesOfPage - 1);
}
