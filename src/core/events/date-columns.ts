/** Columns of a catalogue that hold dates: kept as ISO 8601 text, whatever way they are written. */
import type { ItemColumn } from '../contracts.js';
import { isoDateOf, numbersOfDate, parseDate, type DateOrder } from '../numeric/dates.js';
import { isNameColumn } from '../tables/name-columns.js';

export interface ReadColumn {
  readonly column: ItemColumn;
  /** What was made of it, or why nothing was, for whoever gave it. */
  readonly note?: string;
}

type Texts = ItemColumn & { readonly type: 'text' };
type Numbers = ItemColumn & { readonly type: 'int' };

const dateWords: ReadonlySet<string> = new Set([
  ...['date', 'year', 'released', 'releasedate', 'releaseyear', 'pubdate', 'birthdate', 'birthyear'],
]);

/** Cells by which a column shows whether it might hold dates where its name says nothing. */
const looked = 100;

/**
 * A column whose every filled cell is a date, as ISO 8601 text: days, months and years as `isoDateOf` reads them; 03/04/1997
 * where another cell of the column shows which number is the day. Years that are whole numbers stay numbers. Where the name
 * says that it holds dates (`released`, `release year`), also 19970314, and 1997.0, which pandas writes; and a note says so
 * where it cannot be understood as a whole: then it stays as it is.
 */
export function recogniseDates(column: ItemColumn): ReadColumn {
  if (isNameColumn(column.name)) return { column };
  return column.type === 'int' ? datesOfNumbers(column) : datesOfTexts(column);
}

function datesOfTexts(column: Texts): ReadColumn {
  const { name } = column;
  const filled = column.values.filter((cell) => cell !== null);
  const isNamed = isDateName(name);
  if (filled.length === 0) return { column };
  const years = isNamed ? yearsOfPandas(column) : undefined;
  if (years !== undefined) return { column: years };
  const sample = filled.slice(0, looked);
  if (!isNamed && 2 * sample.filter(isSomeDate).length <= sample.length) return { column };
  const order = orderOf(filled);
  const dates = column.values.map((cell) =>
    cell === null ? null : isoDateOf(cell, order === 'either' || order === 'both' ? undefined : order),
  );
  const at = dates.indexOf(undefined);
  if (at < 0) return withDates(column, dates as readonly (string | null)[]);
  const misfit = quoted(column.values[at] ?? '');
  if (order === 'either' && filled.every(isSomeDate)) {
    return keptAsText(
      column,
      `in ${misfit} and all its other cells the day may be the first or the second number`,
    );
  }
  if (order === 'both')
    return keptAsText(column, 'the day is the first number in some cells, and the second in others');
  const misfits = dates.filter((date) => date === undefined).length;
  return keptAsText(column, `${misfits} of ${filled.length} filled cells are not dates, such as ${misfit}`);
}

/** As a table of items is read; what is ISO 8601 already is not touched. */
function withDates(column: Texts, dates: readonly (string | null)[]): ReadColumn {
  const at = dates.findIndex((date, row) => date !== column.values[row]);
  if (at < 0) return { column };
  const note = `${quoted(column.name)} holds dates such as ${quoted(column.values[at] ?? '')}: they are kept as ${dates[at]}`;
  return { column: { name: column.name, type: 'text', values: dates }, note };
}

function keptAsText(column: Texts, why: string): ReadColumn {
  const note = `${quoted(column.name)} is kept as text, without an order by date: ${why}; write 1997-03-14 or 1997, or leave the cell empty`;
  return { column, note };
}

/** Of 03/04/1997: by the cells in which one of the numbers can only be a day. */
function orderOf(cells: readonly string[]): DateOrder | 'either' | 'both' | undefined {
  const pairs = cells.map(numbersOfDate).filter((pair) => pair !== undefined);
  if (pairs.length === 0) return undefined;
  const dayFirst = pairs.some(([first]) => first > 12);
  const monthFirst = pairs.some(([, second]) => second > 12);
  if (dayFirst && monthFirst) return 'both';
  return dayFirst ? 'day-first' : monthFirst ? 'month-first' : 'either';
}

function isSomeDate(cell: string): boolean {
  return isoDateOf(cell, 'day-first') !== undefined || isoDateOf(cell, 'month-first') !== undefined;
}

/** pandas writes a column of years with gaps as 1997.0. */
function yearsOfPandas({ name, values }: Texts): ItemColumn | undefined {
  if (!values.every((cell) => cell === null || /^[12]\d{3}\.0$/.test(cell))) return undefined;
  return { name, type: 'int', values: values.map((cell) => (cell === null ? null : Number(cell))) };
}

function datesOfNumbers(column: Numbers): ReadColumn {
  const { name, values } = column;
  if (!isDateName(name)) return { column };
  const isYear = (value: number | null): boolean => value === null || (value >= 1000 && value < 3000);
  if (values.every(isYear)) return { column };
  const days = values.map((value) => (value === null ? null : dayOfDigits(value)));
  if (days.every((day) => day !== undefined)) {
    const at = days.findIndex((day) => day !== null);
    const note = `${quoted(name)} holds dates such as ${values[at]}: they are kept as ${days[at]}`;
    return { column: { name, type: 'text', values: days }, note };
  }
  const odd = values.filter((value) => !isYear(value));
  const note = `${quoted(name)} is kept as numbers: ${odd.length} of its cells are not years, such as ${odd[0]}; leave unknown values empty, and write days as 1997-03-14`;
  return { column, note };
}

/** 19970314. */
function dayOfDigits(value: number): string | undefined {
  const day = String(value).replace(/^([12]\d{3})(\d\d)(\d\d)$/, '$1-$2-$3');
  return day.length === 10 && parseDate(day) !== undefined ? day : undefined;
}

/** `released`, `Release Year`, `date_added`, `releaseDate`. */
function isDateName(name: string): boolean {
  const words = name
    .slice(0, 200)
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toLowerCase()
    .split(/[^a-z]+/);
  return words.some((word) => dateWords.has(word));
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
