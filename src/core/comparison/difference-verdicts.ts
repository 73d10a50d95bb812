/** The conditions of `diff-snapshots --fail-on`, judged on what was found to be different. */
import type { Text } from '../contracts.js';
import type { MetricPair } from './compare-manifests.js';
import type { Comparison } from './number-condition.js';

export interface DifferenceVerdict {
  readonly name: Text;
  /** null where there is no such number; such a condition counts as one that holds. */
  readonly value: number | null;
  /** Such as '<0.8'. */
  readonly condition: Text;
  /** The comparison fails. */
  readonly holds: boolean;
}

/** The numbers that can be asked for. */
export interface Differences {
  readonly items: { readonly added: number; readonly removed: number; readonly common: number };
  readonly users: { readonly added: number; readonly removed: number; readonly common: number } | null;
  readonly overlapAt10: number | null;
  readonly overlapAt10All: number | null;
  readonly metrics: readonly MetricPair[];
  readonly rbo?: number | null;
  readonly rboAll?: number | null;
  readonly drift?: {
    readonly meanCosine: number;
    readonly p10Cosine: number;
    readonly residual: number;
  } | null;
  readonly recommendations?: { readonly overlapAt10: number; readonly rbo: number } | null;
  readonly skew?: {
    readonly matched: number;
    readonly mixed: number;
    readonly rotated: number | null;
    readonly lost: number;
  } | null;
}

export function judgeDifferences(
  conditions: readonly Comparison[],
  values: ReadonlyMap<string, number | null>,
): DifferenceVerdict[] {
  return conditions.map(({ name, condition, holds }) => {
    const value = values.get(name) ?? null;
    return { name, value, condition, holds: value === null || holds(value) };
  });
}

/**
 * What an error says of the conditions that hold; undefined where none does.
 * @param names those that a condition could have asked for
 */
export function failureOfVerdicts(
  verdicts: readonly (DifferenceVerdict & { readonly as?: string })[],
  names: ReadonlySet<string>,
): { readonly message: string; readonly suggestions: readonly string[] } | undefined {
  const failed = verdicts.filter(({ holds }) => holds);
  if (failed.length === 0) return undefined;
  const reasons = failed.map(({ as, name, value, condition }) => {
    const of = as === undefined ? name : `${as}: ${name}`;
    if (value !== null) return `${of} is ${value}, which is ${condition}`;
    return names.has(name) ? `${of} could not be measured` : `${of} is not among the differences`;
  });
  const isUnknown = failed.some(({ name }) => !names.has(name));
  return {
    message: `the snapshots differ too much: ${reasons.join('; ')}`,
    suggestions: isUnknown ? [`the differences are: ${[...names].join(', ')}`] : [],
  };
}

/** Every difference that has a number, by its name in conditions; `change.NAME` is how much a metric grew from A to B. */
export function differenceValues(differences: Differences): Map<string, number | null> {
  const { items, users, overlapAt10, overlapAt10All, metrics } = differences;
  const { rbo, rboAll, drift, recommendations, skew } = differences;
  const values = new Map<string, number | null>([
    ['overlap@10', overlapAt10],
    ['overlap@10.all', overlapAt10All],
    ['rbo', rbo ?? null],
    ['rbo.all', rboAll ?? null],
    ['recommendations.overlap@10', recommendations?.overlapAt10 ?? null],
    ['recommendations.rbo', recommendations?.rbo ?? null],
  ]);
  for (const name of ['meanCosine', 'p10Cosine', 'residual'] as const)
    values.set(`drift.${name}`, drift?.[name] ?? null);
  for (const name of ['matched', 'mixed', 'rotated', 'lost'] as const)
    values.set(`skew.${name}`, skew?.[name] ?? null);
  for (const name of ['added', 'removed', 'common'] as const) values.set(`items.${name}`, items[name]);
  for (const name of ['added', 'removed', 'common'] as const)
    values.set(`users.${name}`, users?.[name] ?? null);
  for (const { name, change } of metrics) values.set(`change.${name}`, change);
  return values;
}
