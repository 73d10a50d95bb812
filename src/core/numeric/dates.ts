/**
 * Dates as catalogues write them. A column of dates is kept as ISO 8601 text: a year, a month, a day, or that and a time. Pure.
 */

/** Of a pattern; what an optional part of it did not match is missing. */
type Matched = readonly (string | undefined)[];

/** ms since 1970 UTC: the first and the last moment that a date leaves open. */
export interface Span {
  readonly firstMs: number;
  readonly lastMs: number;
}

const dayMs = 86_400_000;

const iso =
  /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?(Z|UTC|[+-]\d\d(?::?\d\d)?)?)?)?)?$/i;

/**
 * '1975', '1975-03', '1975-03-28', or that and a time, of UTC where it names no zone; undefined for anything else. Spaces
 * around it do not count.
 */
export function parseDate(value: string | number | null | undefined): Span | undefined {
  const match: Matched | null = iso.exec(typeof value === 'string' ? value.trim() : String(value ?? ''));
  if (match === null) return undefined;
  const [, yearText, monthText, dayText, hourText] = match;
  const [year, month, day] = [Number(yearText), Number(monthText ?? 1), Number(dayText ?? 1)];
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  const firstMs = moment(year, month - 1, day);
  if (hourText !== undefined) return timeOf(match, firstMs);
  const nextMs =
    monthText === undefined
      ? moment(year + 1, 0, 1)
      : dayText === undefined
        ? moment(year, month, 1)
        : firstMs + dayMs;
  return { firstMs, lastMs: nextMs - 1 };
}

/** Of a day's match the minute, the second, or the fraction of one that it names. */
function timeOf(
  [, , , , hour, minute, second, fraction, zone = 'Z']: Matched,
  dayAtMs: number,
): Span | undefined {
  const [zoneHours, zoneMinutes] = /\d/.test(zone) ? [zone.slice(0, 3), zone.slice(-2)] : ['+00', '00'];
  const [h, m, s] = [Number(hour), Number(minute), Number(second ?? 0)];
  const isShort = zone.length === 3;
  if (h > 23 || m > 59 || s > 59 || Math.abs(Number(zoneHours)) > 14) return undefined;
  if (!isShort && Number(zoneMinutes) > 59) return undefined;
  const offset =
    60 * Number(zoneHours) + (zoneHours.startsWith('-') ? -1 : 1) * (isShort ? 0 : Number(zoneMinutes));
  const ms = fraction === undefined ? 0 : Number(fraction.slice(0, 3).padEnd(3, '0'));
  const firstMs = dayAtMs + 1000 * (60 * (60 * h + m - offset) + s) + ms;
  return {
    firstMs,
    lastMs: firstMs + (second === undefined ? 60_000 : fraction === undefined ? 1000 : 1) - 1,
  };
}

/** Date.UTC takes the years 0 … 99 for 1900 … 1999. */
function moment(year: number, month: number, day: number): number {
  return year >= 100 ? Date.UTC(year, month, day) : new Date(0).setUTCFullYear(year, month, day);
}

function daysIn(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

/** Which number of 03/04/1997 is the day. */
export type DateOrder = 'day-first' | 'month-first';

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const monthNames = [
  ...['january', 'february', 'march', 'april', 'may', 'june'],
  ...['july', 'august', 'september', 'october', 'november', 'december'],
];

/** The longest text that can be a date. */
const mostCharacters = 40;
const clock = /^(.*\d{4}.*?)[T, ]\s*(\d{1,2}):(\d\d)(:\d\d(?:\.\d+)?)?$/;
const yearMonthDay = /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})$/;
const yearMonth = /^(\d{4})[-/](\d{1,2})$/;
const dayMonthYear = /^(\d{1,2})(?:st|nd|rd|th)?[ \-/.]+([a-z]{3,9})[ \-/.,]+(\d{4})$/i;
const monthDayYear = /^([a-z]{3,9})\.? +(\d{1,2})(?:st|nd|rd|th)?,? +(\d{4})$/i;
const monthYear = /^([a-z]{3,9})\.?[ \-/,]+(\d{4})$/i;
const numbers = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})$/;
const numberYear = /^(\d{1,2})\/(\d{4})$/;

/**
 * A date in one of the common ways of writing it as ISO 8601; undefined for anything else. What is ISO 8601 comes back as it is.
 * 14.03.1997 has its day first everywhere; 03/04/1997 and 03-04-1997 are dates only where `order` says which is the day.
 * Names of months are English, in full or of three letters. Years have four digits.
 */
export function isoDateOf(text: string, order?: DateOrder): string | undefined {
  if (text.length > mostCharacters) return undefined;
  const trimmed = text.trim();
  if (parseDate(trimmed) !== undefined) return trimmed;
  const timed: Matched = clock.exec(trimmed) ?? [];
  const [, dayText, hour = '', minute, second = ''] = timed;
  const day = plainDate((dayText ?? trimmed).trim(), order);
  if (day === undefined) return undefined;
  const found = dayText === undefined ? day : `${day}T${hour.padStart(2, '0')}:${minute}${second}`;
  return parseDate(found) === undefined ? undefined : found;
}

function plainDate(text: string, order: DateOrder | undefined): string | undefined {
  const written = (year: string, month: string | number, day?: string): string =>
    [year, String(month).padStart(2, '0'), ...(day === undefined ? [] : [day.padStart(2, '0')])].join('-');
  const named = (year: string, name: string, day?: string): string | undefined => {
    const month = monthOf(name);
    return month === undefined ? undefined : written(year, month, day);
  };
  let match: RegExpExecArray | null;
  if ((match = yearMonthDay.exec(text)) !== null) return written(match[1], match[3], match[4]);
  if ((match = yearMonth.exec(text)) !== null) return written(match[1], match[2]);
  if ((match = dayMonthYear.exec(text)) !== null) return named(match[3], match[2], match[1]);
  if ((match = monthDayYear.exec(text)) !== null) return named(match[3], match[1], match[2]);
  if ((match = monthYear.exec(text)) !== null) return named(match[2], match[1]);
  if ((match = numberYear.exec(text)) !== null) return written(match[2], match[1]);
  if ((match = numbers.exec(text)) === null) return undefined;
  const [, first, sign, second, year] = match;
  const by = sign === '.' ? 'day-first' : order;
  if (by === undefined) return undefined;
  return by === 'day-first' ? written(year, second, first) : written(year, first, second);
}

function monthOf(name: string): number | undefined {
  const word = name.toLowerCase();
  const at = word === 'sept' ? 8 : word.length === 3 ? months.indexOf(word) : monthNames.indexOf(word);
  return at < 0 ? undefined : at + 1;
}

/** The two numbers before the year of 03/04/1997 or 03-04-1997, with a time or without; undefined for anything else. */
export function numbersOfDate(text: string): readonly [first: number, second: number] | undefined {
  if (text.length > mostCharacters) return undefined;
  const trimmed = text.trim();
  const [, dayText = trimmed]: Matched = clock.exec(trimmed) ?? [];
  const match = numbers.exec(dayText.trim());
  return match === null || match[2] === '.' ? undefined : [Number(match[1]), Number(match[3])];
}

/** Whether it may have come out in the time `ms` before `asOfMs`; what comes out later has not. */
export function isRecent({ firstMs, lastMs }: Span, ms: number, asOfMs: number): boolean {
  return firstMs <= asOfMs && lastMs >= asOfMs - ms;
}

/** How long ago it came out, at the least: a year counts from its end. 0 for what is of now, or yet to come. */
export function ageAt({ lastMs }: Span, asOfMs: number): number {
  return Math.max(0, asOfMs - lastMs);
}
