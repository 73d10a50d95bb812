/** From numbers to places on a chart, and the ticks that say which are where. */
import { scaleLinear, scaleLog } from 'd3-scale';
import { count } from '../core/number-text.js';

export interface AxisOptions {
  readonly label: string;
  /** 'log' leaves out what is not above 0. */
  readonly scale?: 'linear' | 'log';
  /** Of the numbers that are shown. Of a linear axis it is widened to whole ticks unless `exact`. */
  readonly domain: readonly [number, number];
  readonly exact?: boolean;
  /** Where its ticks are, if not where they fall. */
  readonly ticks?: readonly number[];
  /** How a tick is written; large numbers are shortened by default. */
  readonly text?: (value: number) => string;
}

export interface Tick {
  /** In the units of the drawing. */
  readonly at: number;
  readonly text: string;
}

export interface Axis {
  readonly label: string;
  readonly ticks: readonly Tick[];
  /** The place of a number, undefined where the axis has none for it. */
  at(value: number): number | undefined;
}

/** 1,200 → 1.2k, 37,647 → 38k: for ticks, where there is no room for all digits. */
export function shortNumber(value: number): string {
  const size = Math.abs(value);
  for (const [unit, letter] of [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const) {
    if (size < unit) continue;
    return `${String(Number((value / unit).toPrecision(size < 10 * unit ? 2 : 3)))}${letter}`;
  }
  return Number.isInteger(value) ? count(value) : String(Number(value.toPrecision(3)));
}

/** @param range places of the ends of the domain. @param most ticks that there is room for, about */
export function axisOf(options: AxisOptions, range: readonly [number, number], most: number): Axis {
  return options.scale === 'log' ? logAxis(options, range, most) : linearAxis(options, range, most);
}

function linearAxis(
  { label, domain, exact = false, ticks, text = shortNumber }: AxisOptions,
  range: readonly [number, number],
  most: number,
): Axis {
  const [low, high] = domain;
  const scale = scaleLinear()
    .domain(low === high ? [low, low + 1] : [low, high])
    .range(range);
  if (!exact) scale.nice(most);
  return {
    label,
    ticks: (ticks ?? scale.ticks(most)).map((value) => ({ at: scale(value), text: text(value) })),
    at: (value) => (Number.isFinite(value) ? scale(value) : undefined),
  };
}

function logAxis(
  { label, domain, ticks, text = shortNumber }: AxisOptions,
  range: readonly [number, number],
  most: number,
): Axis {
  const low = Math.max(domain[0], Number.MIN_VALUE);
  const high = domain[1] > low ? domain[1] : 10 * low;
  const scale = scaleLog().domain([low, high]).range(range);
  return {
    label,
    ticks: (ticks ?? logTicks(low, high, most)).map((value) => ({ at: scale(value), text: text(value) })),
    at: (value) => (value > 0 && Number.isFinite(value) ? scale(value) : undefined),
  };
}

/** Powers of ten, fewer of them over a wide domain, and their 2- and 5-folds over a narrow one. */
function logTicks(low: number, high: number, most: number): number[] {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const powers = Array.from({ length: last - first + 1 }, (_, at) => first + at);
  const step = Math.max(1, Math.ceil(powers.length / most));
  const folds = powers.length <= 3 ? [1, 2, 5] : [1];
  return powers
    .filter((power) => power % step === 0)
    .flatMap((power) => folds.map((fold) => Number(`${fold}e${power}`)))
    .filter((value) => value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9));
}
