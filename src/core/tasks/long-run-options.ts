/** What `--checkpoint`, `--early-stop` and `--time-budget` say. */
import { refusedOption } from '../errors.js';
import { parseDuration } from '../numeric/duration.js';
import { metricColumns } from '../numeric/ranking-metrics.js';
import type { train } from '../options/operations.js';
import type { Asked } from '../options/option.js';

export type LongRunOptions = Asked<Pick<typeof train.options, 'checkpoint' | 'earlyStop' | 'timeBudget'>>;

export interface LongRun {
  readonly checkpointEvery: { readonly epochs: number } | { readonly seconds: number } | undefined;
  readonly earlyStop: EarlyStop | undefined;
  readonly budgetSeconds: number | undefined;
}

export interface EarlyStop {
  /** A name of `metricColumns`; more is better. */
  readonly metric: string;
  /** Its length of ranking. */
  readonly k: number;
  /** Training ends after so many epochs in a row that were no better than the best one. */
  readonly patience: number;
}

export const defaultPatience = 3;
/** The longest ranking that a model can be asked for. */
const maxK = 1000;

/** AppError 'bad-usage'. */
export function parseLongRun({ checkpoint, earlyStop, timeBudget }: LongRunOptions): LongRun {
  return {
    checkpointEvery: checkpoint === undefined ? undefined : parseEvery(checkpoint),
    earlyStop: earlyStop === undefined ? undefined : parseEarlyStop(earlyStop),
    budgetSeconds: timeBudget === undefined ? undefined : parseTime('time-budget', timeBudget),
  };
}

function parseEvery(text: string): NonNullable<LongRun['checkpointEvery']> {
  if (/^[1-9]\d{0,5}$/.test(text)) return { epochs: Number(text) };
  return { seconds: parseTime('checkpoint', text, 'a number of epochs such as 5, or ') };
}

/** '90s', '10m', '1.5h' or '1d' in seconds. */
function parseTime(flag: string, text: string, orElse = ''): number {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms / 1000;
  throw refusedOption(flag, text, `${orElse}a time such as 90s, 10m, 2h or 1d`, {
    details: { flag, value: text },
  });
}

function parseEarlyStop(text: string): EarlyStop {
  const [, metric = '', length, patience] = /^([a-z-]+@(\d{1,4}))(?::(\d{1,4}))?$/.exec(text) ?? [];
  const k = Number(length ?? 0);
  const names = metricColumns([k]);
  const stop = { metric, k, patience: Number(patience ?? defaultPatience) };
  if (names.includes(metric) && k >= 1 && k <= maxK && stop.patience >= 1) return stop;
  const known = metricColumns([100]).join(', ');
  const wanted = 'a metric such as ndcg@100, or with a patience of epochs ndcg@100:5';
  throw refusedOption('early-stop', text, wanted, {
    suggestions: [`metrics are ${known}, and the same at up to ${String(maxK)}`],
    details: { flag: 'early-stop', value: text },
  });
}

/** The options that decide when training ends, as a checkpoint's training is named after them. */
export function earlyStopText({ metric, patience }: EarlyStop): string {
  return `${metric}:${String(patience)}`;
}
