/** How well it ranks, which a snapshot does not keep: from what `evaluate --json` printed. */
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import {
  intervalOf,
  isObject,
  listAt,
  notIt,
  numberAt,
  numbersOf,
  objectAt,
  readDocument,
  textAt,
  type JsonObject,
} from './json-document.js';

export interface MeasuredMetric {
  readonly value: number;
  /** 95 %, over users. */
  readonly interval: readonly [low: number, high: number] | null;
  /** Over popularity, user by user; null for the baseline. */
  readonly over: { readonly difference: number; readonly interval: readonly [number, number] | null } | null;
}

export interface MeasuredDecile {
  /** 1 (items with the most users) … 10. */
  readonly decile: number;
  readonly targets: number;
  readonly metrics: ReadonlyMap<string, number>;
}

export interface MeasuredModel {
  readonly name: string;
  readonly isBaseline: boolean;
  /** Whether it is the snapshot of this report, or one of its training. */
  readonly isThis: boolean;
  readonly metrics: ReadonlyMap<string, MeasuredMetric>;
  readonly deciles: readonly MeasuredDecile[];
}

export interface MeasuredQuality {
  readonly split: string;
  readonly users: number | null;
  readonly targets: number | null;
  /** Cutoffs, ascending. */
  readonly at: readonly number[];
  readonly resamples: number;
  readonly models: readonly MeasuredModel[];
  readonly warnings: readonly string[];
}

const command = 'segue evaluate --json';

/** AppError 'bad-input-file'. */
export function readMeasuredQuality(path: string, { id, basis }: OpenSnapshot): MeasuredQuality {
  const document = readDocument(path, command);
  const results = listAt(document, 'results');
  const cutoffs: unknown = document['at'];
  const at = Array.isArray(cutoffs) ? cutoffs.filter((k) => typeof k === 'number') : [];
  if (results.length === 0 || at.length === 0) throw notIt(path, command, 'it has no results and no cutoffs');
  const split = objectAt(document, 'split');
  const warnings: unknown = document['warnings'];
  return {
    split: textAt(split, 'kind') ?? 'unknown',
    users: numberAt(split, 'users'),
    targets: numberAt(split, 'targets'),
    at,
    resamples: numberAt(document, 'bootstrap') ?? 0,
    models: results.map((result) => {
      const measured = textAt(result, 'snapshot');
      return {
        name: textAt(result, 'name') ?? textAt(result, 'model') ?? '?',
        isBaseline: textAt(result, 'kind') === 'baseline',
        isThis: measured !== null && (measured === id || measured === basis),
        metrics: metricsOf(result),
        deciles: decilesOf(result),
      };
    }),
    warnings: Array.isArray(warnings) ? warnings.filter((text) => typeof text === 'string') : [],
  };
}

function metricsOf(result: JsonObject): ReadonlyMap<string, MeasuredMetric> {
  const intervals = objectAt(result, 'intervals');
  const overBaseline = objectAt(result, 'overBaseline');
  return new Map(
    [...numbersOf(objectAt(result, 'metrics'))].map(([name, value]) => {
      const over = overBaseline[name];
      const difference = isObject(over) ? numberAt(over, 'difference') : null;
      return [
        name,
        {
          value,
          interval: intervalOf(intervals[name]),
          over:
            difference === null || !isObject(over)
              ? null
              : { difference, interval: intervalOf(over['interval']) },
        },
      ] as const;
    }),
  );
}

function decilesOf(result: JsonObject): MeasuredDecile[] {
  return listAt(result, 'deciles').flatMap((decile) => {
    const [number, targets] = [numberAt(decile, 'decile'), numberAt(decile, 'targets')];
    if (number === null || targets === null) return [];
    return [{ decile: number, targets, metrics: numbersOf(objectAt(decile, 'metrics')) }];
  });
}
