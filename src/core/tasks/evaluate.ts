/** `segue evaluate`: how well models find what was held out, several side by side, popularity always among them. */
import { setImmediate } from 'node:timers/promises';
import type { Count, Pairs, Positive, Some, TaskContext, Text } from '../contracts.js';
import { abortError, AppError } from '../errors.js';
import { shellWord } from '../shell-word.js';
import {
  evaluateRanker,
  ofUsers,
  type DecileQuality,
  type RankingMetrics,
  type RankingQuality,
} from '../evaluation/evaluate-ranker.js';
import { usersOfItems, type SplitFindings } from '../evaluation/measured-split.js';
import { warnOfPopularity } from '../evaluation/popularity-better.js';
import { chooseModel } from '../evaluation/choice/choose-model.js';
import { askedModel, findModel, resolveOptions, solverOf } from '../models/all-models.js';
import type { GivenOptions, Model, ModelOptions, Solver } from '../models/model.js';
import { interval95, resampledMeans } from '../numeric/bootstrap.js';
import type { RecallOver } from '../numeric/ranking-metrics.js';
import { openEvaluatedSnapshots } from '../evaluation/evaluated-snapshots.js';
import { baseline, type About, type Candidate } from '../evaluation/evaluation-candidate.js';
import { coldDraws, type ColdModel, type EvaluatedDraw } from '../evaluation/cold-items/cold-draws.js';
import { readItemTable } from '../events/read-items.js';
import { itemTextOptions } from '../events/text-options.js';
import { featureTable } from '../tables/grown-column.js';
import { itemRows } from '../tables/item-rows.js';
import { splitForEvaluation, splitKindOf, type SplitSummary } from '../evaluation/evaluation-split.js';
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

export interface SeedQuality {
  readonly seed: Count;
  readonly metrics: RankingMetrics;
}

/** One row of the table. */
export interface Evaluated extends About {
  readonly users: Count;
  readonly metrics: RankingMetrics;
  /** Of metrics that are means over users; empty without bootstrap. */
  readonly intervals: Readonly<Record<string, Interval>>;
  /** The same metrics less the baseline's, user by user; empty for the baseline. */
  readonly overBaseline: Readonly<Record<string, Difference>>;
  /** Of cold-items alone: `metrics` are means over these. */
  readonly seeds?: Some<SeedQuality>;
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
  const { draws, close } = await prepare(options, noting);
  try {
    const at = [...new Set(options.at)].sort((a, b) => a - b);
    const measured: MeasuredDraw[] = [];
    for (const { candidates, summary } of draws) {
      const recallOver = options.recallOver ?? summary.recallOver;
      const ofDraw: Measurement[] = [];
      for await (const candidate of candidates) ofDraw.push(await measure(candidate, at, recallOver, noting));
      measured.push({ summary, results: await withIntervals(ofDraw, options, noting) });
    }
    const [first, ...others] = measured;
    if (first === undefined) throw new RangeError('nothing was drawn');
    const { summary, results } = overSeeds(first, others);
    const recallOver = options.recallOver ?? summary.recallOver;
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
  /** One, or of cold-items one a seed. */
  readonly draws: Iterable<EvaluatedDraw>;
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
    const { close, ...draw } = await openEvaluatedSnapshots(options, context);
    return { draws: [draw], close };
  }
  const asked = askedModels(options);
  const ordered = asked.some(({ model }) => model?.readsOrder === true);
  const close = (): void => undefined;
  if (splitKindOf(options) === 'cold-items') {
    const models = asked.map((one) => namedModel(one));
    requireVectors(models);
    const fitting = models.map((chosen) => trainable(chosen, options));
    return { draws: await coldDraws({ ...options, ordered }, fitting, context), close };
  }
  const { split, summary } = await splitForEvaluation({ ...options, ordered }, context);
  const models: ChosenModel[] = [];
  for (const one of asked) models.push(await chosenModel(one, split.train.pairs, options, context));
  const { items: ids } = split.train;
  const table =
    options.items === undefined
      ? undefined
      : await readItemTable(options.items, { ...itemTextOptions(options), ...context });
  const items = featureTable(itemRows(ids, new Uint32Array(ids.length), table).columns);
  const popularity = usersOfItems(split.train.pairs);
  // The baseline stands beside them in any case.
  const others = models.filter(({ model, label }) => label !== model.name || model.name !== 'popularity');
  const trained = others.map((chosen): Candidate => {
    const { about, fit } = trainable(chosen, options);
    const open: Candidate['open'] = async (inner) =>
      (await fit(split.train, options.seed, inner, items)).fitted;
    return { about, measured: split, popularity, open };
  });
  return { draws: [{ candidates: [...trained, baseline(split, popularity)], summary }], close };
}

function trainable(
  { label, model, modelOptions, solver }: ChosenModel,
  { threads }: EvaluateOptions,
): ColdModel {
  return {
    about: { name: label, kind: 'model', model: model.name, options: modelOptions, snapshot: null },
    async fit({ pairs, sequences }, seed, context, items) {
      const plan = model.plan({ pairs, sequences, items }, modelOptions, seed, solver);
      const { remark: message } = plan.solver ?? {};
      if (message !== undefined) context.onProgress({ kind: 'note', message });
      const clock = (): number => performance.now() / 1000;
      const fitted = await plan.fit({ threads, clock, context });
      return { fitted, fold: model.fold, options: modelOptions, parameters: plan.parameters };
    },
  };
}

/** AppError 'bad-usage' for a model that has nothing to say of an item that nobody played. */
function requireVectors(models: readonly ChosenModel[]): void {
  const without = models.find(({ model, modelOptions }) => model.dim(modelOptions) === 0);
  if (without === undefined) return;
  throw new AppError(
    'bad-usage',
    `\`model\` ${without.label} has no vectors, by which \`split\` cold-items scores new items`,
    {
      suggestions: ['use `model` auto, which chooses one with vectors', 'popularity is measured in any case'],
    },
  );
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
    const isMeant = asked.some(({ model }) => model?.flags.includes(flag) === true);
    if (value === undefined || first === undefined || isMeant) continue;
    const { model } = askedModel(first.name, { [flag]: value }) ?? {};
    if (model !== undefined) resolveOptions(model, { [flag]: value });
  }
  return asked.map(({ label, name, options, model }) => {
    const shared = Object.entries(given).filter(([flag]) => model?.flags.includes(flag) === true);
    const all = { ...Object.fromEntries(shared), ...options };
    const one = askedModel(name, all);
    if (one !== undefined) resolveOptions(one.model, all);
    return { label, model, given: all };
  });
}

/** AppError 'bad-usage' for auto, which would choose by items that people played. */
function namedModel({ label, model, given }: NamedModel): ChosenModel {
  if (model !== undefined)
    return { label, model, modelOptions: resolveOptions(model, given), solver: solverOf(given) };
  throw new AppError('bad-usage', '`split` cold-items measures a model that is named, and auto chooses one', {
    suggestions: ['use `model` als'],
  });
}

/** Named, or chosen by a validation on a part of what is trained on. */
async function chosenModel(
  named: NamedModel,
  pairs: Pairs,
  { seed, threads }: EvaluateOptions,
  context: TaskContext,
): Promise<ChosenModel> {
  const { label, model } = named;
  if (model !== undefined) return namedModel(named);
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
  const { about, measured, popularity, numRanked } = candidate;
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
    const asked = { at, recallOver, popularity, numRanked, phase: 'ranking' };
    const quality = await evaluateRanker(ranker, histories, targets, asked, named);
    return { candidate, quality, seconds: { train, rank: secondsSince(ranked) } };
  } finally {
    await ranker.close();
  }
}

/** Intervals, and differences to the last one, the baseline. All see the same draws of the same users. */
async function withIntervals(
  measured: readonly Measurement[],
  { at, bootstrap, seed }: EvaluateOptions,
  context: TaskContext,
): Promise<Evaluated[]> {
  const base = measured.at(-1);
  if (base === undefined) return [];
  const first = `ndcg@${String(Math.min(...at))}`;
  const popularity = ofUsers(base.quality, first);
  for (const { candidate, quality } of base.candidate.about.model === 'popularity'
    ? measured.slice(0, -1)
    : [])
    warnOfPopularity(candidate.about.name, first, ofUsers(quality, first), popularity, context);
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

interface MeasuredDraw {
  readonly summary: SplitSummary;
  readonly results: readonly Evaluated[];
}

/**
 * The means over seeds: of metrics, and of both ends of intervals, which are as wide as those of one seed, since seeds may
 * measure the same users. Users, targets, findings and seconds are added up. What was not drawn by seeds stays as it is.
 */
function overSeeds(first: MeasuredDraw, others: readonly MeasuredDraw[]): MeasuredDraw {
  const { summary, results } = first;
  if (summary.cold === undefined) return first;
  const all = [first, ...others];
  const seeds = all.flatMap((each) => each.summary.cold?.seeds ?? []);
  const { users, targets } = merged(seeds, sum);
  return {
    summary: { ...summary, users, targets, cold: { ...summary.cold, seeds } },
    results: results.map((result, row): Evaluated => {
      const own = all.map((each) => each.results[row] ?? result);
      const means = own.map(({ metrics, intervals, overBaseline, historyPopularity }) => {
        return { metrics, intervals, overBaseline, historyPopularity };
      });
      const sums = own.map((each) => ({ users: each.users, findings: each.findings, seconds: each.seconds }));
      return {
        ...{ ...result, ...merged(sums, sum), ...merged(means, (values) => sum(values) / values.length) },
        // Tenths by popularity have other bounds with each seed.
        deciles: [],
        seeds: own.map(({ metrics }, at) => ({ seed: seeds[at]?.seed ?? 0, metrics })),
      };
    }),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** One value of the same shape, each number of it made of theirs. */
function merged<T>(all: readonly T[], by: (values: readonly number[]) => number): T {
  const values: readonly unknown[] = all;
  const [first] = values;
  if (typeof first === 'number') return by(values.filter((value) => typeof value === 'number')) as T;
  if (typeof first !== 'object' || first === null) return first as T;
  const entries = Object.keys(first).map(
    (name) =>
      [
        name,
        merged(
          values.map((value) => (value as Record<string, unknown>)[name]),
          by,
        ),
      ] as const,
  );
  return (Array.isArray(first) ? entries.map(([, value]) => value) : Object.fromEntries(entries)) as T;
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
