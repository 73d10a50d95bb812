/** Trains and measures the trials of a search, or finds in its file that an earlier run did, until a budget is used up. */
import { closing } from '../../closers.js';
import type { OpenRanker, Ranker, TaskContext } from '../../contracts.js';
import { AppError } from '../../errors.js';
import { solverOf } from '../../models/all-models.js';
import type { Shared } from '../../models/model.js';
import { duration } from '../../number-text.js';
import type { RecallOver } from '../../numeric/ranking-metrics.js';
import { rankByScore } from '../../search/score-ranking.js';
import { evaluateRanker, ofUsers } from '../evaluate-ranker.js';
import { usersOfItems, type MeasuredSplit } from '../measured-split.js';
import { effectiveOptions, type Family } from './family.js';
import { keptGroups } from './over-defaults.js';
import type { Checkpoint, Trial, TriedSettings } from './search.js';
import type { Training, TrialsFile } from './trials-file.js';

export interface Measuring {
  readonly split: MeasuredSplit;
  /** With its k, as ndcg@10. */
  readonly metric: string;
  readonly k: number;
  readonly recallOver: RecallOver;
  readonly file: TrialsFile;
  /** Trainings that are to be done, for progress. */
  readonly total: number;
  readonly threads: number;
  readonly seed: number;
  /** Seconds from any start. */
  readonly clock: () => number;
}

/** The metric, and that of groups of users; null and none without one. */
interface Measure {
  readonly score: number | null;
  readonly groups: readonly number[];
}

/** Errors for which a setting is passed over: it diverges, or does not fit. */
const passedOver: ReadonlySet<string> = new Set(['diverged', 'too-large', 'out-of-memory']);

/** Of a timer: 24 days. */
const mostMs = 2 ** 31 - 1;

async function closePart(part: object | undefined): Promise<void> {
  if (part !== undefined && 'close' in part) await (part as OpenRanker).close();
}

export class TrialRunner {
  /** Of trainings, those that earlier runs did among them. */
  spentSeconds = 0;
  /** Whether a budget ended a search. */
  isCut = false;
  readonly #measuring: Measuring;
  readonly #context: TaskContext;
  readonly #quiet: TaskContext;
  readonly #popularity: Uint32Array;
  /** What trainings have in common, one of a kind. */
  readonly #shared = new Map<string, { readonly key: string; readonly part: object }>();
  #done = 0;
  #best: number | undefined;
  #isRemarked = false;

  constructor(measuring: Measuring, context: TaskContext) {
    this.#measuring = measuring;
    this.#context = context;
    this.#quiet = { ...context, onProgress: () => undefined };
    this.#popularity = usersOfItems(measuring.split.train.pairs);
  }

  /** Of the most popular items. */
  baseline(): Promise<Measure> {
    return this.#measure(rankByScore(this.#popularity));
  }

  /**
   * What `search` calls.
   * @param seconds that there are: no training begins after them, and one that is under way ends without a score; but the first
   *   of all, which others are held against, is trained to its end
   * @param longest defaults that are expected to take longer are 'too-large'
   */
  trainer(
    family: Family,
    seconds: number,
    longest: number,
  ): (trial: Trial, rung: number) => Promise<Checkpoint | undefined> {
    const { file, clock } = this.#measuring;
    const model = family.model.name;
    const until = this.spentSeconds + seconds;
    return async (trial, rung) => {
      if (this.spentSeconds >= until) {
        this.isCut = true;
        return undefined;
      }
      this.#tell(family, trial);
      let training = file.find(model, trial.number, rung);
      if (training === undefined) {
        const epochs = family.rungs[rung] ?? 0;
        const started = clock();
        const left = this.#done === 0 ? Infinity : until - this.spentSeconds;
        const measure = await this.#trained(
          family,
          trial,
          epochs,
          trial.number === 1 ? longest : Infinity,
          left,
        );
        if (measure === undefined) {
          this.#cut(family, trial, epochs);
          return undefined;
        }
        const { score, groups } = measure;
        const options = effectiveOptions(family, trial.settings, epochs);
        const taken = clock() - started;
        training = { model, trial: trial.number, rung, options, epochs, score, groups, seconds: taken };
        file.append(training);
      }
      const { epochs, score } = training;
      this.spentSeconds += training.seconds;
      this.#done++;
      if (score !== null) this.#best = Math.max(this.#best ?? score, score);
      this.#tell(family, trial);
      return { epochs, score };
    };
  }

  /** One a checkpoint. */
  trainingsOf({ model, rungs }: Family, { number, checkpoints }: TriedSettings): Training[] {
    const { file } = this.#measuring;
    return checkpoints.flatMap(({ epochs }) => file.find(model.name, number, rungs.indexOf(epochs)) ?? []);
  }

  #cut({ model }: Family, { number }: Trial, epochs: number): void {
    this.isCut = true;
    const of = epochs === 0 ? '' : ` of ${String(epochs)} epochs`;
    const message = `the time budget ended during the training${of} of ${model.name}, trial ${String(number)}, which is not among the results`;
    this.#context.onProgress({ kind: 'note', message });
  }

  /** Closes what trainings had in common. */
  async close(): Promise<void> {
    for (const { part } of this.#shared.values()) await closePart(part);
    this.#shared.clear();
  }

  readonly #share: Shared = async (what, key, make) => {
    const known = this.#shared.get(what);
    if (known?.key === key) return known.part as Awaited<ReturnType<typeof make>>;
    this.#shared.delete(what);
    await closePart(known?.part);
    const part = await make();
    this.#shared.set(what, { key, part });
    return part;
  };

  #tell({ model }: Family, { number }: Trial): void {
    const { metric, total } = this.#measuring;
    const best = this.#best === undefined ? '' : `, best ${metric} ${this.#best.toFixed(4)}`;
    const note = `${model.name}, trial ${String(number)}${best}`;
    this.#context.onProgress({
      kind: 'step',
      phase: 'tuning',
      done: this.#done,
      total,
      unit: 'trainings',
      note,
    });
  }

  /** Without a score where the setting is passed over. Where the defaults do not fit, nothing of the model may. */
  async #trained(
    family: Family,
    trial: Trial,
    epochs: number,
    longest: number,
    left: number,
  ): Promise<Measure | undefined> {
    const budget = AbortSignal.timeout(Math.min(Math.ceil(1e3 * left), mostMs));
    const context = { ...this.#quiet, signal: AbortSignal.any([this.#quiet.signal, budget]) };
    const { split, threads, seed, clock } = this.#measuring;
    try {
      const data = { pairs: split.train.pairs, sequences: split.train.sequences };
      const options = effectiveOptions(family, trial.settings, epochs);
      const plan = family.model.plan(data, options, seed, solverOf(family.fixed));
      const expected = plan.expectation(threads).seconds;
      if (expected > longest) {
        const message = `one training takes about ${duration(expected)}, and ${duration(longest)} of the time budget are left`;
        throw new AppError('too-large', message, { suggestions: ['give a longer `timeBudget`'] });
      }
      const { remark } = plan.solver ?? {};
      if (remark !== undefined && !this.#isRemarked)
        this.#context.onProgress({ kind: 'note', message: remark });
      this.#isRemarked ||= remark !== undefined;
      const fitted = await plan.fit({ threads, clock, context, shared: this.#share });
      return await closing(fitted, (ranker) => this.#measure(ranker));
    } catch (error) {
      if (budget.aborted && !this.#context.signal.aborted) return undefined;
      const code = error instanceof AppError ? error.code : '';
      if (code !== 'diverged' && (trial.number === 1 || !passedOver.has(code))) throw error;
      return { score: null, groups: [] };
    }
  }

  async #measure(ranker: Ranker): Promise<Measure> {
    const { metric, k, recallOver, seed } = this.#measuring;
    const { histories, targets } = this.#measuring.split;
    const asked = { at: [k], recallOver, popularity: this.#popularity, phase: 'ranking' };
    const quality = await evaluateRanker(ranker, histories, targets, asked, this.#quiet);
    const own = ofUsers(quality, metric);
    const score = quality.metrics[metric] ?? 0;
    return Number.isFinite(score) ? { score, groups: keptGroups(own, seed) } : { score: null, groups: [] };
  }
}
