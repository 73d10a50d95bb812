/** The fast reading of a time, as SQL: ms since 1970 as DOUBLE, as parseTime gives them; noTime for an empty cell. */
import { firstMilliseconds, maxTimeMs, minTimeMs, noTimeNumber } from './event-rules.js';
import type { FastCell } from './weight-sql.js';

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
