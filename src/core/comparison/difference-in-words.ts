/** What is different, in the words and numbers that a screen, Markdown and a report have in common. */
import { count, counted, decimals, fixed, percent } from '../number-text.js';
import type { MetricPair } from './compare-manifests.js';
import type { Difference } from './compare-snapshots.js';
import type { MatchCounts } from './match-snapshots.js';

/** A value of both sides, under its name. */
export interface SidePair {
  readonly name: string;
  readonly a: unknown;
  readonly b: unknown;
}

/** How far A and B are alike in one respect. Nothing in it is from data. */
export interface Likeness {
  /** As --fail-on calls it, where it can be asked for. */
  readonly name: string;
  /** 1 is alike. */
  readonly fraction: number;
  readonly value: string;
  readonly brief: string;
  readonly full: string;
}

/** 0.479 → 47.9 %. Only all is 100 %, and only nothing is 0 %, but for what a sum of fractions rounds away. */
export function share(fraction: number): string {
  const rounded = percent(fraction);
  if (fraction < 1 - roundedAway && rounded === '100 %') return '> 99.9 %';
  if (fraction > roundedAway && rounded === '0 %') return '< 0.1 %';
  return rounded;
}

const roundedAway = 1e-9;

export function likenesses(result: Difference): Likeness[] {
  return [
    ...neighbourRows(result),
    ...vectorRows(result),
    ...recommendationRows(result),
    ...skewRows(result),
  ];
}

function neighbourRows({ overlapAt10, overlapAt10All, rbo, rboAll, compared }: Difference): Likeness[] {
  const rows: Likeness[] = [];
  if (overlapAt10 !== null) {
    const over = `over ${counted(compared.items, 'item')} of 5 users or more`;
    rows.push(shareOf('overlap@10', overlapAt10, 'of 10 neighbours are the same', nearest(over)));
  }
  if (overlapAt10All !== null) {
    const all = `all ${counted(compared.itemsAll, 'item')}${compared.all ? '' : ' of a sample'}`;
    const few = `over ${counted(compared.itemsAll, compared.all ? 'item' : 'sampled item')}`;
    const brief = overlapAt10 === null ? 'of 10 neighbours are the same' : few;
    const full = overlapAt10 === null ? nearest(`over ${all}; none has 5 users in both`) : `over ${all}`;
    rows.push(shareOf('overlap@10.all', overlapAt10All, brief, full));
  }
  const order = overlapAt10 === null ? rboAll : rbo;
  if (order !== null) {
    const full = 'where the nearest count more (rank-biased overlap, p = 0.9)';
    rows.push(shareOf(overlapAt10 === null ? 'rbo.all' : 'rbo', order, 'where the nearest count more', full));
  }
  return rows;
}

function shareOf(name: string, fraction: number, brief: string, full: string): Likeness {
  return { name, fraction, value: share(fraction), brief, full };
}

function nearest(over: string): string {
  return `of the 10 nearest neighbours are the same, ${over}`;
}

function vectorRows({ drift }: Difference): Likeness[] {
  if (drift === null) return [];
  const { aligned, items, meanCosine, p10Cosine } = drift;
  const how = aligned === 'rotation' ? ', after the best rotation' : '';
  return [
    {
      name: 'drift',
      fraction: meanCosine,
      value: fixed(meanCosine, 3),
      brief: aligned === 'rotation' ? 'mean cosine, best rotation' : 'mean cosine of vectors',
      full: `mean cosine of ${counted(items, 'item')} in A and B${how}; a tenth is below ${fixed(p10Cosine, 3)}`,
    },
  ];
}

function recommendationRows({ recommendations }: Difference): Likeness[] {
  if (recommendations === null) return [];
  const { users, overlapAt10, rbo } = recommendations;
  const full = `of 10 recommendations are the same, over ${counted(users, 'user')}; ${share(rbo)} by rbo`;
  return [shareOf('recommendations', overlapAt10, 'of 10 recommended the same', full)];
}

function skewRows({ skew }: Difference): Likeness[] {
  if (skew === null) return [];
  const { measure, matched, mixed, lost } = skew;
  const full = `of ${measure} is left if users of A meet items of B (${decimals(matched)} → ${decimals(mixed)})`;
  return [shareOf('skew', 1 - lost, 'left if users A met items B', full)];
}

/** Why there is no row for neighbours; undefined where there is one. */
export function withoutNeighbours({ items, overlapAt10All }: Difference): string | undefined {
  if (overlapAt10All !== null) return undefined;
  return items.common === 0
    ? 'none: there are no items in both'
    : 'none to compare: in one of the models no item has any';
}

/** The verdict as a sentence begins. Not safe to show yet. */
export function verdictSentence({ verdict: { sentence } }: Difference): string {
  return sentence.slice(0, 1).toUpperCase() + sentence.slice(1);
}

export function cameAndWent({ added, removed, common }: MatchCounts): string {
  return `${count(common)} in both, ${count(added)} only in B, ${count(removed)} only in A`;
}

/** What differs of what was chosen and learned from, with what holds several values opened. */
export function differingSettings(settings: Difference['settings']): SidePair[] {
  const indexPairs = settings.filter(({ name }) => name.startsWith(indexPrefix));
  // An index on one side only is one difference, and not one for each of its options.
  const isOneSided = (['a', 'b'] as const).some((side) => indexPairs.every((pair) => pair[side] === null));
  return settings
    .filter(({ name, same }) => !same && !(isOneSided && name.startsWith(indexPrefix) && name !== indexKind))
    .flatMap(({ name, a, b }) => opened(isOneSided && name === indexKind ? 'index' : name, a, b))
    .filter(({ a, b }) => JSON.stringify(a) !== JSON.stringify(b));
}

const indexPrefix = 'index.';
const indexKind = `${indexPrefix}kind`;

function opened(name: string, a: unknown, b: unknown): SidePair[] {
  if (!isRecord(a) || !isRecord(b)) return [{ name, a, b }];
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return keys.map((key) => ({ name: `${name}.${key}`, a: ownValue(a, key), b: ownValue(b, key) }));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function ownValue(record: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : null;
}

/** Both values as short as they can be and still differ. Not safe to show yet. */
export function valuesApart({ a, b }: SidePair): readonly [a: string, b: string] {
  if (typeof a !== 'number' || typeof b !== 'number') return [settingText(a), settingText(b)];
  for (let digits = 4; digits < 17; digits += 1) {
    const [shortA, shortB] = [numberText(a, digits), numberText(b, digits)];
    if (shortA !== shortB) return [shortA, shortB];
  }
  return [String(a), String(b)];
}

function numberText(value: number, digits: number): string {
  return Number.isSafeInteger(value) ? String(value) : String(Number(value.toPrecision(digits)));
}

function settingText(value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (typeof value !== 'string') return JSON.stringify(value);
  // Hashes are there to differ: nobody reads all of one.
  return /^[0-9a-f]{64}$/.test(value) ? `${value.slice(0, 12)}…` : value;
}

/** Settings that were chosen: not what follows from others, nor what was learned from. */
export function chosenSettings(settings: readonly SidePair[]): SidePair[] {
  const names = new Set(settings.map(({ name }) => name));
  return settings.filter(
    ({ name }) =>
      !/^(inputs\.|model\.parameters\b)/.test(name) && !(name === 'model.dim' && names.has('model.factors')),
  );
}

/** Whether both learned from the same, in a few words. */
export function dataInWords({ settings, metrics }: Difference): string {
  const isSame = (name: string): boolean => settings.find((setting) => setting.name === name)?.same ?? true;
  const [plays, table] = [isSame('inputs.interactions'), isSame('inputs.items')];
  if (plays && table) return 'the same';
  const pairs = metrics.find(({ name }) => name === 'interactions');
  const change = pairs === undefined ? '' : ` (${numberOrNone(pairs.a)} → ${numberOrNone(pairs.b)} pairs)`;
  return [...(plays ? [] : [`other events${change}`]), ...(table ? [] : ['another table of items'])].join(
    ', ',
  );
}

export function heldOutOfOtherData({ settings }: Difference): boolean {
  return settings.some(({ name, same }) => name === 'inputs.interactions' && !same);
}

function numberOrNone(value: number | null): string {
  return value === null ? 'none' : decimals(value);
}

const sizes = new Set(['interactions', 'events', 'items', 'users', 'pairs']);

/** The metrics that say how good a model is, those first of which one way is better; not its sizes. */
export function qualityMetrics(metrics: readonly MetricPair[]): MetricPair[] {
  const known = metrics.filter(({ name, a, b }) => !sizes.has(name) && (a !== null || b !== null));
  const judged = known.filter(({ name }) => moreIsBetter.test(name));
  return [...judged, ...known.filter((metric) => !judged.includes(metric))];
}

/** A loss depends on the options of its training too, so that a smaller one need not be better. */
const moreIsBetter = /^(ndcg|recall|map|mrr|hit-rate|precision)@\d+$/;

/** Which way a metric went; '' where it did not, or neither way is better. */
export function direction({ name, change }: MetricPair): '' | 'better' | 'worse' {
  if (change === null || change === 0 || !moreIsBetter.test(name)) return '';
  return change > 0 ? 'better' : 'worse';
}

/** +2.1 %; '' where there is no such number, or no change. */
export function relativeChange({ a, change }: MetricPair): string {
  if (a === null || change === null || a === 0) return '';
  if (change === 0) return '';
  const text = percent(Math.abs(change / a));
  return `${change > 0 ? '+' : '-'}${text === '0 %' ? '< 0.1 %' : text}`;
}

export function metricInWords(metric: MetricPair): string {
  const { a, b, change } = metric;
  if (change === 0) return `${numberOrNone(a)}, the same`;
  const more = [relativeChange(metric), direction(metric)].filter((text) => text !== '').join(', ');
  return `${numberOrNone(a)} → ${numberOrNone(b)}${more === '' ? '' : `  (${more})`}`;
}

export const legends = {
  deciles:
    'all compared items in tenths by how many users they have; equal numbers stay together, so tenths may be empty',
  changed: 'of 10 neighbours the same',
  moved: 'cosine of the item’s vectors in A and B',
  readers: 'of 10 recommendations the same; what left them, and what came',
} as const;
