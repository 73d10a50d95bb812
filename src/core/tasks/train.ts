/** `segue train`: listening events → a snapshot with a vector for every item, and one for every user. */
import { performance } from 'node:perf_hooks';
import type { Interactions, ItemTable, TaskContext } from '../contracts.js';
import { AppError } from '../errors.js';
import {
  expectation,
  localEngine,
  planTraining,
  trainLocally,
  type TrainedModel,
  type TrainingPlan,
} from '../engine/local-engine.js';
import { readInteractions, type SourceSummary } from '../events/read-events.js';
import { readItemTable } from '../events/read-items.js';
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
import {
  alsAlgorithmVersion,
  alsOptionsByFlag,
  resolveAlsOptions,
  type AlsOptions,
} from '../training/als-options.js';
import type { EpochReport } from '../training/train-als.js';

export interface TrainOptions {
  readonly root: string;
  /** Files, globs, or '-'. */
  readonly events: readonly string[];
  readonly columns?: string | undefined;
  readonly quote?: string | undefined;
  readonly items?: string | undefined;
  readonly skipBadRows: boolean;
  readonly model: 'als';
  readonly factors: number;
  readonly epochs: number;
  readonly objective: 'ials' | 'hu';
  /** undefined: the objective's default, here and below. */
  readonly unobservedWeight?: number | undefined;
  readonly confidence?: string | undefined;
  readonly reg?: number | undefined;
  readonly regExponent?: number | undefined;
  readonly init: 'svd' | 'normal';
  readonly cgSteps: number;
  readonly seed: number;
  readonly threads: number;
  readonly minUserItems: number;
  readonly minItemUsers: number;
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

  const { id, basis, counts, als } = job;
  const about = { basis, model: options.model, dim: als.factors, tag: options.tag ?? null, ...counts };
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
  readonly als: AlsOptions;
  /** Every effective option, by flag name. */
  readonly modelOptions: ManifestOptions;
  readonly interactions: Interactions;
  readonly table: ItemTable | undefined;
  readonly catalogue: ItemRows;
  readonly sources: readonly SourceSummary[];
  readonly plan: TrainingPlan;
  /** Of the snapshot, about. */
  readonly diskBytes: number;
}

async function prepare(options: TrainOptions, context: TaskContext): Promise<Job> {
  const als = resolveAlsOptions(options);
  const holdout = options.holdout > 0 ? { holdout: options.holdout } : {};
  const modelOptions = { ...alsOptionsByFlag(als), ...holdout };
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
    algorithmVersion: alsAlgorithmVersion,
    engine: localEngine,
    seed: als.seed,
    options: modelOptions,
  });
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
    als,
    modelOptions,
    interactions,
    table,
    catalogue,
    sources,
    plan: planTraining(interactions.pairs, als, options.holdout),
    diskBytes: estimatedBytes(interactions, catalogue, als.factors),
  };
}

function planOf(job: Job, { threads }: TrainOptions, existed: boolean): TrainPlan {
  const { id, counts, sources: files, als, modelOptions, plan, diskBytes } = job;
  const { memoryBytes, secondsPerEpoch } = expectation(plan, counts.items, threads);
  return {
    dryRun: true,
    snapshot: id,
    existed,
    ...counts,
    files,
    dim: als.factors,
    options: modelOptions,
    memoryBytes,
    diskBytes,
    threads,
    trainingSeconds: secondsPerEpoch * als.epochs,
  };
}

/** Trains, and writes the snapshot: it appears complete or not at all. */
async function make(
  job: Job,
  options: TrainOptions,
  context: TaskContext,
): Promise<Pick<TrainResult, 'epochs' | 'metrics' | 'existed' | 'path'>> {
  const { interactions, catalogue, als, diskBytes } = job;
  const dim = als.factors;
  const draft = beginSnapshot(options.root, { estimatedBytes: diskBytes }, context);
  let trained: TrainedModel | undefined;
  try {
    const clock = (): number => performance.now() / 1000;
    trained = await trainLocally(job.plan, job.counts.items, options.threads, clock, context);
    const { workspace, items, users, eigenvalues, epochs, unconverged } = trained;
    context.onProgress({ kind: 'step', phase: 'writing', done: 0, total: diskBytes, unit: 'bytes' });
    await writeModel(draft, { workspace, items, dim, eigenvalues, catalogue });
    if (!options.withoutUsers) {
      const { users: ids, pairs: histories } = interactions;
      await writeUsers(draft, { workspace, users, dim, ids, histories });
    }
    const metrics = { loss: epochs.at(-1)?.loss ?? 0, ...trained.metrics };
    const usersSection = options.withoutUsers ? null : { rows: job.counts.users, unconverged, options: {} };
    const { path, existed } = await draft.commit(contentOf(job, options, usersSection, metrics), options.tag);
    return { epochs, metrics, existed, path };
  } finally {
    draft.abandon();
    await trained?.close();
  }
}

function contentOf(
  { id, basis, interactions, table, als, modelOptions }: Job,
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
      name: options.model,
      algorithmVersion: alsAlgorithmVersion,
      scorer: 'inner-product',
      fold: 'normal-equations',
      engine: localEngine,
      seed: als.seed,
      dim: als.factors,
      options: modelOptions,
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

/** Vectors, histories, and three times the ids and names: tables, stores and their keys. */
function estimatedBytes({ users, items, pairs }: Interactions, { ids }: ItemRows, factors: number): number {
  const vectors = 4 * factors * (users.length + items.length);
  const histories = 25 * pairs.item.length;
  const texts = 3 * (users.bytes.length + ids.bytes.length) + 200 * (users.length + ids.length);
  return vectors + histories + texts + 65_536;
}
