/**
 * What a cell of an event may hold, and what it means: the rules that every reader of rows follows. The SQL of
 * event-sql.ts takes the plain forms of these and gives up on everything else, which is then read by these rules.
 */
import { maxWeight, noTime, weightUnits } from '../numeric/pairs.js';

export const maxIdBytes = 1024;

/** An event's type, as the number that it has in tables. */
export const eventTypes = ['play', 'like', 'dislike', 'ban'] as const;
/** What a ledger keeps besides, and training does not read. */
export const keptTypes = ['skip', 'unban', 'undo'] as const;
export type EventType = 0 | 1 | 2 | 3;
export const play = 0;
export const like = 1;
export const dislike = 2;
export const ban = 3;

/** A cell that breaks a rule: the end of a sentence that begins with the cell, such as "is not a number". */
export class RuleBreach {
  readonly problem: string;
  constructor(problem: string) {
    this.problem = problem;
  }
}

/** An id is 1 to 1,024 bytes of UTF-8, taken as it is: no case, no spaces and no Unicode forms are changed. */
export function breachOfId(id: string | null): RuleBreach | undefined {
  if (id === null || id === '') return new RuleBreach('is empty; an id of 1 to 1,024 bytes is wanted');
  if (id.length * 3 <= maxIdBytes) return undefined;
  const bytes = Buffer.byteLength(id);
  if (bytes <= maxIdBytes) return undefined;
  return new RuleBreach(`takes ${bytes} bytes; an id of 1 to 1,024 bytes is wanted`);
}

const decimal = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,5}))?$/;
/** What most weights are, for speed only; and the lowest of them. */
const plainCount = /^\d{1,9}$/;
const lowCounts = Array.from({ length: 1000 }, (_, count) => BigInt(count) * weightUnits);
const notFinite = /^[+-]?(?:nan|inf|infinity)$/i;

/**
 * A weight in units of 1e-9, exactly: decimal digits with an optional point and exponent. What is finer than 1e-9 is
 * rounded half to even; a positive weight that would become 0 is a breach, as are negative and too large ones.
 */
export function parseWeight(text: string | null): bigint | RuleBreach {
  const trimmed = (text ?? '').trim();
  if (plainCount.test(trimmed))
    return (trimmed.length <= 3 ? lowCounts[Number(trimmed)] : undefined) ?? BigInt(trimmed) * weightUnits;
  if (trimmed === '') return new RuleBreach('is empty; a number is wanted');
  const [, sign, whole = '', fraction = '', exponent = '0'] = decimal.exec(trimmed) ?? [];
  if (sign === undefined || whole + fraction === '') {
    return new RuleBreach(notFinite.test(trimmed) ? 'is not a finite number' : 'is not a number');
  }
  const digits = (whole + fraction).replace(/^0+/, '');
  if (digits === '') return 0n;
  if (sign === '-') return new RuleBreach('is negative; 0 or more is wanted');
  // The weight is 0.digits × 10^magnitude, so it has magnitude + 9 digits before the point when counted in units.
  const magnitude = digits.length - fraction.length + Number(exponent);
  if (magnitude > 10) return tooLarge();
  const kept = magnitude + 9;
  if (kept < 0) return tooSmall();
  const units = BigInt(digits.slice(0, kept).padEnd(kept, '0') || '0');
  const rest = digits.slice(kept).replace(/0+$/, '');
  const roundUp = rest > '5' || (rest === '5' && units % 2n === 1n);
  const rounded = roundUp ? units + 1n : units;
  if (rounded === 0n) return tooSmall();
  return rounded > maxWeight ? tooLarge() : rounded;
}

function tooLarge(): RuleBreach {
  return new RuleBreach('is too large; at most 9223372036.854775807 is wanted');
}

function tooSmall(): RuleBreach {
  return new RuleBreach('is too small: it rounds to 0, weights are multiples of 1e-9');
}

const isoTime =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?(?:(Z)|([+-])(\d\d)(?::?(\d\d))?)?)?$/i;
/** As Excel writes it where decimal commas are: between dots the day always comes first. */
const dottedDay = /^(\d\d?)\.(\d\d?)\.(\d{4})(?=$|[T ])/;
const [space, hyphen, point, zero, colon, letterT] = [32, 45, 46, 48, 58, 84];
const daysOfMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const unixTime = /^[+-]?\d{1,30}(?:\.\d*)?(?:e\+?\d{1,2})?$/i;

/** The earliest and latest time: the years 1 to 9999. */
export const minTimeMs = -62_135_596_800_000;
export const maxTimeMs = 253_402_300_799_999;
/** Unix times below this count seconds (until the year 5138), from it on milliseconds (since March 1973). */
export const firstMilliseconds = 100_000_000_000;

/**
 * A time as milliseconds since 1970 UTC, whole (finer is cut off, towards the past); null for an empty cell. Takes ISO 8601 (date; or date
 * and time, with Z, an offset, or neither, which is UTC), the same with a day such as 31.5.2024, and unix seconds or
 * milliseconds, told apart by magnitude.
 */
export function parseTime(text: string | null): number | null | RuleBreach {
  const trimmed = (text ?? '').trim();
  if (trimmed === '') return null;
  const plain = plainTime(trimmed);
  if (plain !== undefined) return plain;
  if (unixTime.test(trimmed)) {
    const value = Number(trimmed);
    const ms = Math.abs(value) < firstMilliseconds ? unixSecondsToMs(trimmed, value) : Math.floor(value);
    return ms >= minTimeMs && ms <= maxTimeMs
      ? ms
      : new RuleBreach('is out of range; unix seconds or milliseconds in the years 1 to 9999 are wanted');
  }
  const match = isoTime.exec(
    trimmed.replace(dottedDay, (_, day: string, month: string, year: string) => {
      return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
    }),
  );
  if (match === null) return notATime();
  const part = (index: number): number => Number(match[index] ?? 0);
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map(part) as [number, ...number[]] &
    number[];
  const offsetHour = part(10);
  const offsetMinute = part(11);
  if (hour! > 23 || minute! > 59 || second! > 59 || offsetHour > 23 || offsetMinute > 59) return notATime();
  const date = new Date(0);
  date.setUTCFullYear(year, month! - 1, day);
  if (year < 1 || date.getUTCMonth() !== month! - 1 || date.getUTCDate() !== day) return notATime();
  const offset = (offsetHour * 60 + offsetMinute) * (match[9] === '-' ? -1 : 1);
  const ms = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const time = date.getTime() + ((hour! * 60 + minute! - offset) * 60 + second!) * 1000 + ms;
  return time >= minTimeMs && time <= maxTimeMs ? time : notATime();
}

/**
 * What most times are as text, for speed only: 2024-05-31 20:15:00, or with a T, with or without a fraction, in a year from 1000 on;
 * undefined for all others.
 */
function plainTime(text: string): number | undefined {
  if (text.length < 19 || text.length > 29) return undefined;
  const separator = text.charCodeAt(10);
  if (separator !== space && separator !== letterT) return undefined;
  if (text.charCodeAt(4) !== hyphen || text.charCodeAt(7) !== hyphen) return undefined;
  if (text.charCodeAt(13) !== colon || text.charCodeAt(16) !== colon) return undefined;
  const year = 100 * twoDigits(text, 0) + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  const hour = twoDigits(text, 11);
  const minute = twoDigits(text, 14);
  const second = twoDigits(text, 17);
  // What is no number is none of these.
  const isTime = year >= 1000 && month >= 1 && month <= 12 && day >= 1 && hour <= 23;
  if (!isTime || !(minute <= 59) || !(second <= 59)) return undefined;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (day > (month === 2 && isLeap ? 29 : daysOfMonth[month - 1]!)) return undefined;
  // Days since 1970, counting years from March (Howard Hinnant, chrono-compatible low-level date algorithms).
  const y = month > 2 ? year : year - 1;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const days = 365 * y + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + dayOfYear - 719_468;
  const ms = text.length === 19 ? 0 : fractionMs(text);
  return ms === undefined ? undefined : (((days * 24 + hour) * 60 + minute) * 60 + second) * 1000 + ms;
}

/** Of what stands behind seconds: a point, and 1 to 9 digits. */
function fractionMs(text: string): number | undefined {
  if (text.charCodeAt(19) !== point || text.length === 20) return undefined;
  let ms = 0;
  for (let at = 20, place = 100; at < text.length; at++, place = Math.floor(place / 10)) {
    const digit = text.charCodeAt(at) - zero;
    if (!(digit >= 0 && digit <= 9)) return undefined;
    ms += digit * place;
  }
  return ms;
}

/** NaN where they are none. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - zero;
  const ones = text.charCodeAt(at + 1) - zero;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? 10 * tens + ones : NaN;
}

function unixSecondsToMs(text: string, value: number): number {
  const plain = /^(\d+)\.(\d*)$/.exec(text);
  // The digits themselves where they are plain: 1700000000.001 × 1000 would be a hair too small in floating point.
  if (plain !== null) return Number(plain[1]) * 1000 + Number((plain[2] ?? '').slice(0, 3).padEnd(3, '0'));
  return Math.floor(value * 1000);
}

function notATime(): RuleBreach {
  return new RuleBreach(
    'is not a time; ISO 8601 such as 2024-05-31T20:15:00Z, or unix seconds or milliseconds, is wanted',
  );
}

/** An event's type; an empty cell is a play. */
export function parseType(text: string | null): EventType | RuleBreach {
  const trimmed = (text ?? '').trim().toLowerCase();
  if (trimmed === '') return play;
  const index = (eventTypes as readonly string[]).indexOf(trimmed);
  if (index >= 0) return index as EventType;
  if (!(keptTypes as readonly string[]).includes(trimmed)) return notAType();
  const how = '`segue feedback import` keeps it, and `segue feedback export` writes what holds';
  return new RuleBreach(`is of the ledger, and not of training: ${how}`);
}

/** @param more types that are taken besides */
export function notAType(more: readonly string[] = []): RuleBreach {
  const all = [...eventTypes, ...more];
  return new RuleBreach(`is not a type; ${all.slice(0, -1).join(', ')} or ${all.at(-1) ?? ''} is wanted`);
}

/** The cells of one event; null where the column or the cell is missing. */
export interface EventCells {
  readonly user: string | null;
  readonly item: string | null;
  readonly weight: string | null;
  readonly time: string | null;
  readonly type: string | null;
}

/** An event whose cells all hold. */
export interface ParsedEvent {
  readonly user: string;
  readonly item: string;
  /** Units of 1e-9; 0 for a ban. */
  readonly weight: bigint;
  /** ms since 1970 UTC; noTime's value as a number where there is none. */
  readonly time: number;
  readonly type: EventType;
}

/** The first cell of an event that breaks a rule. */
export interface BadCell {
  readonly column: keyof EventCells;
  readonly value: string | null;
  readonly problem: string;
}

export const noTimeNumber = Number(noTime);

/**
 * An event from its cells, or the first that breaks a rule. Without a weight column, or with `weightOptional` and an
 * empty cell, an event weighs 1. A like or dislike with an empty weight weighs 1 too; a ban weighs nothing.
 */
export function parseEvent(
  cells: EventCells,
  hasWeight: boolean,
  weightOptional: boolean,
): ParsedEvent | BadCell {
  const badUser = breachOfId(cells.user);
  if (badUser !== undefined) return { column: 'user', value: cells.user, problem: badUser.problem };
  const badItem = breachOfId(cells.item);
  if (badItem !== undefined) return { column: 'item', value: cells.item, problem: badItem.problem };
  const type = parseType(cells.type);
  if (type instanceof RuleBreach) return { column: 'type', value: cells.type, problem: type.problem };
  const mayBeEmpty = !hasWeight || weightOptional || type !== play;
  const empty = cells.weight === null || cells.weight.trim() === '';
  const weight = mayBeEmpty && empty ? weightUnits : parseWeight(cells.weight);
  if (weight instanceof RuleBreach) return { column: 'weight', value: cells.weight, problem: weight.problem };
  const time = parseTime(cells.time);
  if (time instanceof RuleBreach) return { column: 'time', value: cells.time, problem: time.problem };
  return {
    user: cells.user!,
    item: cells.item!,
    weight: type === ban ? 0n : weight,
    time: time ?? noTimeNumber,
    type,
  };
}
