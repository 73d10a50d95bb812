import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ageAt, isoDateOf, isRecent, numbersOfDate, parseDate } from '#dist/core/numeric/dates.js';
import { words } from '../../helpers/words.js';

const day = 86_400_000;

describe('a date', () => {
  it.each([
    ['1975', '1975-01-01', '1975-12-31'],
    [1975, '1975-01-01', '1975-12-31'],
    ['2024-02', '2024-02-01', '2024-02-29'],
    ['1999-12', '1999-12-01', '1999-12-31'],
    [' 2014-06-20 ', '2014-06-20', '2014-06-20'],
    ['0050', '0050-01-01', '0050-12-31'],
  ])('%s is from %s to %s', (text, first, last) => {
    expect(parseDate(text)).toEqual({ firstMs: Date.parse(first), lastMs: Date.parse(last) + day - 1 });
  });

  it.each([
    ['2014-06-20T12:00:00Z', '2014-06-20T12:00:00.000Z', '2014-06-20T12:00:00.999Z'],
    ['2014-06-20 12:00', '2014-06-20T12:00:00.000Z', '2014-06-20T12:00:59.999Z'],
    ['2014-06-20 12:00:07.25 UTC', '2014-06-20T12:00:07.250Z', '2014-06-20T12:00:07.250Z'],
    ['2014-06-20T23:30:00-05:30', '2014-06-21T05:00:00.000Z', '2014-06-21T05:00:00.999Z'],
    ['2014-06-20T23:30:00+0230', '2014-06-20T21:00:00.000Z', '2014-06-20T21:00:00.999Z'],
    ['2014-06-20T23:30:00+02', '2014-06-20T21:30:00.000Z', '2014-06-20T21:30:00.999Z'],
  ])('%s has a time', (text, first, last) => {
    expect(parseDate(text)).toEqual({ firstMs: Date.parse(first), lastMs: Date.parse(last) });
  });

  it.each([
    ...[null, undefined, '', 'soon', '75', 19750, '1975-13', '1975-00', '2023-02-29', '1900-02-29'],
    ...['2023-04-31', '1975-1-1', '-1975', '1975.5', '2014-06-20T24:00', '2014-06-20T12:60', '2014-06-20T'],
    ...['2014-06-20T12:00+15:00', '2014-06-20T12:00+02:60', '1975 '.repeat(1000)],
  ])('%s is none', (text) => expect(parseDate(text)).toBeUndefined());

  it('is recent where it may lie in the time before a moment, and not where it is yet to come', () => {
    const asOf = Date.parse('2014-06-22');
    const recent = (text: string, days: number): boolean => isRecent(parseDate(text)!, days * day, asOf);
    expect(['2014', '2013', '2015'].map((year) => recent(year, 90))).toEqual([true, false, false]);
    expect(recent('2013', 173)).toBe(true);
    expect(recent('2013', 171)).toBe(false);
    expect(recent('2014-06-22', 1)).toBe(true);
    expect(recent('2014-06-23', 1)).toBe(false);
    expect(recent('2014-06-20', 1)).toBe(false);
  });

  it('has its least age, 0 for what is of now or yet to come', () => {
    const asOf = Date.parse('2014-06-22');
    expect(ageAt(parseDate('2014')!, asOf)).toBe(0);
    expect(ageAt(parseDate('2013')!, asOf)).toBe(asOf - Date.parse('2014-01-01') + 1);
    expect(ageAt(parseDate('2020')!, asOf)).toBe(0);
  });
});

const names = ['January', 'February', 'March', 'April', 'May', 'June', 'July'].concat(words`August
  September October November December`);

describe('a date as people write it', () => {
  it('becomes ISO 8601 from every common form', () => {
    const days = fc.date({ min: new Date('1000-01-01'), max: new Date('2999-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(days, fc.boolean(), fc.constantFrom('-', '/', '.'), (date, padded, sign) => {
        const iso = date.toISOString().slice(0, 10);
        const [y, m, d] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
        const two = (n: number): string => (padded ? String(n).padStart(2, '0') : String(n));
        const name = names[m - 1]!;
        const short = name.slice(0, 3);
        for (const text of [
          ...[iso, `${y}${sign}${two(m)}${sign}${two(d)}`, `${two(d)}.${two(m)}.${y}`],
          ...[
            `${two(d)}-${short}-${y}`,
            `${two(d)} ${name} ${y}`,
            `${d}. ${name} ${y}`,
            `${d}th ${short} ${y}`,
          ],
          ...[`${short} ${two(d)}, ${y}`, `${name.toUpperCase()} ${d} ${y}`, ` ${short}. ${d}, ${y}`],
        ]) {
          expect(isoDateOf(text), text).toBe(iso);
        }
        for (const text of [`${name} ${y}`, `${short}-${y}`, `${y}/${two(m)}`, `${two(m)}/${y}`])
          expect(isoDateOf(text), text).toBe(iso.slice(0, 7));
        const dayFirst = `${two(d)}/${two(m)}/${y}`;
        expect([isoDateOf(dayFirst, 'day-first'), isoDateOf(dayFirst)]).toEqual([iso, undefined]);
        expect(isoDateOf(`${two(m)}-${two(d)}-${y} 7:05`, 'month-first')).toBe(`${iso}T07:05`);
        expect(numbersOfDate(dayFirst)).toEqual([d, m]);
      }),
    );
  });

  it.each([
    ...['', 'soon', '14-Mar-97', '31-Feb-1997', '32 Jan 1997', '13/1997', '1990-91', '1997.3', 'Foo 1997'],
    ...['1997-00-00', '0000-00-00', '14-Mar-1997x', 'c. 1990', '1990?', '3/1997/4', `${' '.repeat(99)}1997`],
  ])('and not from %j', (text) => {
    expect([undefined, 'day-first' as const].map((order) => isoDateOf(text, order))).toEqual([
      undefined,
      undefined,
    ]);
  });
});
