/** What `segue train` knows before it trains: what was read, what it will be called, and what it will take. */
import type { Count, Interactions, ItemTable, Moment, TaskContext } from '../contracts.js';
import { AppError } from '../errors.js';
import { remarksOnItems, type Remark, type SourceSummary } from '../events/reading-remarks.js';
import type { AsRead, ExampleEvent } from '../events/first-look.js';
import { itemTableOfEvents, readItemTable } from '../events/read-items.js';
import { itemTextOptions } from '../events/text-options.js';
import { requireMemory } from '../files/machine-memory.js';
import { findModel, resolveOptions, solverOf } from '../models/all-models.js';
import type { Engine, Model, ModelOptions, ModelPlan } from '../models/model.js';
import type { LedgerCell } from '../numeric/ledger-cell.js';
import { holdOut, type HeldOut } from '../numeric/split-pairs.js';
import { idWithParts } from '../snapshot/writing/derive.js';
import { kindRows, kindVersion, type KindRows } from '../snapshot/kind-rows.js';
import type { ManifestContent } from '../snapshot/manifest.js';
import { trainingId } from '../snapshot/snapshot-id.js';
import { caseFolding } from '../store/casefold.js';
import type { ItemRows } from '../tables/item-rows.js';
import { readEventsBy } from '../spark/events-by-engine.js';
import type { SparkOnDemand } from '../spark/on-demand.js';
import { catalogueOf } from './catalogue.js';
import { isoTime, warnOfTimes } from '../events/event-times.js';
import { interactionsInput, kindSections } from './manifest-sections.js';
import { earlyStopText, parseLongRun, type LongRun, type LongRunOptions } from './long-run-options.js';
import type { train as operation } from '../options/operations.js';
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
  const model = findModel(options.model);
  requireEpochs(model, options);
  const modelOptions = resolveOptions(model, options.modelOptions);
  const solver = solverOf(options.modelOptions);
  const rules = parseLongRun(options);
  const holdout = options.holdout === 0 && rules.earlyStop !== undefined ? defaultHoldout : options.holdout;
  const dim = model.dim(modelOptions);
  const read = await readTraining(options, model, context, spark);
  const { interactions, table, catalogue } = read;
  const kinds = dim === 0 ? [] : kindRows(catalogue, interactions.items.length);
  const { pairs, sequences } = interactions;
  const heldOut = holdout > 0 ? holdOut(pairs, holdout, seed) : undefined;
  if (heldOut?.test.item.length === 0) {
    throw new AppError(
      'empty-input',
      `\`holdout\` ${String(holdout)} leaves nothing to measure with: a user keeps one of the items they like, and no other was held out`,
      { suggestions: ['hold out a larger share, or train without `holdout` and `earlyStop`'] },
    );
  }
  const data = { pairs: heldOut?.train ?? pairs, sequences };
  const plan = model.plan(data, modelOptions, seed, solver);
  const engine = plan.solver?.engine ?? { name: localEngine, algorithmVersion: model.algorithmVersion };
  const named = (identifying: ModelOptions): string =>
    trainingId({
      interactionsSha256: interactions.sha256,
      itemsSha256: table?.sha256 ?? null,
      model: options.model,
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
    endsEarly: rules.earlyStop !== undefined || rules.budgetSeconds !== undefined,
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

/** AppError 'bad-usage' for rules about epochs where the model has none. */
function requireEpochs({ name, epochs }: Model, options: LongRunOptions): void {
  if (epochs !== 'none') return;
  const flags = { checkpoint: options.checkpoint, 'early-stop': options.earlyStop };
  for (const [flag, value] of Object.entries({ ...flags, 'time-budget': options.timeBudget })) {
    if (value === undefined) continue;
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
