/** What is searched: options by flag name, each with a range or a list of values. */
import { AppError } from '../../errors.js';

/** One option. A value is taken by a number t, 0 ≤ t < 1. */
export interface Dimension {
  readonly flag: string;
  /** As it was written, in one form. */
  readonly text: string;
  at(t: number, power: Power): string | number;
}

/** Of the kernels: the same bits on every machine. */
type Power = (x: number, y: number) => number;

/** Digits of a drawn number: so that a command line can say it. */
const digits = 4;
const usage = 'reg=0.001..0.1:log, factors=32..128:int, or confidence=log,binary';

/**
 * `flag=low..high`, with `:log` (evenly by ratio) and `:int` (whole numbers) after it, or `flag=a,b,c`. AppError
 * 'bad-usage'.
 */
export function parseDimension(text: string): Dimension {
  const match = /^([a-z][a-z0-9-]*)=(.+)$/.exec(text.trim());
  const flag = match?.[1] ?? '';
  const said = match?.[2] ?? '';
  if (flag === '') throw badSpace(text, `wanted OPTION=VALUES, such as ${usage}`);
  const range = /^([^.:,]*\.?[^.:,]*)\.\.([^:,]+)((?::(?:log|int))*)$/.exec(said);
  if (range === null) return choices(flag, said, text);
  const [low, high] = [numberIn(range[1]), numberIn(range[2])];
  if (low === undefined || high === undefined || low >= high)
    throw badSpace(text, 'wanted two numbers, the lower one first');
  const isLog = range[3]?.includes(':log') ?? false;
  const isInt = range[3]?.includes(':int') ?? false;
  if (isLog && low <= 0) throw badSpace(text, 'a :log range starts above 0');
  if (isInt && !(Number.isInteger(low) && Number.isInteger(high)))
    throw badSpace(text, 'an :int range has whole numbers as its bounds');
  return {
    flag,
    text: `${flag}=${String(low)}..${String(high)}${isLog ? ':log' : ''}${isInt ? ':int' : ''}`,
    at(t, power) {
      const top = isInt ? high + 1 : high;
      const value = isLog ? low * power(top / low, t) : low + (top - low) * t;
      return isInt ? Math.min(high, Math.floor(value)) : Number(value.toPrecision(digits));
    },
  };
}

function choices(flag: string, said: string, text: string): Dimension {
  const values = said.split(',').map((value) => numberIn(value) ?? value.trim());
  if (values.includes('')) throw badSpace(text, 'a value is empty');
  if (new Set(values).size < values.length) throw badSpace(text, 'a value is given twice');
  return {
    flag,
    text: `${flag}=${values.join(',')}`,
    at: (t) => values[Math.min(values.length - 1, Math.floor(t * values.length))] ?? '',
  };
}

function numberIn(text: string | undefined): number | undefined {
  const trimmed = text?.trim() ?? '';
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed)) return undefined;
  const value = Number(trimmed);
  return Number.isFinite(value) ? value : undefined;
}

/** Dimensions of several texts; the last one of a flag counts. AppError 'bad-usage'. */
export function parseSpace(texts: readonly string[]): Dimension[] {
  const byFlag = new Map<string, Dimension>();
  for (const dimension of texts.map(parseDimension)) byFlag.set(dimension.flag, dimension);
  return [...byFlag.values()];
}

/** One dimension a line of a file; empty lines and what follows a # do not count. */
export function spaceLines(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '');
}

function badSpace(text: string, what: string): AppError {
  return new AppError('bad-usage', `\`space\` ${JSON.stringify(text)}: ${what}`, {
    suggestions: [`for example \`space\` ${usage}`],
  });
}
