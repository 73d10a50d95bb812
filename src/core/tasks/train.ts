/** `segue train`: listening events → a snapshot with a vector for every item, and one for every user. */
import type { Count, EpochReport, Rank, Ranker, SnapshotId, TaskContext } from '../contracts.js';
import { AppError } from '../errors.js';
import { heldOutMeasure, holdoutMetrics } from '../evaluation/holdout-metrics.js';
import { peakBytes } from '../files/machine-memory.js';
import { askedModel } from '../models/all-models.js';
import { refuseFeatures } from '../models/features/trained-features.js';
import { givenNumber } from '../models/given-options.js';
import type { FitRun, FittedModel, ModelName, ModelOptions, Solver } from '../models/model.js';
import { discardCheckpoints, openCheckpoints, type Checkpoints } from '../checkpoints/checkpoints.js';
import { findSnapshot } from '../snapshot/find-snapshot.js';
import { requireTag } from '../snapshot/layout.js';
import type { ManifestContent, ManifestOptions } from '../snapshot/manifest.js';
import { fillSnapshot, type FilledSnapshot, type MadeSnapshot } from '../snapshot/writing/make-snapshot.js';
import { writeModel, type ModelPart } from '../snapshot/writing/write-model.js';
import type { SnapshotDraft } from '../snapshot/writing/write-snapshot.js';
import { writeUsers } from '../snapshot/writing/write-users.js';
import type { SparkOnDemand } from '../spark/on-demand.js';
import type { SparkNeeds } from '../spark/train-by-spark.js';
import { watchEpochs, type EpochWatch, type StoppedBy } from './epoch-watch.js';
import {
  type Chosen,
  contentOfTraining,
  prepareTraining,
  type FirstLook,
  type TrainingCounts,
  type TrainingJob,
  type TrainOptions,
} from './training-job.js';
import { secondsSince } from './seconds.js';

export type { Chosen, TrainOptions };

export interface TrainResult extends TrainingCounts, MadeSnapshot {
  readonly model: string;
  /** How the model was chosen; null where it was named. */
  readonly chosen: Chosen | null;
  readonly dim: Count;
  /** Empty where the snapshot was found complete before, and for a model in closed form. */
  readonly epochs: readonly EpochReport[];
  /** The epoch whose model this is: the last one, or with `earlyStop` the best. null where there are no epochs. */
  readonly keptEpoch: Rank | null;
  readonly stoppedBy: StoppedBy | null;
  /** The epoch of the checkpoint that training went on from. */
  readonly resumedAfter: Rank | null;
  readonly metrics: Readonly<Record<string, number>>;
}

/** What a choice among models would take. */
export interface ChoicePlan {
  /** Where it is known without training: there is too little to choose by. */
  readonly chosen: Chosen | null;
  /** Models that would be tried; what else is planned is of the first of them. */
  readonly candidates: readonly ModelName[];
  /** Users that they would be trained on. */
  readonly users: Count;
  /** About. */
  readonly seconds: number;
}

/** What `train --dry-run` says. */
export interface TrainPlan extends TrainingCounts, FirstLook {
  readonly dryRun: true;
  /** null where it depends on how many epochs are run. */
  readonly snapshot: SnapshotId | null;
  readonly existed: boolean;
  /** What a choice among models would take; null where the model is named. */
  readonly choice: ChoicePlan | null;
  readonly model: string;
  readonly dim: Count;
  readonly options: ManifestOptions;
  /** What training takes from the data beside them, such as α₀. */
  readonly parameters: ManifestOptions;
  /** What would train it, of a model that has several; null for the others. */
  readonly solver: Solver | null;
  /** Peak memory, about. */
  readonly memoryBytes: Count;
  readonly threads: Count;
  /** Of the epochs alone on as many threads, about. */
  readonly trainingSeconds: number;
  /** Of the snapshot, about. */
  readonly diskBytes: Count;
  /** What `engine` spark takes of its executors; null without it. */
  readonly spark: SparkNeeds | null;
}

export async function train(options: TrainOptions, context: TaskContext): Promise<TrainResult | TrainPlan> {
  const started = performance.now();
  const step = await planOrFill(options, context);
  if ('dryRun' in step) return step;
  // All that took memory is out of reach by now: what opens the snapshot needs some of it.
  const { snapshot, checkpoints, about } = step;
  try {
    const { path, existed, manifest } = await snapshot.commit();
    checkpoints?.discard();
    const { id, basis, metrics } = manifest;
    return { snapshot: id, basis, ...about, metrics, existed, path, seconds: secondsSince(started) };
  } finally {
    checkpoints?.close();
  }
}

/**
 * A plan, or what was found or trained and waits to be committed: whoever has it closes the checkpoints. Spark, where it
 * is the engine, is there until the draft is written.
 */
async function planOrFill(options: TrainOptions, context: TaskContext): Promise<TrainPlan | FilledTraining> {
  requireTrainable(options);
  const { root, tag, engine, dryRun } = options;
  const spark =
    engine === 'spark'
      ? (await import('../spark/train-by-spark.js')).sparkForTraining(options, context)
      : undefined;
  try {
    const job = await prepareTraining(options, context, spark);
    const { counts, dim, diskBytes: estimatedBytes, planned, rules, checkpointsOf } = job;
    const id = job.endsEarly ? undefined : planned.id;
    if (dryRun) {
      const found = id === undefined ? undefined : await findSnapshot(options.root, id, context);
      found?.close();
      return await planOf(job, options.threads, found !== undefined, spark);
    }
    const target = { root, id, tag, estimatedBytes };
    const snapshot = await fillSnapshot(
      target,
      (draft) => learn(draft, job, spark, options, context),
      context,
    );
    if (snapshot.filled === undefined && rules.checkpointEvery !== undefined)
      discardCheckpoints(root, checkpointsOf);
    const { epochs, checkpoints } = snapshot.filled ?? { epochs: notTrained, checkpoints: undefined };
    const { model, chosen = null } = job;
    const about = { model: model.name, chosen, dim, tag: tag ?? null, ...counts, ...epochs };
    return { snapshot, checkpoints, about };
  } finally {
    await spark?.close();
  }
}

/** AppErrors 'bad-usage' for a bad tag, for what the engine does not do, and where there are no events. */
function requireTrainable({ tag, engine, model, modelOptions, events, table = [] }: TrainOptions): void {
  const tables = engine === 'spark' ? table : [];
  if (tag !== undefined) requireTag(tag);
  if (events.length + tables.length === 0)
    throw new AppError(
      'bad-usage',
      'no events are named: give files of events, or a `table` with `engine` spark',
    );
  if (engine !== 'spark') return;
  refuseFeatures(modelOptions, '`engine` spark trains plain als');
  const asked = askedModel(model, modelOptions)?.model;
  if (asked?.isDistributable === true) return;
  const refused = asked === undefined ? 'choose a model: name one' : `train \`model\` ${asked.name}`;
  throw new AppError('bad-usage', `\`engine\` spark does not ${refused}`, {
    suggestions: ['use `model` als, or `engine` local'],
  });
}

/** The options of what was trained: of as many epochs as its model is of. */
function endedOptions({ model, modelOptions }: TrainingJob, { keptEpoch }: EpochWatch): ModelOptions {
  if (model.epochs === 'none' || keptEpoch === modelOptions['epochs']) return modelOptions;
  return model.epochs === 'nested'
    ? { ...modelOptions, epochs: keptEpoch }
    : { ...modelOptions, 'stopped-after': keptEpoch };
}

/** What a training would do. */
async function planOf(
  {
    planned,
    choice,
    chosen,
    model,
    counts,
    firstLook,
    dim,
    plan,
    endsEarly,
    memoryBytes,
    trainingSeconds,
    diskBytes,
  }: TrainingJob,
  threads: number,
  existed: boolean,
  spark: SparkOnDemand | undefined,
): Promise<TrainPlan> {
  let needs: SparkNeeds | null = null;
  if (spark !== undefined && plan.passes !== undefined) {
    const { needsOfTraining } = await import('../spark/train-by-spark.js');
    needs = await needsOfTraining(await spark.open(), plan.passes, counts.interactions);
  }
  return {
    dryRun: true,
    snapshot: endsEarly ? null : planned.id,
    existed,
    ...counts,
    ...firstLook,
    choice: choicePlanOf(choice, chosen, threads),
    model: model.name,
    dim,
    options: planned.options,
    parameters: plan.parameters ?? {},
    solver: plan.solver?.name ?? null,
    // The events have been read: what that took at most is known.
    memoryBytes: Math.max(memoryBytes, peakBytes()),
    diskBytes,
    threads,
    trainingSeconds,
    spark: needs,
  };
}

function choicePlanOf(
  choice: TrainingJob['choice'],
  chosen: Chosen | undefined,
  threads: number,
): ChoicePlan | null {
  if (choice === undefined) return null;
  const { candidates, users, seconds } = choice;
  return { chosen: chosen ?? null, candidates, users, seconds: seconds / threads };
}

/** How the epochs went. */
type EpochsResult = Pick<TrainResult, 'epochs' | 'keptEpoch' | 'stoppedBy' | 'resumedAfter'>;

const notTrained: EpochsResult = { epochs: [], keptEpoch: null, stoppedBy: null, resumedAfter: null };

interface FilledTraining {
  readonly snapshot: FilledSnapshot<Learned>;
  readonly checkpoints: Checkpoints | undefined;
  readonly about: Omit<TrainResult, 'snapshot' | 'basis' | 'metrics' | 'existed' | 'path' | 'seconds'>;
}

interface Learned {
  readonly content: ManifestContent;
  /** Open: they are discarded when the snapshot is there. */
  readonly checkpoints: Checkpoints | undefined;
  readonly epochs: EpochsResult;
}

/** Trains, and writes the draft of the snapshot. */
async function learn(
  draft: SnapshotDraft,
  job: TrainingJob,
  spark: SparkOnDemand | undefined,
  options: TrainOptions,
  context: TaskContext,
): Promise<Learned> {
  const { interactions, catalogue, dim, diskBytes, heldOut } = job;
  const { users: ids, pairs: histories } = interactions;
  let checkpoints: Checkpoints | undefined;
  let fitted: FittedModel | undefined;
  let isWritten = false;
  const engine = await engineOf(spark, context);
  const step = (phase: string, total: number | undefined, unit: string): void => {
    engine.context.onProgress({ kind: 'step', phase, done: 0, total, unit });
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
      context: engine.context,
    });
    const { resume, afterEpoch } = watch;
    const { threads } = options;
    fitted = await job.plan.fit({ threads, clock, ...engine, resume, afterEpoch });
    const { epochs, stoppedBy, resumedAfter } = watch;
    const keptEpoch = epochs.length === 0 ? null : watch.keptEpoch;
    const loss = epochs[watch.keptEpoch - 1]?.loss;
    let metrics: Record<string, number> = loss === undefined ? {} : { loss };
    if (heldOut !== undefined) {
      metrics = { ...metrics, ...(await holdoutMetrics(fitted, heldOut, options.seed, engine.context)) };
    }
    const vectors = options.withoutUsers ? undefined : fitted.userVectors(histories, engine.context);
    step('writing', diskBytes, 'bytes');
    await writeModel(draft, { files: fitted.files(), catalogue, kinds: kindsOf(job, fitted) });
    if (!options.withoutUsers) await writeUsers(draft, { vectors: vectors?.batches, dim, ids, histories });
    const unconverged = vectors?.unconverged() ?? 0;
    const usersSection = options.withoutUsers ? null : { rows: job.counts.users, unconverged, options: {} };
    const identity = job.identify(endedOptions(job, watch));
    const content = contentOfTraining(
      ...([job, identity, options.seed, usersSection, metrics, fitted.parameters] as const),
    );
    const ended = { epochs, keptEpoch, stoppedBy: keptEpoch === null ? null : stoppedBy, resumedAfter };
    isWritten = true;
    return { content, checkpoints, epochs: ended };
  } finally {
    if (!isWritten) checkpoints?.close();
    await fitted?.close();
  }
}

async function engineOf(
  spark: SparkOnDemand | undefined,
  context: TaskContext,
): Promise<Pick<FitRun, 'context' | 'openPool'>> {
  if (spark === undefined) return { context };
  const { trainingBySpark } = await import('../spark/train-by-spark.js');
  return trainingBySpark(spark, context);
}

function kindsOf({ kinds }: TrainingJob, fitted: FittedModel): ModelPart['kinds'] {
  const items = fitted.itemVectors();
  return items === undefined || kinds.length === 0 ? undefined : { rows: kinds, items };
}

/** What --early-stop goes by, measured of the model as it stands; its own progress is not shown. */
function stopMeasure(
  { rules: { earlyStop }, heldOut }: TrainingJob,
  seed: number,
  context: TaskContext,
): ((ranker: Ranker) => Promise<number>) | undefined {
  if (earlyStop === undefined || heldOut === undefined) return undefined;
  const measure = heldOutMeasure(heldOut, [earlyStop.k], seed);
  const quiet = { signal: context.signal, onProgress: () => undefined };
  return async (ranker) => (await measure(ranker, quiet)).metrics[earlyStop.metric] ?? 0;
}
