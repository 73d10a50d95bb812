/**
 * The fast reading of weights and times, as SQL over cells of text: weights are int64 units of 1e-9, exactly as parseWeight
 * gives them, times ms since 1970 as DOUBLE, as parseTime gives them, noTime for an empty cell.
 */
import { firstMilliseconds, maxTimeMs, minTimeMs, noTimeNumber, parseTime } from './event-rules.js';

/** How a cell may be read faster, or must be given up. */
export interface FastCell {
  /** The cell as VARCHAR. */
  readonly text: string;
  /** A column that is the cell as a whole number where it can be read as one; undefined where few are. */
  readonly number: string | undefined;
  /** An expression that fails: this row needs the careful reader. */
  readonly giveUp: string;
}

const one = '1000000000';

/** A BIGINT. `emptyIs` is what an empty cell weighs; it is given up where that is undefined. */
export function weightSql({ text, number, giveUp }: FastCell, emptyIs: string | undefined): string {
  const matches = (form: string, value: string): string =>
    `WHEN regexp_full_match(${text}, '${form}') THEN ${value}`;
  const branches = [
    ...(emptyIs === undefined ? [] : [`WHEN ${text} IS NULL THEN ${emptyIs}`]),
    // It is that number if it is written so: costs two thirds of a pattern, and most weights are counts.
    ...(number === undefined ? [] : [`WHEN ${number}::VARCHAR = ${text} THEN ${number}::BIGINT * ${one}`]),
    matches('[0-9]{1,9}', `${text}::BIGINT * ${one}`),
    matches('[0-9]{1,9}\\.[0-9]{1,9}', unitsOf(text)),
    matches('[0-9]{1,9}\\.[0-9]{10,40}', roundedUnitsOf(text, giveUp)),
    matches(
      '[0-9](\\.[0-9]{1,17})?e-(0?[1-9]|1[0-9])',
      // A lambda names the digits: they are planned and worked out once, not wherever they are looked at.
      `list_transform([${withoutExponent(text)}], lambda digits: ${roundedUnitsOf('digits', giveUp)})[1]`,
    ),
  ];
  return `CASE ${branches.join(' ')} ELSE ${giveUp}::BIGINT END`;
}

/** A weight in a file with types: likes and dislikes with an empty cell weigh 1, bans nothing. */
export function typedWeightSql(
  cell: FastCell | undefined,
  type: string,
  emptyIs: string | undefined,
): string {
  if (cell === undefined) return `CASE WHEN ${type} = 'ban' THEN 0 ELSE ${one} END`;
  const { text } = cell;
  return (
    `CASE WHEN ${text} IS NULL AND ${type} IN ('like', 'dislike') THEN ${one} ` +
    `WHEN ${text} IS NULL AND ${type} = 'ban' THEN 0 ` +
    `ELSE ${weightSql(cell, emptyIs)} * (${type} IS NULL OR ${type} <> 'ban')::BIGINT END`
  );
}

/** Units of 1e-9 of `digits.digits` with at most nine after the point. */
function unitsOf(text: string): string {
  const fraction = `rpad(left(split_part(${text}, '.', 2), 9), 9, '0')::BIGINT`;
  return `split_part(${text}, '.', 1)::BIGINT * ${one} + ${fraction}`;
}

/**
 * The same with more digits, rounded half to even; gives up where nothing is left, for that may be a bad row. The tenth
 * digit mostly decides; only after a 5 the rest is looked at.
 */
function roundedUnitsOf(text: string, giveUp: string): string {
  const fraction = `split_part(${text}, '.', 2)`;
  const cut = `(${unitsOf(text)})`;
  const tenth = `substr(${fraction}, 10, 1)`;
  const rest = `rtrim(substr(${fraction}, 10), '0')`;
  const up = `(${rest} > '5' OR (${rest} = '5' AND ${cut} % 2 = 1))::BIGINT`;
  return (
    `CASE WHEN ${tenth} < '5' AND ${cut} > 0 THEN ${cut} WHEN ${tenth} > '5' THEN ${cut} + 1 ` +
    `WHEN ${cut} + ${up} > 0 THEN ${cut} + ${up} ELSE ${giveUp}::BIGINT END`
  );
}

/** `6.7e-05`, as programs write small numbers, as `0.000067`. */
function withoutExponent(text: string): string {
  const zeros = `repeat('0', split_part(${text}, 'e-', 2)::INTEGER - 1)`;
  return `('0.' || ${zeros} || replace(split_part(${text}, 'e-', 1), '.', ''))`;
}

const noTime = `${noTimeNumber}::DOUBLE`;

const clock = '([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,6})?)?';
/** From 1971 on, so that cutting off what is finer than a millisecond is rounding towards the past. */
const day = '(19(7[1-9]|[89][0-9])|2[0-9]{3})-[0-9]{2}-[0-9]{2}';
const utcTime = `${day}([T ]${clock}Z?)?`;
const offsetTime = `${day}[T ]${clock}[+-](0[0-9]|1[0-4]):[0-5][0-9]`;

/** Of a cell of text. `isoFirst`: most cells are ISO 8601, so that is tried first. */
export function timeSql({ text, number, giveUp }: FastCell, isoFirst: boolean): string {
  const matches = (form: string, value: string): string =>
    `WHEN regexp_full_match(${text}, '${form}') THEN ${value}`;
  const parsed = (type: string): string =>
    `coalesce(epoch_ms(TRY_CAST(${text} AS ${type}))::DOUBLE, ${giveUp}::DOUBLE)`;
  const written = `${String(number)}::VARCHAR = ${text} AND ${String(number)}`;
  const whole = `split_part(${text}, '.', 1)::DOUBLE * 1000`;
  const milliseconds = `rpad(left(split_part(${text}, '.', 2), 3), 3, '0')::DOUBLE`;
  const unix = [
    ...(number === undefined
      ? []
      : [
          `WHEN ${written} BETWEEN ${1 - firstMilliseconds} AND ${firstMilliseconds - 1} THEN ${number}::DOUBLE * 1000`,
          `WHEN ${written} BETWEEN ${minTimeMs} AND ${maxTimeMs} THEN ${number}::DOUBLE`,
        ]),
    matches('[0-9]{1,11}', `${text}::DOUBLE * 1000`),
    matches('[1-9][0-9]{11,13}', `${text}::DOUBLE`),
    matches('[0-9]{1,11}\\.[0-9]{1,18}', `${whole} + ${milliseconds}`),
  ];
  const iso = [matches(utcTime, parsed('TIMESTAMP')), matches(offsetTime, parsed('TIMESTAMPTZ'))];
  const branches = isoFirst ? [...iso, ...unix] : [...unix, ...iso];
  return `CASE WHEN ${text} IS NULL THEN ${noTime} ${branches.join(' ')} ELSE ${giveUp}::DOUBLE END`;
}

/** DuckDB wants the seconds before an offset. */
const secondWithOffset = offsetTime.replace('(:[0-5][0-9](\\.[0-9]{1,6})?)?', ':[0-5][0-9](\\.[0-9]{1,6})?');

/** Of texts that are ISO 8601, what `momentOf` gives: NULL for all others. */
export function momentSql(text: string): string {
  const parsed = (form: string, type: string): string =>
    `WHEN regexp_full_match(${text}, '${form}') THEN epoch_ms(TRY_CAST(${text} AS ${type}))::DOUBLE`;
  return `CASE ${parsed(utcTime, 'TIMESTAMP')} ${parsed(secondWithOffset, 'TIMESTAMPTZ')} END`;
}

const moment = new RegExp(`^(?:${utcTime}|${secondWithOffset})$`);

/** In ms since 1970 UTC; null for what is no day, or time, from 1971 to 2999 in ISO 8601. */
export function momentOf(text: unknown): number | null {
  const time = typeof text === 'string' && moment.test(text) ? parseTime(text) : null;
  return typeof time === 'number' ? time : null;
}

/** Of a column of Parquet that holds times. */
export function timestampSql(column: string, giveUp: string): string {
  const at = `${column}::TIMESTAMP`;
  return (
    `CASE WHEN ${at} IS NULL THEN ${noTime} ` +
    `WHEN isfinite(${at}) AND year(${at}) BETWEEN 1971 AND 2999 THEN epoch_ms(${at})::DOUBLE ` +
    `ELSE ${giveUp}::DOUBLE END`
  );
}

/** Of a file without times. */
export const noTimeSql = noTime;
