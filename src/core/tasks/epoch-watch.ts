/**
 * What watches a training from epoch to epoch: it measures, saves, tells how far it is, and says when to end. None of it
 * changes what an epoch computes.
 */
import type { EpochReport, Ranker, TaskContext } from '../contracts.js';
import { AppError } from '../errors.js';
import type { FitRun, FitState } from '../models/model.js';
import type { Checkpoints } from '../checkpoints/checkpoints.js';
import type { LongRun } from './long-run-options.js';

export type StoppedBy = 'epochs' | 'early-stop' | 'time-budget';

export interface EpochWatch extends Required<Pick<FitRun, 'resume' | 'afterEpoch'>> {
  /** Every epoch that was run, those of earlier runs too. */
  readonly epochs: readonly EpochReport[];
  /** The epoch whose model training ended with: the last one, or with --early-stop the best. */
  readonly keptEpoch: number;
  readonly stoppedBy: StoppedBy;
  /** The epoch of the checkpoint that this run went on from. */
  readonly resumedAfter: number | null;
}

export interface WatchedTraining {
  readonly numEpochs: number;
  readonly rules: LongRun;
  /** Measures the metric of --early-stop. */
  readonly measure: ((ranker: Ranker) => Promise<number>) | undefined;
  readonly checkpoints: Checkpoints | undefined;
  /** Seconds from any start. */
  readonly clock: () => number;
  readonly context: TaskContext;
}

/** The epoch that measured best so far, and the model's arrays as it left them. */
interface Best {
  readonly epoch: number;
  readonly value: number;
  readonly arrays: ReadonlyMap<string, Uint8Array>;
}

/** What a checkpoint holds beside the arrays. */
interface Progress {
  readonly epochs: readonly EpochReport[];
  readonly best: { readonly epoch: number; readonly value: number } | null;
}

/** Before the name of an array of the best epoch, in a checkpoint. */
const bestPrefix = 'best/';
/** Epochs whose time says how long the next ones will take. */
const recentEpochs = 5;

export function watchEpochs(training: WatchedTraining): EpochWatch {
  return new Watch(training);
}

class Watch implements EpochWatch {
  readonly epochs: EpochReport[] = [];
  stoppedBy: StoppedBy = 'epochs';
  resumedAfter: number | null = null;
  readonly #training: WatchedTraining;
  readonly #startedAt: number;
  /** When each epoch of this run ended, measuring and saving included. */
  readonly #endedAt: number[] = [];
  #best: Best | undefined;
  #savedAt: number;
  #savedEpoch = 0;
  #warned = false;

  constructor(training: WatchedTraining) {
    this.#training = training;
    this.#startedAt = training.clock();
    this.#savedAt = this.#startedAt;
  }

  get keptEpoch(): number {
    return this.#best?.epoch ?? this.epochs.length;
  }

  readonly resume = ({ arrays, ofModel }: FitState): readonly EpochReport[] => {
    const { checkpoints, rules, context } = this.#training;
    const found = checkpoints?.found;
    if (found === undefined) return [];
    const progress = found.progress as unknown as Progress;
    const best = progress.best === null || progress.best.epoch === found.epoch ? [] : ofModel;
    const wanted = new Map([
      ...[...arrays].map(([name, { length }]) => [name, length] as const),
      ...best.map((name) => [bestPrefix + name, arrays.get(name)?.length ?? 0] as const),
    ]);
    if ([...wanted].some(([name, bytes]) => found.sizes.get(name) !== bytes)) {
      const message = 'the checkpoint does not match this training; training starts again';
      context.onProgress({ kind: 'warning', message });
      return [];
    }
    for (const [name, bytes] of arrays) found.readInto(name, bytes);
    this.epochs.push(...progress.epochs);
    if (rules.earlyStop !== undefined && progress.best !== null) {
      const saved = best.map((name) => {
        const bytes = new Uint8Array(arrays.get(name)?.length ?? 0);
        found.readInto(bestPrefix + name, bytes);
        return [name, bytes] as const;
      });
      const kept = saved.length > 0 ? new Map(saved) : copyOf(arrays, ofModel);
      this.#best = { ...progress.best, arrays: kept };
    }
    this.resumedAfter = found.epoch;
    this.#savedEpoch = found.epoch;
    const message = `resuming after epoch ${String(found.epoch)}, from a checkpoint`;
    context.onProgress({ kind: 'note', message });
    this.#tell('');
    return this.epochs.slice();
  };

  readonly afterEpoch = async (report: EpochReport, ranker: Ranker, state: FitState): Promise<boolean> => {
    const { measure, rules, clock } = this.#training;
    let measured = report;
    if (measure !== undefined && rules.earlyStop !== undefined) {
      const value = await measure(ranker);
      measured = { ...report, metrics: { [rules.earlyStop.metric]: value } };
      // The first of equals: training longer for nothing is not better.
      if (this.#best === undefined || value > this.#best.value)
        this.#best = { epoch: report.epoch, value, arrays: copyOf(state.arrays, state.ofModel) };
    }
    this.epochs.push(measured);
    const stop = this.#whyToStop();
    if (stop === undefined) this.#saveIfDue(state);
    this.#endedAt.push(clock());
    this.#tell(noteOf(measured));
    if (stop === undefined) return true;
    this.stoppedBy = stop;
    if (this.#best !== undefined && this.#best.epoch !== report.epoch)
      for (const [name, bytes] of this.#best.arrays) state.arrays.get(name)?.set(bytes);
    return false;
  };

  #whyToStop(): StoppedBy | undefined {
    const { rules, numEpochs } = this.#training;
    const done = this.epochs.length;
    if (rules.earlyStop !== undefined && done - this.keptEpoch >= rules.earlyStop.patience)
      return 'early-stop';
    if (rules.budgetSeconds !== undefined && this.#spentSeconds() >= rules.budgetSeconds)
      return 'time-budget';
    return done >= numEpochs ? 'epochs' : undefined;
  }

  /** Of this run since it began to train, and of the epochs of earlier runs. */
  #spentSeconds(): number {
    const earlier = this.epochs.slice(0, this.resumedAfter ?? 0);
    const before = earlier.reduce((sum, { seconds }) => sum + seconds, 0);
    return before + this.#training.clock() - this.#startedAt;
  }

  /** A checkpoint that cannot be written is warned of, once: the training is worth more than it. */
  #saveIfDue({ arrays }: FitState): void {
    const { rules, checkpoints, clock, context } = this.#training;
    const every = rules.checkpointEvery;
    if (every === undefined || checkpoints === undefined) return;
    const epoch = this.epochs.length;
    const due =
      'epochs' in every ? epoch - this.#savedEpoch >= every.epochs : clock() - this.#savedAt >= every.seconds;
    if (!due) return;
    const best = this.#best;
    const bestArrays = best === undefined || best.epoch === epoch ? [] : [...best.arrays];
    const all = new Map([
      ...arrays,
      ...bestArrays.map(([name, bytes]) => [bestPrefix + name, bytes] as const),
    ]);
    const reports = this.epochs.map((report) => ({ ...report }));
    try {
      checkpoints.save(
        epoch,
        { epochs: reports, best: best === undefined ? null : { epoch: best.epoch, value: best.value } },
        all,
      );
    } catch (error) {
      if (context.signal.aborted || !(error instanceof AppError)) throw error;
      if (!this.#warned) {
        const message = `no checkpoint could be saved (${error.message}); training continues`;
        context.onProgress({ kind: 'warning', message });
      }
      this.#warned = true;
    }
    this.#savedAt = clock();
    this.#savedEpoch = epoch;
  }

  #tell(note: string): void {
    const { numEpochs: total, context } = this.#training;
    const done = this.epochs.length;
    const secondsLeft = this.#secondsLeft();
    context.onProgress({
      ...({ kind: 'step', phase: 'training', done, total, unit: 'epochs' } as const),
      ...(note === '' ? {} : { note }),
      ...(secondsLeft === undefined ? {} : { secondsLeft }),
    });
  }

  /** At most: early stopping may end it sooner. */
  #secondsLeft(): number | undefined {
    const { numEpochs, rules } = this.#training;
    const ended = this.#endedAt.slice(-recentEpochs - 1);
    const first = ended[0];
    const last = ended.at(-1);
    if (first === undefined || last === undefined) return undefined;
    const ownEpochs = ended.length > 1 ? ended.length - 1 : 1;
    const since = ended.length > 1 ? first : this.#startedAt;
    const left = ((last - since) / ownEpochs) * (numEpochs - this.epochs.length);
    if (rules.budgetSeconds === undefined) return left;
    return Math.min(left, Math.max(0, rules.budgetSeconds - this.#spentSeconds()));
  }
}

function copyOf(
  arrays: ReadonlyMap<string, Uint8Array>,
  names: readonly string[],
): ReadonlyMap<string, Uint8Array> {
  return new Map(names.map((name) => [name, new Uint8Array(arrays.get(name) ?? [])]));
}

function noteOf({ loss, metrics = {} }: EpochReport): string {
  const measured = Object.entries(metrics).map(([name, value]) => `  ${name} ${value.toFixed(4)}`);
  return `loss ${loss.toPrecision(6)}${measured.join('')}`;
}
