/** `segue evaluate`: how well models find what was held out, several side by side, popularity always among them. */
import { setImmediate } from 'node:timers/promises';
import type { Count, Pairs, Positive, Some, TaskContext, Text } from '../contracts.js';
import { abortError, AppError } from '../errors.js';
import { shellWord } from '../shell-word.js';
import {
  evaluateRanker,
  type DecileQuality,
  type RankingMetrics,
  type RankingQuality,
} from '../evaluation/evaluate-ranker.js';
import { usersOfItems, type SplitFindings } from '../evaluation/measured-split.js';
import { chooseModel } from '../evaluation/choice/choose-model.js';
import { askedModel, findModel, resolveOptions, solverOf } from '../models/all-models.js';
import type { GivenOptions, Model, ModelOptions, Solver } from '../models/model.js';
import { interval95, resampledMeans } from '../numeric/bootstrap.js';
import type { RecallOver } from '../numeric/ranking-metrics.js';
import { openEvaluatedSnapshots } from '../evaluation/evaluated-snapshots.js';
import { baseline, type About, type Candidate } from '../evaluation/evaluation-candidate.js';
import { splitForEvaluation, type SplitSummary } from '../evaluation/evaluation-split.js';
import { secondsSince } from './seconds.js';
import type { evaluate as operation } from '../options/operations.js';
import type { Asked } from '../options/option.js';
import type { EvaluatedModel } from '../options/catalogue/model-options.js';

export type { DecileQuality };

export type EvaluateOptions = Asked<typeof operation.options>;

/** 95 %, over users. */
export type Interval = readonly [low: number, high: number];

export interface Difference {
  readonly difference: number;
  readonly interval: Interval | null;
}

/** One row of the table. */
export interface Evaluated extends About {
  readonly users: Count;
  readonly metrics: RankingMetrics;
  /** Of metrics that are means over users; empty without bootstrap. */
  readonly intervals: Readonly<Record<string, Interval>>;
  /** The same metrics less the baseline's, user by user; empty for the baseline. */
  readonly overBaseline: Readonly<Record<string, Difference>>;
  readonly historyPopularity: number;
  /** @maxItems 10 */
  readonly deciles: readonly DecileQuality[];
  readonly findings: SplitFindings;
  readonly seconds: { readonly train: number; readonly rank: number };
}

export interface EvaluateResult {
  readonly split: SplitSummary;
  readonly at: Some<Positive>;
  readonly recallOver: RecallOver;
  readonly bootstrap: Count;
  readonly seed: Count;
  readonly results: Some<Evaluated>;
  readonly warnings: readonly Text[];
  readonly seconds: number;
}

export async function evaluate(options: EvaluateOptions, context: TaskContext): Promise<EvaluateResult> {
  const started = performance.now();
  const warnings: string[] = [];
  const noting: TaskContext = {
    ...context,
    onProgress: (progress) => {
      if (progress.kind === 'warning') warnings.push(progress.message);
      context.onProgress(progress);
    },
  };
  const { candidates, summary, close } = await prepare(options, noting);
  try {
    const recallOver = options.recallOver ?? summary.recallOver;
    const at = [...new Set(options.at)].sort((a, b) => a - b);
    const measured: Measurement[] = [];
    for (const candidate of candidates) measured.push(await measure(candidate, at, recallOver, noting));
    const results = await withIntervals(measured, options, noting);
    return {
      split: { ...summary, recallOver },
      at,
      recallOver,
      bootstrap: options.bootstrap,
      seed: options.seed,
      results,
      warnings,
      seconds: secondsSince(started),
    };
  } finally {
    close();
  }
}

interface Prepared {
  /** The last one is the baseline. */
  readonly candidates: readonly Candidate[];
  readonly summary: SplitSummary;
  close(): void;
}

async function prepare(options: EvaluateOptions, context: TaskContext): Promise<Prepared> {
  if (options.snapshots.length > 0) {
    for (const [flag, value] of Object.entries(options.modelOptions)) {
      if (value === undefined) continue;
      throw new AppError(
        'bad-usage',
        `\`${flag}\` does not apply to \`snapshot\`, which is not trained here`,
      );
    }
    if (options.models.length > 0) {
      throw new AppError(
        'bad-usage',
        '`snapshot` measures existing snapshots, and `model` models that are trained here',
        {
          suggestions: [
            'segue train EVENTS makes a snapshot of the model first',
            'or leave one of the two out',
          ],
        },
      );
    }
    return openEvaluatedSnapshots(options, context);
  }
  const asked = askedModels(options);
  const ordered = asked.some(({ model }) => model?.readsOrder === true);
  const { split, summary } = await splitForEvaluation({ ...options, ordered }, context);
  const models: ChosenModel[] = [];
  for (const one of asked) models.push(await chosenModel(one, split.train.pairs, options, context));
  const popularity = usersOfItems(split.train.pairs);
  const clock = (): number => performance.now() / 1000;
  // The baseline stands beside them in any case.
  const others = models.filter(({ model, label }) => label !== model.name || model.name !== 'popularity');
  const data = { pairs: split.train.pairs, sequences: split.train.sequences };
  const trained = others.map(({ label, model, modelOptions, solver }): Candidate => ({
    about: { name: label, kind: 'model', model: model.name, options: modelOptions, snapshot: null },
    measured: split,
    popularity,
    open(inner) {
      const plan = model.plan(data, modelOptions, options.seed, solver);
      if (plan.solver?.remark !== undefined) inner.onProgress({ kind: 'note', message: plan.solver.remark });
      return plan.fit({ threads: options.threads, clock, context: inner });
    },
  }));
  return {
    candidates: [...trained, baseline(split, popularity)],
    summary,
    close: () => undefined,
  };
}

interface ChosenModel {
  readonly label: string;
  readonly model: Model;
  readonly modelOptions: ModelOptions;
  readonly solver: Solver | undefined;
}

/** By its name; undefined where it is to be chosen. */
interface NamedModel {
  readonly label: string;
  readonly model: Model | undefined;
  readonly given: GivenOptions;
}

/** AppError 'bad-usage' for a label that is there twice, and for an option that does not apply to any of them. */
function askedModels({ models, modelOptions: given }: EvaluateOptions): NamedModel[] {
  const named: readonly EvaluatedModel[] =
    models.length === 0 ? [{ label: 'als', name: 'als', options: {} }] : models;
  const labels = named.map(({ label }) => label);
  const twice = labels.find((label, at) => labels.indexOf(label) !== at);
  if (twice !== undefined) {
    throw new AppError('bad-usage', `\`model\` ${twice} is given twice`, {
      suggestions: [`give one of them options of its own: \`model\` ${shellWord(`${twice}:OPTION=VALUE`)}`],
    });
  }
  const asked = named.map(({ label, name, options }) => ({
    label,
    name,
    options,
    model: name === 'auto' ? undefined : findModel(name),
  }));
  for (const [flag, value] of Object.entries(given)) {
    const [first] = asked;
    const isMeant = asked.some(({ model }) => model?.flags.includes(flag));
    if (value === undefined || first === undefined || isMeant) continue;
    const { model } = askedModel(first.name, { [flag]: value }) ?? {};
    if (model !== undefined) resolveOptions(model, { [flag]: value });
  }
  return asked.map(({ label, name, options, model }) => {
    const shared = Object.entries(given).filter(([flag]) => model?.flags.includes(flag));
    const all = { ...Object.fromEntries(shared), ...options };
    const one = askedModel(name, all);
    if (one !== undefined) resolveOptions(one.model, all);
    return { label, model, given: all };
  });
}

/** Named, or chosen by a validation on a part of what is trained on. */
async function chosenModel(
  { label, model, given }: NamedModel,
  pairs: Pairs,
  { seed, threads }: EvaluateOptions,
  context: TaskContext,
): Promise<ChosenModel> {
  if (model !== undefined)
    return { label, model, modelOptions: resolveOptions(model, given), solver: solverOf(given) };
  const { model: name, options, reason } = await chooseModel(pairs, seed, threads, context);
  context.onProgress({ kind: 'note', message: `${label} is ${name}: ${reason}` });
  const chosen = findModel(name);
  return { label, model: chosen, modelOptions: resolveOptions(chosen, options), solver: undefined };
}

interface Measurement {
  readonly candidate: Candidate;
  readonly quality: RankingQuality;
  readonly seconds: Evaluated['seconds'];
}

async function measure(
  candidate: Candidate,
  at: readonly number[],
  recallOver: RecallOver,
  context: TaskContext,
): Promise<Measurement> {
  const { about, measured, popularity } = candidate;
  const named: TaskContext = {
    ...context,
    onProgress: (progress) =>
      context.onProgress(
        progress.kind === 'step' ? { ...progress, phase: `${about.name}: ${progress.phase}` } : progress,
      ),
  };
  const started = performance.now();
  const ranker = await candidate.open(named);
  try {
    const train = secondsSince(started);
    const ranked = performance.now();
    const { histories, targets } = measured;
    const asked = { at, recallOver, popularity, phase: 'ranking' };
    const quality = await evaluateRanker(ranker, histories, targets, asked, named);
    return { candidate, quality, seconds: { train, rank: secondsSince(ranked) } };
  } finally {
    await ranker.close();
  }
}

/** Intervals, and differences to the last one, the baseline. All see the same draws of the same users. */
async function withIntervals(
  measured: readonly Measurement[],
  { bootstrap, seed }: EvaluateOptions,
  context: TaskContext,
): Promise<Evaluated[]> {
  const base = measured.at(-1);
  if (base === undefined) return [];
  const { columns, users } = base.quality;
  const means = bootstrap === 0 ? undefined : await drawAll(measured, bootstrap, seed, context);
  const pair = (of: Float64Array, column: number, less?: Float64Array): Interval => {
    const { low, high } = interval95(of, columns.length, column, less);
    return [low, high];
  };
  return measured.map((one, index) => {
    const { about, measured: whom } = one.candidate;
    const own = means?.[index];
    const others = means?.at(-1);
    const value = (of: Measurement, name: string): number => of.quality.metrics[name] ?? 0;
    return {
      ...about,
      users,
      metrics: one.quality.metrics,
      intervals:
        own === undefined ? {} : Object.fromEntries(columns.map((name, column) => [name, pair(own, column)])),
      overBaseline:
        one === base
          ? {}
          : Object.fromEntries(
              columns.map((name, column) => [
                name,
                {
                  difference: value(one, name) - value(base, name),
                  interval: own === undefined || others === undefined ? null : pair(own, column, others),
                },
              ]),
            ),
      historyPopularity: one.quality.historyPopularity,
      deciles: one.quality.deciles,
      findings: whom.findings,
      seconds: one.seconds,
    };
  });
}

async function drawAll(
  measured: readonly Measurement[],
  bootstrap: number,
  seed: number,
  { onProgress, signal }: TaskContext,
): Promise<Float64Array[]> {
  const first = measured[0]?.quality;
  const draws = resampledMeans(
    measured.map(({ quality }) => quality.perUser),
    first?.users ?? 0,
    first?.columns.length ?? 0,
    bootstrap,
    seed,
  );
  for (;;) {
    const { done, value } = draws.next();
    if (done === true) return value;
    // So that an interrupt is noticed.
    await setImmediate();
    if (signal.aborted) throw abortError(signal);
    onProgress({ kind: 'step', phase: 'bootstrap', done: value, total: bootstrap, unit: 'draws' });
  }
}
