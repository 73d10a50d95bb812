/** `segue tune`: a seeded search for a model's options on what validation holds out. Test parts are never read. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { closing } from '../closers.js';
import { openWorkspace } from '../compute/workspace.js';
import type { Count, Some, TaskContext } from '../contracts.js';
import { AppError, machineError, refusedOption } from '../errors.js';
import { makeOwnDirectory } from '../files/durable-write.js';
import { evaluateRanker } from '../evaluation/evaluate-ranker.js';
import { usersOfItems, type MeasuredSplit } from '../evaluation/measured-split.js';
import { hashInteractions } from '../events/interactions-hash.js';
import { sha256Hex } from '../files/sha256.js';
import { rankByScore } from '../search/score-ranking.js';
import { findModel, resolveOptions, solverOf } from '../models/all-models.js';
import type { GivenOptions, Model, ModelName, ModelOptions } from '../models/model.js';
import { userMetricNames, type RecallOver } from '../numeric/ranking-metrics.js';
import { canonicalJson } from '../snapshot/canonical-json.js';
import { rootPath } from '../snapshot/layout.js';
import { defaultSpace } from '../evaluation/tuning/default-space.js';
import {
  numTrainings,
  search,
  type Checkpoint,
  type Trial,
  type TriedSettings,
} from '../evaluation/tuning/search.js';
import { parseSpace, spaceLines, type Dimension } from '../evaluation/tuning/search-space.js';
import { trainCommand } from '../evaluation/tuning/train-command.js';
import { openTrialsFile, type TrialsFile } from '../evaluation/tuning/trials-file.js';
import { splitForEvaluation, type SplitSummary } from '../evaluation/evaluation-split.js';
import { secondsSince } from './seconds.js';
import { bytesOf } from '../files/npy.js';
import type { AskedOf } from '../options/asked-of.js';

export type TuneOptions = AskedOf<'tune'>;

export interface TunedTrial extends TriedSettings {
  /** Effective options with the best checkpoint's epochs, by flag name. */
  readonly options: ModelOptions;
  /** Of all its trainings. */
  readonly seconds: number;
}

export interface TuneResult {
  readonly split: SplitSummary;
  readonly model: ModelName;
  readonly metric: string;
  readonly recallOver: RecallOver;
  readonly seed: Count;
  readonly space: readonly string[];
  /** Epochs after which trials were measured. */
  readonly rungs: readonly Count[];
  /** Of the most popular items. */
  readonly baseline: number;
  /** Of the defaults. */
  readonly defaults: number | null;
  /** The best first. */
  readonly trials: Some<TunedTrial>;
  readonly best: TunedTrial;
  /** Words of the command line that trains with the settings found. */
  readonly train: readonly string[];
  readonly trialsFile: string;
  /** Trainings that were done, and found done by an earlier run. */
  readonly trained: Count;
  readonly resumed: Count;
  readonly seconds: number;
}

const mostTrials = 10_000;

export async function tune(options: TuneOptions, context: TaskContext): Promise<TuneResult> {
  const started = performance.now();
  const { metric, k } = parseMetric(options.metric);
  requireValidation(options);
  const model = findModel(options.model);
  const { space, fixed } = spaceOf(options, model);
  const rungs = rungsOf(model, resolveOptions(model, fixed));
  const everySplit = { ...options, part: 'valid', test: [], ordered: model.readsOrder } as const;
  const { split, summary } = await splitForEvaluation(everySplit, context);
  const recallOver = options.recallOver ?? summary.recallOver;
  const id = searchId(options, split, { space, fixed, rungs, recallOver, model });
  const path = options.trialsFile ?? join(rootPath.tuning(options.root), `${id.slice(0, 16)}.jsonl`);
  if (options.trialsFile === undefined) makeOwnDirectory(rootPath.tuning(options.root));
  const file = openTrialsFile(path, id);
  try {
    const measuring: Measuring = { options, model, fixed, rungs, split, metric, k, recallOver, file };
    const score = scorer(measuring);
    const quiet = { ...context, onProgress: () => undefined };
    const baseline = await score(rankByScore(usersOfItems(split.train.pairs)), quiet);
    const { power } = openWorkspace(0).kernels;
    const plan = { space, trials: options.trials, rungs, seed: options.seed, power };
    const tried = await search(plan, trainer(measuring, score, numTrainings(plan), context));
    const trials = tried.map((trial) => tunedTrial(measuring, trial));
    const [best] = trials;
    if (best === undefined || best.best === null) throw allDiverged(options.trials);
    return {
      split: { ...summary, recallOver },
      model: model.name,
      metric,
      recallOver,
      seed: options.seed,
      space: space.map(({ text }) => text),
      rungs,
      baseline,
      defaults: trials.find(({ number }) => number === 1)?.best?.score ?? null,
      trials,
      best,
      train: trainCommand(options, model.name, { ...best.options, ...solverOption(fixed) }, options.seed),
      trialsFile: path,
      trained: file.size() - file.before,
      resumed: file.before,
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

interface Measuring {
  readonly options: TuneOptions;
  readonly model: Model;
  readonly fixed: GivenOptions;
  readonly rungs: readonly number[];
  readonly split: MeasuredSplit;
  readonly metric: string;
  readonly k: number;
  readonly recallOver: RecallOver;
  readonly file: TrialsFile;
}

type Score = (ranker: Parameters<typeof evaluateRanker>[0], context: TaskContext) => Promise<number>;

function scorer({ split, metric, k, recallOver }: Measuring): Score {
  const popularity = usersOfItems(split.train.pairs);
  const asked = { at: [k], recallOver, popularity, phase: 'ranking' };
  return async (ranker, context) => {
    const quality = await evaluateRanker(ranker, split.histories, split.targets, asked, context);
    return quality.metrics[metric] ?? 0;
  };
}

/** Trains a trial for the epochs of a rung and measures it, or finds that an earlier run did. */
function trainer(
  measuring: Measuring,
  score: Score,
  total: number,
  context: TaskContext,
): (trial: Trial, rung: number) => Promise<readonly Checkpoint[]> {
  const { options, model, rungs, split, file } = measuring;
  const clock = (): number => performance.now() / 1000;
  const quiet = { ...context, onProgress: () => undefined };
  const known = new Map<number, readonly Checkpoint[]>();
  const { pairs, sequences } = split.train;
  let done = 0;
  let best: number | undefined;
  let isRemarked = false;
  const tell = (trial: Trial): void => {
    const note = `trial ${String(trial.number)}${best === undefined ? '' : `, best ${measuring.metric} ${best.toFixed(4)}`}`;
    context.onProgress({ kind: 'step', phase: 'tuning', done, total, unit: 'trainings', note });
  };
  return async (trial, rung) => {
    tell(trial);
    let training = file.find(trial.number, rung);
    if (training === undefined) {
      const effective = effectiveOptions(measuring, trial, rungs[rung] ?? 0);
      const started = clock();
      const one = await scoreOf(async () => {
        const plan = model.plan({ pairs, sequences }, effective, options.seed, solverOf(measuring.fixed));
        const { remark } = plan.solver ?? {};
        if (remark !== undefined && !isRemarked) context.onProgress({ kind: 'note', message: remark });
        isRemarked ||= remark !== undefined;
        return closing(await plan.fit({ threads: options.threads, clock, context: quiet }), async (fitted) =>
          score(fitted, quiet),
        );
      });
      // What fewer epochs gave is known from the rung before: the same training, stopped earlier.
      const checkpoints = [...(known.get(trial.number) ?? []), { epochs: rungs[rung] ?? 0, score: one }];
      training = { trial: trial.number, rung, options: effective, checkpoints, seconds: clock() - started };
      file.append(training);
    }
    const { checkpoints } = training;
    known.set(trial.number, checkpoints);
    done++;
    for (const { score: value } of checkpoints) if (value !== null) best = Math.max(best ?? value, value);
    tell(trial);
    return checkpoints;
  };
}

/** null where the training diverged: such settings are bad, and the search goes on. */
async function scoreOf(measure: () => Promise<number>): Promise<number | null> {
  try {
    const score = await measure();
    return Number.isFinite(score) ? score : null;
  } catch (error) {
    if (error instanceof AppError && error.code === 'diverged') return null;
    throw error;
  }
}

function effectiveOptions({ model, fixed }: Measuring, { settings }: Trial, epochs: number): ModelOptions {
  return resolveOptions(model, { ...fixed, ...settings, ...(epochs === 0 ? {} : { epochs }) });
}

function tunedTrial(measuring: Measuring, trial: TriedSettings): TunedTrial {
  const { rungs, file } = measuring;
  const seconds = rungs.reduce((sum, _, rung) => sum + (file.find(trial.number, rung)?.seconds ?? 0), 0);
  return {
    ...trial,
    options: effectiveOptions(measuring, trial, trial.best?.epochs ?? rungs.at(-1) ?? 0),
    seconds,
  };
}

/**
 * What is searched, and what is the same in all trials: what is given, and what the space has one value for. AppError
 * 'bad-usage'.
 */
function spaceOf(
  { space: texts, modelOptions: given, trials }: TuneOptions,
  model: Model,
): { readonly space: Dimension[]; readonly fixed: GivenOptions } {
  if (trials < 1 || trials > mostTrials)
    throw refusedOption('trials', trials, `a number from 1 to ${mostTrials}`);
  const said = texts.flatMap((text) =>
    text.startsWith('@') ? spaceLines(readSpace(text.slice(1))) : [text],
  );
  const all = parseSpace(said.length > 0 ? said : defaultSpace(model, given));
  const single = ({ text }: Dimension): boolean => !text.includes('..') && !text.includes(',');
  const fixed = { ...given };
  for (const dimension of all) {
    const { flag } = dimension;
    if (given[flag] !== undefined)
      throw new AppError(
        'bad-usage',
        `\`${flag}\` is given, and \`space\` has it too: leave one of them out`,
      );
    if (flag === 'epochs') {
      throw new AppError('bad-usage', '`space` epochs: the best number of epochs is found anyway', {
        suggestions: ['set the maximum: `epochs` N'],
      });
    }
    if (single(dimension)) fixed[flag] = dimension.at(0, Math.min);
    // Both ends have to be sensible: better said now than in the middle of the night.
    for (const t of [0, 1 - 2 ** -32]) resolveOptions(model, { ...given, [flag]: dimension.at(t, endPower) });
  }
  const space = all.filter((dimension) => !single(dimension));
  if (space.length > 0) return { space, fixed };
  throw new AppError(
    'bad-usage',
    `there is nothing to search for \`model\` ${model.name}: all its options are given`,
    {
      suggestions: ['say what to search: `space` reg=0.001..0.1:log'],
    },
  );
}

/** Exact enough to name the ends of a range. */
function endPower(x: number, t: number): number {
  return t === 0 ? 1 : x;
}

/** A space of every option with a remark on each is far smaller. */
const mostSpaceBytes = 1 << 20;

function readSpace(path: string): string {
  try {
    const { size } = statSync(path);
    if (size > mostSpaceBytes) {
      const problem = `has ${String(size)} bytes; a search space has ${String(mostSpaceBytes)} at most`;
      throw new AppError('bad-input-file', `${path} ${problem}`, { details: { file: path } });
    }
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw machineError(error, `read ${path}`);
  }
}

/** Epochs after which trials are measured: a quarter, a half, and all, where fewer are the beginning of more. */
function rungsOf(model: Model, options: ModelOptions): number[] {
  const epochs = typeof options['epochs'] === 'number' ? options['epochs'] : 0;
  if (model.epochs !== 'nested') return [model.epochs === 'none' ? 0 : epochs];
  return [...new Set([Math.ceil(epochs / 4), Math.ceil(epochs / 2), epochs])];
}

function parseMetric(text: string): { metric: string; k: number } {
  const match = /^([a-z-]+)@([1-9]\d{0,3})$/.exec(text);
  const name = userMetricNames.find((known) => known === match?.[1]);
  if (name !== undefined && Number(match?.[2]) <= 1000) return { metric: text, k: Number(match?.[2]) };
  throw refusedOption('metric', text, `one of ${userMetricNames.join(', ')} with @k, k from 1 to 1000`, {
    suggestions: ['for example `metric` ndcg@10'],
  });
}

/** AppError 'bad-usage' where the split has nothing to tune by. */
function requireValidation({ split, valid }: TuneOptions): void {
  if (split === 'temporal') {
    throw new AppError('bad-usage', '`split` temporal has no validation part to tune by', {
      suggestions: [
        'write what came after some time into a file, and name it: `valid` FILE',
        'or `split` leave-last-out',
      ],
    });
  }
  if (split === 'files' && valid.length === 0)
    throw new AppError('bad-usage', '`split` files needs `valid` FILE');
}

/** sha256 of everything that decides what the search finds. */
function searchId(
  { seed, trials, metric }: TuneOptions,
  { train, histories, targets }: MeasuredSplit,
  about: {
    readonly space: readonly Dimension[];
    readonly fixed: GivenOptions;
    readonly rungs: readonly number[];
    readonly recallOver: RecallOver;
    readonly model: Model;
  },
): string {
  const { space, fixed, rungs, recallOver, model } = about;
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
      ...{ seed, trials, metric, recallOver, rungs },
      train: hashInteractions(train),
      measured: sha256Hex(...measured.map(bytesOf)),
      model: model.name,
      algorithmVersion: model.algorithmVersion,
      options: { ...resolveOptions(model, fixed), ...solverOption(fixed) },
      space: space.map(({ text }) => text),
    }),
  );
}

/** The solver, where it is given: it is none of a model's effective options. */
function solverOption(fixed: GivenOptions): ModelOptions {
  const solver = solverOf(fixed);
  return solver === undefined ? {} : { solver };
}

function allDiverged(trials: number): AppError {
  return new AppError('diverged', `all ${String(trials)} trials diverged`, {
    suggestions: ['search larger regularisation: `space` reg=0.01..10:log'],
  });
}
