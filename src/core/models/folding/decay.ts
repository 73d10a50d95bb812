import { AppError, refusedOption } from '../../errors.js';
import { firstTime } from '../../numeric/pairs.js';

/** Listening counts half after every half-life, measured back from a moment. */
export interface Decay {
  readonly halfLifeMs: number;
  /** ms since 1970 UTC. */
  readonly asOfMs: number;
  /** Whether an age counts only once nothing of a play is left: `binary` of snapshots before it aged by weight. */
  readonly isStep?: boolean;
}

const unitMs = { h: 3_600_000, d: 86_400_000, w: 604_800_000, y: 31_557_600_000 } as const;

/** '12h', '30d', '8w' or '2y' (of 365.25 days) in ms, more than 0; undefined for anything else. */
export function parseAge(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([hdwy])$/.exec(text);
  const ms = match === null ? 0 : Number(match[1]) * unitMs[match[2] as keyof typeof unitMs];
  return ms > 0 && ms < Infinity ? ms : undefined;
}

/** The same. AppError 'bad-usage'. */
export function parseHalfLife(text: string): number {
  const ms = parseAge(text);
  if (ms !== undefined) return ms;
  throw refusedOption('halfLife', text, 'a time such as 12h, 30d, 8w or 1y');
}

/** An ISO 8601 time, UTC where it names no zone, in ms. AppError 'bad-usage'. */
export function parseAsOf(text: string): number {
  const match = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/.exec(text);
  const isLocal = match?.[1] !== undefined && match[4] === undefined;
  const ms = match === null ? Number.NaN : Date.parse(isLocal ? `${text}Z` : text);
  if (Number.isFinite(ms)) return ms;
  throw refusedOption('asOf', text, 'a time such as 2014-06-20 or 2014-06-20T12:00:00Z');
}

/**
 * 2^(−age / half-life) of a pair's latest event; 1 for what came after the moment, and for a pair without a time, which
 * may have a place instead.
 * `power` is the kernels' x^y.
 */
export function decayFunction(
  { halfLifeMs, asOfMs, isStep = false }: Decay,
  power: (x: number, y: number) => number,
): (lastAtMs: number) => number {
  const first = Number(firstTime);
  return (lastAtMs) => {
    const age = asOfMs - lastAtMs;
    if (lastAtMs < first || age <= 0) return 1;
    const factor = power(0.5, age / halfLifeMs);
    return isStep ? Math.ceil(Math.fround(factor)) : factor;
  };
}

/**
 * What --half-life and --as-of mean. AppError 'bad-usage' for what cannot be read, for a moment without a half-life, and
 * for a half-life where neither a moment nor a latest event is known.
 */
export function decayFrom(
  halfLife: string | undefined,
  asOf: string | undefined,
  latestMs: number | undefined,
): Decay | undefined {
  if (halfLife === undefined) {
    if (asOf === undefined) return undefined;
    throw new AppError('bad-usage', '`asOf` says where a `halfLife` is measured from, but none is given');
  }
  const halfLifeMs = parseHalfLife(halfLife);
  const asOfMs = asOf === undefined ? latestMs : parseAsOf(asOf);
  if (asOfMs !== undefined) return { halfLifeMs, asOfMs };
  throw new AppError('bad-usage', '`halfLife` needs times, but no event has one', {
    suggestions: ['train on events with a time column'],
  });
}
