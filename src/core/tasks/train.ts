/** `segue train`: listening events → a snapshot with a vector for every item, and one for every user. */
import { performance } from 'node:perf_hooks';
import type { EpochReport, Interactions, ItemTable, TaskContext } from '../contracts.js';
import { AppError } from '../errors.js';
import { holdoutMetrics } from '../evaluation/holdout-metrics.js';
import type { EventFormat } from '../events/adjacency-shape.js';
import { readInteractions, type SourceSummary } from '../events/read-events.js';
import { readItemTable } from '../events/read-items.js';
import { findModel, resolveOptions } from '../models/all-models.js';
import type {
  FittedModel,
  GivenOptions,
  Model,
  ModelName,
  ModelOptions,
  ModelPlan,
} from '../models/model.js';
import { holdOut, type HeldOut } from '../numeric/split-pairs.js';
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

/** What trains: this machine. Another engine may give other bits, so ids name it. */
const localEngine = 'local';

export interface TrainOptions {
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
  /** Share of each user's pairs kept out of training to measure with, 0 … 0.9. */
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
  /** Empty where the snapshot existed already. */
  readonly epochs: readonly EpochReport[];
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
  readonly snapshot: string;
  readonly existed: boolean;
  readonly files: readonly SourceSummary[];
  readonly dim: number;
  readonly options: ManifestOptions;
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
  const found = await findSnapshot(options.root, job.id, context);
  const metrics = found?.manifest.metrics;
  found?.close();
  if (options.dryRun) return planOf(job, options, metrics !== undefined);

  const { id, basis, counts, dim } = job;
  const about = { basis, model: options.model, dim, tag: options.tag ?? null, ...counts };
  if (metrics !== undefined) {
    markLatest(options.root, id, options.tag);
    const path = rootPath.snapshot(options.root, id);
    return {
      snapshot: id,
      ...about,
      epochs: [],
      metrics,
      existed: true,
      seconds: secondsSince(started),
      path,
    };
  }
  const made = await make(job, options, context);
  return { snapshot: id, ...about, ...made, seconds: secondsSince(started) };
}

/** Everything that is known before training starts. */
interface Job {
  readonly id: string;
  readonly basis: string;
  readonly counts: Counts;
  readonly model: Model;
  readonly modelOptions: ModelOptions;
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
  const { seed, holdout } = options;
  const model = findModel(options.model);
  const modelOptions = resolveOptions(model, options.modelOptions);
  const dim = model.dim(modelOptions);
  const { interactions, sources, skippedRows } = await readInteractions({
    ...options,
    files: options.events,
    ...context,
  });
  const table =
    options.items === undefined
      ? undefined
      : await readItemTable(options.items, { quote: options.quote, ...context });
  const catalogue = catalogueOf(interactions, table, options.items, context);
  const basis = trainingId({
    interactionsSha256: interactions.sha256,
    itemsSha256: table?.sha256 ?? null,
    model: options.model,
    algorithmVersion: model.algorithmVersion,
    engine: localEngine,
    seed,
    options: identifyingOptions(modelOptions, options),
  });
  const { pairs } = interactions;
  const heldOut = holdout > 0 ? holdOut(pairs, holdout, seed) : undefined;
  const plan = model.plan({ pairs: heldOut?.train ?? pairs }, modelOptions, seed);
  return {
    id: idWithParts(basis, { users: options.withoutUsers ? null : { options: {} }, index: null }),
    basis,
    counts: {
      users: interactions.users.length,
      items: interactions.items.length,
      interactions: interactions.pairs.item.length,
      events: interactions.numEvents,
      skippedRows,
    },
    model,
    modelOptions,
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

/** The model's options, and what else decides what it is trained on. */
function identifyingOptions(options: ModelOptions, { holdout }: TrainOptions): ModelOptions {
  return holdout > 0 ? { ...options, holdout } : options;
}

function planOf(job: Job, options: TrainOptions, existed: boolean): TrainPlan {
  const { threads } = options;
  const { id, counts, sources: files, dim, modelOptions, plan, diskBytes } = job;
  const { memoryBytes, seconds: trainingSeconds } = plan.expectation(threads);
  return {
    dryRun: true,
    snapshot: id,
    existed,
    ...counts,
    files,
    dim,
    options: identifyingOptions(modelOptions, options),
    memoryBytes,
    diskBytes,
    threads,
    trainingSeconds,
  };
}

/** Trains, and writes the snapshot: it appears complete or not at all. */
async function make(
  job: Job,
  options: TrainOptions,
  context: TaskContext,
): Promise<Pick<TrainResult, 'epochs' | 'metrics' | 'existed' | 'path'>> {
  const { interactions, catalogue, dim, diskBytes, heldOut } = job;
  const { users: ids, pairs: histories } = interactions;
  const draft = beginSnapshot(options.root, { estimatedBytes: diskBytes }, context);
  let fitted: FittedModel | undefined;
  const step = (phase: string, total: number | undefined, unit: string): void => {
    context.onProgress({ kind: 'step', phase, done: 0, total, unit });
  };
  try {
    const clock = (): number => performance.now() / 1000;
    fitted = await job.plan.fit({ threads: options.threads, clock, context });
    const { epochs } = fitted;
    const loss = epochs.at(-1)?.loss;
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
    const { path, existed } = await draft.commit(contentOf(job, options, usersSection, metrics), options.tag);
    return { epochs, metrics, existed, path };
  } finally {
    draft.abandon();
    await fitted?.close();
  }
}

function contentOf(
  { id, basis, interactions, table, model, modelOptions, dim }: Job,
  options: TrainOptions,
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
      seed: options.seed,
      dim,
      options: identifyingOptions(modelOptions, options),
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
