/** `segue train`: listening events → a snapshot with a vector for every item, and one for every user. */
import { performance } from 'node:perf_hooks';
import type { EpochReport, Interactions, ItemTable, Ranker, TaskContext } from '../contracts.js';
import { AppError } from '../errors.js';
import { heldOutMeasure, holdoutMetrics } from '../evaluation/holdout-metrics.js';
import type { EventFormat } from '../events/adjacency-shape.js';
import { readInteractions, type SourceSummary } from '../events/read-events.js';
import { readItemTable } from '../events/read-items.js';
import { requireMemory } from '../files/machine-memory.js';
import { findModel, resolveOptions } from '../models/all-models.js';
import { givenNumber } from '../models/given-options.js';
import type {
  FittedModel,
  GivenOptions,
  Model,
  ModelName,
  ModelOptions,
  ModelPlan,
} from '../models/model.js';
import { holdOut, type HeldOut } from '../numeric/split-pairs.js';
import { discardCheckpoints, openCheckpoints, type Checkpoints } from '../snapshot/checkpoints.js';
import { idWithParts } from '../snapshot/derive.js';
import { findSnapshot } from '../snapshot/find-snapshot.js';
import { requireTag, rootPath } from '../snapshot/layout.js';
import { markLatest } from '../snapshot/links.js';
import type { ManifestContent, ManifestOptions } from '../snapshot/manifest.js';
import { trainingId } from '../snapshot/snapshot-id.js';
import { writeModel } from '../snapshot/write-model.js';
import { beginSnapshot } from '../snapshot/write-snapshot.js';
import { writeUsers } from '../snapshot/write-users.js';
import { caseFolding } from '../store/casefold.js';
import { itemRows, type ItemRows } from '../tables/item-rows.js';
import { watchEpochs, type EpochWatch, type StoppedBy } from './epoch-watch.js';
import { earlyStopText, parseLongRun, type LongRun, type LongRunOptions } from './long-run-options.js';

/** What trains: this machine. Another engine may give other bits, so ids name it. */
const localEngine = 'local';

/** Held out for --early-stop where --holdout names no share. */
const usualHoldout = 0.1;

export interface TrainOptions extends LongRunOptions {
  readonly root: string;
  /** Files, globs, or '-'. */
  readonly events: readonly string[];
  readonly columns?: string | undefined;
  readonly quote?: string | undefined;
  readonly items?: string | undefined;
  readonly format?: EventFormat | undefined;
  readonly skipBadRows: boolean;
  readonly minWeight?: number | undefined;
  readonly model: ModelName;
  /** Of the model, by flag name; what is not said has the model's default. */
  readonly modelOptions: GivenOptions;
  readonly seed: number;
  readonly threads: number;
  readonly minUserItems: number;
  readonly minItemUsers: number;
  readonly minimumsOnce?: boolean | undefined;
  /** Share of each user's pairs kept out of training to measure with, 0 … 0.9; 0 with `earlyStop`: 0.1. */
  readonly holdout: number;
  readonly tag?: string | undefined;
  readonly withoutUsers: boolean;
  readonly dryRun: boolean;
}

interface Counts {
  readonly users: number;
  readonly items: number;
  /** Distinct pairs of user and item. */
  readonly interactions: number;
  readonly events: number;
  readonly skippedRows: number;
}

export interface TrainResult extends Counts {
  readonly snapshot: string;
  readonly basis: string;
  readonly model: string;
  readonly dim: number;
  /** Empty where the snapshot was found complete before, and for a model in closed form. */
  readonly epochs: readonly EpochReport[];
  /** The epoch whose model this is: the last one, or with `earlyStop` the best. null where there are no epochs. */
  readonly keptEpoch: number | null;
  readonly stoppedBy: StoppedBy | null;
  /** The epoch of the checkpoint that training went on from. */
  readonly resumedAfter: number | null;
  readonly metrics: Readonly<Record<string, number>>;
  readonly seconds: number;
  /** It had been made before: nothing was trained. */
  readonly existed: boolean;
  readonly tag: string | null;
  readonly path: string;
}

/** What `train --dry-run` says. */
export interface TrainPlan extends Counts {
  readonly dryRun: true;
  /** null where it depends on how many epochs are run. */
  readonly snapshot: string | null;
  readonly existed: boolean;
  readonly files: readonly SourceSummary[];
  readonly dim: number;
  readonly options: ManifestOptions;
  /** What training takes from the data beside them, such as α₀. */
  readonly parameters: ManifestOptions;
  /** Peak memory, about. */
  readonly memoryBytes: number;
  readonly threads: number;
  /** Of the epochs alone on as many threads, about. */
  readonly trainingSeconds: number;
  /** Of the snapshot, about. */
  readonly diskBytes: number;
}

export async function train(options: TrainOptions, context: TaskContext): Promise<TrainResult | TrainPlan> {
  const started = performance.now();
  if (options.tag !== undefined) requireTag(options.tag);
  const job = await prepare(options, context);
  const { counts, dim, planned } = job;
  const found = job.endsEarly ? undefined : await findSnapshot(options.root, planned.id, context);
  const metrics = found?.manifest.metrics;
  found?.close();
  if (options.dryRun) return planOf(job, options, metrics !== undefined);

  const about = { model: options.model, dim, tag: options.tag ?? null, ...counts };
  if (metrics !== undefined) {
    const { id, basis } = planned;
    markLatest(options.root, id, options.tag);
    if (job.rules.checkpointEvery !== undefined) discardCheckpoints(options.root, job.checkpointsOf);
    return {
      ...{ snapshot: id, basis, ...about, epochs: [], keptEpoch: null, stoppedBy: null, resumedAfter: null },
      ...{ metrics, existed: true, path: rootPath.snapshot(options.root, id) },
      seconds: secondsSince(started),
    };
  }
  const { snapshot, basis, ...made } = await make(job, options, context);
  return { snapshot, basis, ...about, ...made, seconds: secondsSince(started) };
}

interface Identity {
  readonly id: string;
  readonly basis: string;
  /** The model's options, and what else decides what it is trained on. */
  readonly options: ModelOptions;
}

/** Everything that is known before training starts. */
interface Job {
  readonly rules: LongRun;
  /** Whether training may end before its last epoch, so that only then it is known what it will be called. */
  readonly endsEarly: boolean;
  /** What a training of these options makes. */
  readonly identify: (modelOptions: ModelOptions) => Identity;
  /** With every epoch that was asked for. */
  readonly planned: Identity;
  /** The training that its checkpoints are filed under. */
  readonly checkpointsOf: string;
  readonly counts: Counts;
  readonly model: Model;
  readonly modelOptions: ModelOptions;
  /** The share that is held out. */
  readonly holdout: number;
  /** Of its vectors; 0 where it has none. */
  readonly dim: number;
  readonly interactions: Interactions;
  readonly table: ItemTable | undefined;
  readonly catalogue: ItemRows;
  readonly sources: readonly SourceSummary[];
  /** Where a share of the pairs is held out. */
  readonly heldOut: HeldOut | undefined;
  readonly plan: ModelPlan;
  /** Of the snapshot, about. */
  readonly diskBytes: number;
}

async function prepare(options: TrainOptions, context: TaskContext): Promise<Job> {
  const { seed } = options;
  const model = findModel(options.model);
  const modelOptions = resolveOptions(model, options.modelOptions);
  const rules = parseLongRun(options);
  requireEpochs(model, options);
  const holdout = options.holdout === 0 && rules.earlyStop !== undefined ? usualHoldout : options.holdout;
  const dim = model.dim(modelOptions);
  const { interactions, sources, skippedRows } = await readInteractions({
    ...options,
    files: options.events,
    ordered: model.readsOrder,
    ...context,
  });
  const table =
    options.items === undefined
      ? undefined
      : await readItemTable(options.items, { quote: options.quote, ...context });
  const catalogue = catalogueOf(interactions, table, options.items, context);
  const named = (identifying: ModelOptions): string =>
    trainingId({
      interactionsSha256: interactions.sha256,
      itemsSha256: table?.sha256 ?? null,
      model: options.model,
      algorithmVersion: model.algorithmVersion,
      engine: localEngine,
      seed,
      options: identifying,
    });
  const identify = (own: ModelOptions): Identity => {
    const identifying = holdout > 0 ? { ...own, holdout } : own;
    const basis = named(identifying);
    const id = idWithParts(basis, { users: options.withoutUsers ? null : { options: {} }, index: null });
    return { id, basis, options: identifying };
  };
  const planned = identify(modelOptions);
  const stop = rules.earlyStop === undefined ? {} : { 'early-stop': earlyStopText(rules.earlyStop) };
  const { pairs, sequences } = interactions;
  const heldOut = holdout > 0 ? holdOut(pairs, holdout, seed) : undefined;
  if (heldOut?.test.item.length === 0) throw nothingHeldOut(holdout);
  const plan = model.plan({ pairs: heldOut?.train ?? pairs, sequences }, modelOptions, seed);
  requireMemory('training', memoryOf(plan, rules, options.threads), [
    'use fewer --factors, or leave out rare users and items (--min-user-items, --min-item-users)',
  ]);
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
      skippedRows,
    },
    model,
    modelOptions,
    holdout,
    dim,
    interactions,
    table,
    catalogue,
    sources,
    heldOut,
    plan,
    diskBytes: plan.modelBytes + estimatedBytes(interactions, catalogue, dim),
  };
}

/** With --early-stop a copy of the best epoch's model is kept. */
function memoryOf(plan: ModelPlan, { earlyStop }: LongRun, threads: number): number {
  return plan.expectation(threads).memoryBytes + (earlyStop === undefined ? 0 : plan.modelBytes);
}

function nothingHeldOut(holdout: number): AppError {
  return new AppError(
    'empty-input',
    `--holdout ${String(holdout)} leaves nothing to measure with: a user keeps one of the items they like, and no other was held out`,
    { suggestions: ['hold out a larger share, or train without --holdout and --early-stop'] },
  );
}

/** AppError 'bad-usage' for rules about epochs where the model has none. */
function requireEpochs({ name, epochs }: Model, options: LongRunOptions): void {
  if (epochs !== 'none') return;
  const flags = { checkpoint: options.checkpoint, 'early-stop': options.earlyStop };
  for (const [flag, value] of Object.entries({ ...flags, 'time-budget': options.timeBudget })) {
    if (value === undefined) continue;
    throw new AppError('bad-usage', `--${flag} means nothing to --model ${name}, which has no epochs`, {
      suggestions: [`leave --${flag} out`],
      details: { flag, model: name },
    });
  }
}

/** The options of what was trained: of as many epochs as its model is of. */
function endedOptions({ model, modelOptions }: Job, { keptEpoch }: EpochWatch): ModelOptions {
  if (model.epochs === 'none' || keptEpoch === modelOptions['epochs']) return modelOptions;
  return model.epochs === 'nested'
    ? { ...modelOptions, epochs: keptEpoch }
    : { ...modelOptions, 'stopped-after': keptEpoch };
}

function planOf(job: Job, options: TrainOptions, existed: boolean): TrainPlan {
  const { threads } = options;
  const { planned, counts, sources: files, dim, plan, diskBytes } = job;
  const { seconds: trainingSeconds } = plan.expectation(threads);
  const memoryBytes = memoryOf(plan, job.rules, threads);
  return {
    dryRun: true,
    snapshot: job.endsEarly ? null : planned.id,
    existed,
    ...counts,
    files,
    dim,
    options: planned.options,
    parameters: plan.parameters ?? {},
    memoryBytes,
    diskBytes,
    threads,
    trainingSeconds,
  };
}

type Made = Omit<TrainResult, keyof Counts | 'model' | 'dim' | 'tag' | 'seconds'>;

/** Trains, and writes the snapshot: it appears complete or not at all. */
async function make(job: Job, options: TrainOptions, context: TaskContext): Promise<Made> {
  const { interactions, catalogue, dim, diskBytes, heldOut } = job;
  const { users: ids, pairs: histories } = interactions;
  const draft = beginSnapshot(options.root, { estimatedBytes: diskBytes }, context);
  let checkpoints: Checkpoints | undefined;
  let fitted: FittedModel | undefined;
  const step = (phase: string, total: number | undefined, unit: string): void => {
    context.onProgress({ kind: 'step', phase, done: 0, total, unit });
  };
  try {
    if (job.rules.checkpointEvery !== undefined)
      checkpoints = await openCheckpoints(options.root, job.checkpointsOf, context);
    const clock = (): number => performance.now() / 1000;
    const watch = watchEpochs({
      numEpochs: givenNumber(job.modelOptions, 'epochs', 0),
      rules: job.rules,
      measure: stopMeasure(job, options.seed, context),
      checkpoints,
      clock,
      context,
    });
    const { resume, afterEpoch } = watch;
    fitted = await job.plan.fit({ threads: options.threads, clock, context, resume, afterEpoch });
    const { epochs, stoppedBy, resumedAfter } = watch;
    const keptEpoch = epochs.length === 0 ? null : watch.keptEpoch;
    const loss = epochs[watch.keptEpoch - 1]?.loss;
    let metrics: Record<string, number> = loss === undefined ? {} : { loss };
    if (heldOut !== undefined) {
      metrics = { ...metrics, ...(await holdoutMetrics(fitted, heldOut, options.seed, context)) };
    }
    step('user vectors', undefined, 'users');
    const vectors = options.withoutUsers ? undefined : await fitted.userVectors(histories);
    step('writing', diskBytes, 'bytes');
    await writeModel(draft, { files: fitted.files(), catalogue });
    if (!options.withoutUsers) await writeUsers(draft, { vectors, dim, ids, histories });
    const unconverged = vectors?.unconverged ?? 0;
    const usersSection = options.withoutUsers ? null : { rows: job.counts.users, unconverged, options: {} };
    const identity = job.identify(endedOptions(job, watch));
    const content = contentOf(job, identity, options.seed, usersSection, metrics);
    const { path, existed } = await draft.commit(content, options.tag);
    checkpoints?.discard();
    const { id: snapshot, basis } = identity;
    const ended = { epochs, keptEpoch, stoppedBy: keptEpoch === null ? null : stoppedBy, resumedAfter };
    return { snapshot, basis, ...ended, metrics, existed, path };
  } finally {
    checkpoints?.close();
    draft.abandon();
    await fitted?.close();
  }
}

/** What --early-stop goes by, measured of the model as it stands; its own progress is not shown. */
function stopMeasure(
  { rules: { earlyStop }, heldOut }: Job,
  seed: number,
  context: TaskContext,
): ((ranker: Ranker) => Promise<number>) | undefined {
  if (earlyStop === undefined || heldOut === undefined) return undefined;
  const measure = heldOutMeasure(heldOut, [earlyStop.k], seed);
  const quiet = { signal: context.signal, onProgress: () => undefined };
  return async (ranker) => (await measure(ranker, quiet))[earlyStop.metric] ?? 0;
}

function contentOf(
  { interactions, table, model, dim, plan }: Job,
  { id, basis, options }: Identity,
  seed: number,
  users: ManifestContent['users'],
  metrics: ManifestContent['metrics'],
): ManifestContent {
  return {
    id,
    basis,
    parent: null,
    inputs: {
      interactions: describe(interactions),
      items: table === undefined ? null : { sha256: table.sha256, rows: table.ids.length },
    },
    model: {
      name: model.name,
      algorithmVersion: model.algorithmVersion,
      scorer: model.scorer,
      fold: model.fold,
      engine: localEngine,
      seed,
      dim,
      options,
      ...(plan.parameters === undefined ? {} : { parameters: plan.parameters }),
      caseFolding,
    },
    users,
    index: null,
    metrics,
  };
}

function secondsSince(startMs: number): number {
  return (performance.now() - startMs) / 1000;
}

/** Items with their names; a warning where the table knows few of them. */
function catalogueOf(
  { items, pairs }: Interactions,
  table: ItemTable | undefined,
  file: string | undefined,
  context: TaskContext,
): ItemRows {
  const counts = new Uint32Array(pairs.numItems);
  for (let p = 0; p < pairs.item.length; p++) {
    const item = pairs.item[p] ?? 0;
    counts[item] = (counts[item] ?? 0) + (pairs.count[p] ?? 0);
  }
  const catalogue = itemRows(items, counts, table);
  if (table === undefined || file === undefined) return catalogue;
  const numUnplayed = catalogue.ids.length - items.length;
  const numDescribed = table.ids.length - numUnplayed;
  if (numDescribed === 0) {
    throw new AppError('bad-input-file', `${file}: none of its ids is an item of the events`, {
      suggestions: [
        `an id in ${file} is ${JSON.stringify(table.ids.at(0))}, in the events ${JSON.stringify(items.at(0))}`,
      ],
    });
  }
  const unknown = items.length - numDescribed;
  if (unknown > 0) {
    const message = `${String(unknown)} of ${String(items.length)} items are not in ${file}: their ids are their names`;
    context.onProgress({ kind: 'warning', message });
  }
  return catalogue;
}

function describe(interactions: Interactions): ManifestContent['inputs']['interactions'] {
  const { sha256, numEvents, users, items, pairs, firstAt, lastAt } = interactions;
  return {
    sha256,
    events: numEvents,
    users: users.length,
    items: items.length,
    pairs: pairs.item.length,
    firstAt: isoTime(firstAt),
    lastAt: isoTime(lastAt),
  };
}

function isoTime(ms: bigint | null): string | null {
  return ms === null ? null : new Date(Number(ms)).toISOString();
}

/** Users' vectors, histories, and three times the ids and names: tables, stores and their keys. */
function estimatedBytes({ users, pairs }: Interactions, { ids }: ItemRows, dim: number): number {
  const vectors = 4 * dim * users.length;
  const histories = 25 * pairs.item.length;
  const texts = 3 * (users.bytes.length + ids.bytes.length) + 200 * (users.length + ids.length);
  return vectors + histories + texts + 65_536;
}
