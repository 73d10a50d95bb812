/**
 * `segue tune`: a seeded search for a model's options on what validation holds out, of one model or of all. Of test parts
 * only the popularity of their items is looked at.
 */
import { join } from 'node:path';
import { openWorkspace } from '../compute/workspace.js';
import type { Count, Some, TaskContext, Text } from '../contracts.js';
import { AppError, refusedOption } from '../errors.js';
import { makeOwnDirectory } from '../files/durable-write.js';
import type { MeasuredSplit } from '../evaluation/measured-split.js';
import { hashInteractions } from '../events/interactions-hash.js';
import { sha256Hex } from '../files/sha256.js';
import type { ModelName, ModelOptions } from '../models/model.js';
import { userMetricNames, type RecallOver } from '../numeric/ranking-metrics.js';
import { canonicalJson } from '../snapshot/canonical-json.js';
import { rootPath } from '../snapshot/layout.js';
import { effectiveOptions, familiesOf, solverOption, type Family } from '../evaluation/tuning/family.js';
import { warnOfPopularity } from '../evaluation/popularity-better.js';
import { overDefaults, type OverDefaults } from '../evaluation/tuning/over-defaults.js';
import { numTrainings, search, type TriedSettings } from '../evaluation/tuning/search.js';
import { trainCommand } from '../evaluation/tuning/train-command.js';
import { TrialRunner } from '../evaluation/tuning/trial-runner.js';
import { openTrialsFile, type Training } from '../evaluation/tuning/trials-file.js';
import { splitForEvaluation, type SplitSummary } from '../evaluation/evaluation-split.js';
import { parseLongRun } from './long-run-options.js';
import { secondsSince } from './seconds.js';
import { bytesOf } from '../files/npy.js';
import type { AskedOf } from '../options/asked-of.js';

export type TuneOptions = AskedOf<'tune'>;

export interface TunedTrial extends TriedSettings {
  readonly model: ModelName;
  /** Effective options with the best checkpoint's epochs, by flag name. */
  readonly options: ModelOptions;
  /** Of all its trainings. */
  readonly seconds: number;
}

/** A model that was searched. */
export interface TunedModel {
  readonly model: ModelName;
  readonly space: readonly string[];
  /** Settings that were measured. */
  readonly trials: Count;
  /** Of its defaults, trained to their end; null where they diverged, or were not tried. */
  readonly defaults: number | null;
  readonly best: number | null;
  /** Of all its trainings. */
  readonly seconds: number;
  /** Why none of it was tried, where that is so: it does not fit, say. */
  readonly skipped: Text | null;
}

export interface TuneResult {
  readonly split: SplitSummary;
  /** Of the best. */
  readonly model: ModelName;
  readonly metric: string;
  readonly recallOver: RecallOver;
  readonly seed: Count;
  /** Of the model of the best. */
  readonly space: readonly string[];
  /** Epochs after which its trials were measured. */
  readonly rungs: readonly Count[];
  /** Of the most popular items. */
  readonly baseline: number;
  /** Of the defaults (of als, where several models were searched), trained to their end; null where they diverged. */
  readonly defaults: number | null;
  /** The best less the defaults; null where these diverged. */
  readonly overDefaults: OverDefaults | null;
  /** All that were searched. */
  readonly models: Some<TunedModel>;
  /** The best first. */
  readonly trials: Some<TunedTrial>;
  readonly best: TunedTrial;
  /** Words of the command line that trains with the settings found, or with the defaults where nothing is better. */
  readonly train: readonly string[];
  readonly trialsFile: string;
  /** Trainings that were done, and found done by an earlier run. */
  readonly trained: Count;
  readonly resumed: Count;
  readonly stoppedBy: 'trials' | 'time-budget';
  readonly seconds: number;
}

const mostTrials = 10_000;
/** Raised whenever the same search goes another way. 2: the defaults are trained to their end. */
const searchVersion = 2;

export async function tune(options: TuneOptions, context: TaskContext): Promise<TuneResult> {
  const started = performance.now();
  const { trials, seed, threads } = options;
  const { metric, k } = parseMetric(options.metric);
  const { budgetSeconds = Infinity } = parseLongRun({ timeBudget: options.timeBudget });
  requireValidation(options);
  if (trials < 1 || trials > mostTrials)
    throw refusedOption('trials', trials, `a number from 1 to ${mostTrials}`);
  const families = familiesOf(options.model, options.modelOptions, options.space);
  const ordered = families.some(({ model }) => model.readsOrder);
  const { split, summary } = await splitForEvaluation({ ...options, part: 'valid', ordered }, context);
  const recallOver = options.recallOver ?? summary.recallOver;
  const id = searchId(options, split, recallOver, families);
  const path = options.trialsFile ?? join(rootPath.tuning(options.root), `${id.slice(0, 16)}.jsonl`);
  if (options.trialsFile === undefined) makeOwnDirectory(rootPath.tuning(options.root));
  const file = openTrialsFile(path, id);
  try {
    const clock = (): number => performance.now() / 1000;
    const total = families.reduce((sum, { space, rungs }) => sum + numTrainings({ space, rungs, trials }), 0);
    const measuring = { split, metric, k, recallOver, file, total, threads, seed, clock };
    const runner = new TrialRunner(measuring, context);
    const baseline = await runner.baseline();
    const searched: Awaited<ReturnType<typeof searchFamily>>[] = [];
    for (const [at, family] of families.entries()) {
      const left = budgetSeconds - runner.spentSeconds;
      const share = left / (families.length - at);
      searched.push(await searchFamily(family, options, { share, left }, runner, context));
    }
    return {
      split: { ...summary, recallOver },
      ...{ metric, recallOver, seed, baseline: baseline.score ?? 0 },
      ...resultOf(searched, options, baseline.groups, context),
      trialsFile: path,
      trained: file.size() - file.before,
      resumed: file.before,
      stoppedBy: runner.isCut ? 'time-budget' : 'trials',
      seconds: secondsSince(started),
    };
  } catch (error) {
    if (context.signal.aborted && file.size() > 0) {
      const kept = `${String(file.size())} trials are saved in ${path}: the same command resumes from there`;
      context.onProgress({ kind: 'warning', message: kept });
    }
    throw error;
  } finally {
    file.close();
  }
}

/** A trial, with its training of every checkpoint. */
interface Tried {
  readonly family: Family;
  readonly trial: TunedTrial;
  readonly trainings: readonly Training[];
}

/** Errors for which a model is left out where there are others. */
const leftOut: ReadonlySet<string> = new Set(['too-large', 'out-of-memory', 'empty-input']);

/** The best first. @param seconds that it has, and that are left for all */
async function searchFamily(
  family: Family,
  { model: asked, trials, seed }: TuneOptions,
  { share, left }: { readonly share: number; readonly left: number },
  runner: TrialRunner,
  { onProgress }: TaskContext,
): Promise<{ readonly about: TunedModel; readonly tried: readonly Tried[] }> {
  const { model, space, rungs } = family;
  const { power } = openWorkspace(0).kernels;
  let found: TriedSettings[] = [];
  let skipped: string | null = null;
  try {
    found = await search({ space, trials, rungs, seed, power }, runner.trainer(family, share, left));
    if (found.length === 0) skipped = 'the time budget was used up before it';
  } catch (error) {
    if (asked !== 'all' || !(error instanceof AppError) || !leftOut.has(error.code)) throw error;
    skipped = error.message;
    onProgress({ kind: 'warning', message: `${model.name} is left out: ${skipped}` });
  } finally {
    await runner.close();
  }
  const tried = found.map((trial): Tried => {
    const trainings = runner.trainingsOf(family, trial);
    const options = effectiveOptions(family, trial.settings, trial.best?.epochs ?? rungs.at(-1) ?? 0);
    const taken = trainings.reduce((sum, each) => sum + each.seconds, 0);
    return { family, trainings, trial: { ...trial, model: model.name, options, seconds: taken } };
  });
  return {
    about: {
      model: model.name,
      space: space.map(({ text }) => text),
      trials: tried.length,
      defaults: defaultsOf(tried)?.trial.checkpoints.at(-1)?.score ?? null,
      best: tried[0]?.trial.best?.score ?? null,
      seconds: tried.reduce((sum, { trial }) => sum + trial.seconds, 0),
      skipped,
    },
    tried,
  };
}

function defaultsOf(tried: readonly Tried[]): Tried | undefined {
  return tried.find(({ trial }) => trial.number === 1);
}

/** The best of all, held against the defaults of the first. AppError 'diverged' where there is none. */
function resultOf(
  searched: readonly Awaited<ReturnType<typeof searchFamily>>[],
  options: TuneOptions,
  popularity: readonly number[],
  context: TaskContext,
) {
  const scoreOf = ({ trial }: Tried): number => trial.best?.score ?? -Infinity;
  const all = searched.flatMap(({ tried }) => tried).toSorted((a, b) => scoreOf(b) - scoreOf(a));
  const models = searched.map(({ about }) => about);
  const [found] = all;
  const best = found?.trial.best;
  if (found === undefined || best === null || best === undefined) throw nothingFound(options.trials, models);
  const { family, trial, trainings } = found;
  const ofBest = trainings[trial.checkpoints.indexOf(best)];
  const groups = [ofBest?.groups ?? [], popularity].map((of) => Float64Array.from(of)) as [
    Float64Array,
    Float64Array,
  ];
  warnOfPopularity(trial.model, options.metric, ...groups, context);
  const defaults = defaultsOf(searched[0]?.tried ?? []);
  const over = overDefaults(
    all.flatMap((one) => one.trainings),
    ofBest,
    defaults?.trainings.at(-1),
    options.seed,
  );
  const chosen = over?.isBetter === false && defaults !== undefined ? defaults : found;
  const epochs = chosen === found ? best.epochs : (chosen.family.rungs.at(-1) ?? 0);
  const effective = effectiveOptions(chosen.family, chosen.trial.settings, epochs);
  return {
    model: trial.model,
    space: family.space.map(({ text }) => text),
    rungs: family.rungs,
    defaults: models[0]?.defaults ?? null,
    overDefaults: over,
    models,
    trials: all.map((one) => one.trial),
    best: trial,
    train: trainCommand(
      { ...options, model: undefined, timeBudget: undefined },
      chosen.trial.model,
      { ...effective, ...solverOption(chosen.family) },
      options.seed,
    ),
  };
}

function parseMetric(text: string): { metric: string; k: number } {
  const match = /^([a-z-]+)@([1-9]\d{0,3})$/.exec(text);
  const name = userMetricNames.find((known) => known === match?.[1]);
  if (name !== undefined && Number(match?.[2]) <= 1000) return { metric: text, k: Number(match?.[2]) };
  throw refusedOption('metric', text, `one of ${userMetricNames.join(', ')} with @k, k from 1 to 1000`, {
    suggestions: ['for example `metric` ndcg@10'],
  });
}

/** AppError 'bad-usage' where there is nothing to tune by. */
function requireValidation({ split, valid }: TuneOptions): void {
  if (split === 'files' && valid.length === 0)
    throw new AppError('bad-usage', '`split` files needs `valid` FILE');
}

/** sha256 of everything that decides what the search finds but its time budget: a longer one goes on. */
function searchId(
  { seed, trials, metric }: TuneOptions,
  { train, histories, targets }: MeasuredSplit,
  recallOver: RecallOver,
  families: readonly Family[],
): string {
  const measured = [
    histories.indptr,
    histories.item,
    histories.weight,
    targets.indptr,
    targets.item,
    targets.unknown,
  ];
  return sha256Hex(
    canonicalJson({
      ...{ searchVersion, seed, trials, metric, recallOver },
      train: hashInteractions(train),
      measured: sha256Hex(...measured.map(bytesOf)),
      models: families.map((family) => ({
        model: family.model.name,
        algorithmVersion: family.model.algorithmVersion,
        options: { ...effectiveOptions(family, {}, 0), ...solverOption(family) },
        space: family.space.map(({ text }) => text),
        rungs: [...family.rungs],
      })),
    }),
  );
}

function nothingFound(trials: number, models: readonly TunedModel[]): AppError {
  const skipped = models.flatMap((one) => one.skipped ?? []);
  const what = skipped.length === 0 ? `all ${String(trials)} trials diverged` : skipped.join('; ');
  return new AppError('diverged', what, {
    suggestions: ['search larger regularisation: `space` reg=0.01..10:log'],
  });
}
