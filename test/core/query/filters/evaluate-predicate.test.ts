import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePredicate } from '#dist/core/expressions/parse.js';
import type { Expression, Predicate, Test } from '#dist/core/expressions/tree.js';
import { evaluatePredicate } from '#dist/core/query/filters/evaluate-predicate.js';
import { rowsOfSet } from '#dist/core/search/row-set.js';
import { foldName } from '#dist/core/store/casefold.js';
import { cellsOf, checkedOver, type Cell } from '../../../helpers/checked-predicates.js';
import { predicates } from '../../../helpers/predicates.js';

type Table = Readonly<Record<string, readonly Cell[]>>;

function rowsFound(predicate: Predicate, table: Table, numRows: number, texts: readonly string[]): number[] {
  const columns = Object.entries(table).map(
    ([name, values]) => [name, cellsOf(values, texts.includes(name) ? 'texts' : 'numbers')] as const,
  );
  const checked = checkedOver(new Map(columns)).predicate(predicate);
  return [...rowsOfSet(evaluatePredicate(checked, numRows))];
}

/** SQL's three values: null where it is not known. */
function naive(predicate: Predicate, row: Readonly<Record<string, Cell>>): boolean | null {
  switch (predicate.op) {
    case 'and': {
      const parts = predicate.parts.map((part) => naive(part, row));
      return parts.includes(false) ? false : parts.includes(null) ? null : true;
    }
    case 'or': {
      const parts = predicate.parts.map((part) => naive(part, row));
      return parts.includes(true) ? true : parts.includes(null) ? null : false;
    }
    case 'not': {
      const part = naive(predicate.part, row);
      return part === null ? null : !part;
    }
    default:
      return naiveTest(predicate, (of) => naiveValue(of, row));
  }
}

function naiveValue(of: Expression, row: Readonly<Record<string, Cell>>): Cell {
  switch (of.op) {
    case 'name':
      return row[of.parts.join('.')]!;
    case 'value':
      return of.value;
    case 'negative': {
      const value = naiveValue(of.of, row);
      return value === null ? null : -Number(value);
    }
    default: {
      const [left, right] = [naiveValue(of.left, row), naiveValue(of.right, row)];
      if (left === null || right === null) return null;
      if (typeof left === 'string') return left + String(right);
      const [a, b] = [left, Number(right)];
      const value = { '+': a + b, '-': a - b, '*': a * b, '/': a / b }[of.op];
      return Number.isFinite(value) ? value : null;
    }
  }
}

function naiveTest(test: Test, valueOf: (of: Expression) => Cell): boolean | null {
  const cell = valueOf(test.of);
  if (test.op === 'missing') return cell === null;
  const compared = (holds: (order: number) => boolean, other: Expression): boolean | null => {
    const value = valueOf(other);
    return cell === null || value === null ? null : holds(naiveOrder(cell, value));
  };
  if (cell === null) return null;
  switch (test.op) {
    case 'compare':
      return compared(
        {
          '=': (order: number) => order === 0,
          '!=': (order: number) => order !== 0,
          '<': (order: number) => order < 0,
          '<=': (order: number) => order <= 0,
          '>': (order: number) => order > 0,
          '>=': (order: number) => order >= 0,
        }[test.by],
        test.value,
      );
    case 'in': {
      const found = test.values.map((value) => compared((order) => order === 0, value));
      return found.includes(true) ? true : found.includes(null) ? null : false;
    }
    case 'between': {
      const ends = [compared((order) => order >= 0, test.least), compared((order) => order <= 0, test.most)];
      return ends.includes(false) ? false : ends.includes(null) ? null : true;
    }
    case 'contains':
      return foldName(String(cell)).includes(foldName(test.text.value));
    case 'like': {
      const parts = [...test.pattern.value.matchAll(/\\[\\%_]|[^]/gu)].map(([part]) => {
        if (part === '%') return '[^]*';
        if (part === '_') return '[^]';
        return foldName(part.length > 1 && part.startsWith('\\') ? part.slice(1) : part).replace(
          /[\\^$.*+?()[\]{}|]/g,
          '\\$&',
        );
      });
      return new RegExp(`^${parts.join('')}$`, 'u').test(foldName(String(cell)));
    }
  }
}

/** Texts by their code points. */
function naiveOrder(a: string | number, b: string | number): number {
  if (typeof a === 'number') return a - Number(b);
  return Buffer.compare(Buffer.from(a), Buffer.from(String(b)));
}

describe('a predicate over a table', () => {
  it('holds for the rows for which a naive reading says so', () => {
    const letters = ['a', 'A', 'b', 'ß', 'ẞ', 'é', 'É', '😀', '%', '_', '\\', ' ', '\uffff'];
    const text = fc.array(fc.constantFrom(...letters), { maxLength: 5 }).map((parts) => parts.join(''));
    const number = fc.oneof(
      fc.integer({ min: -3, max: 3 }),
      fc.constantFrom(0.5, -1.5, 2 ** 53 - 1, 1.5e308),
    );
    const texts = ['t', 'T u'];
    const shape = { texts: texts.map((name) => [name]), numbers: [['n'], ['m', 'x']], text, number };
    const row = fc.record({
      t: text,
      'T u': fc.option(text),
      n: fc.integer({ min: -3, max: 3 }),
      'm.x': fc.option(fc.integer({ min: -2, max: 2 })),
    });
    fc.assert(
      fc.property(predicates(shape), fc.array(row, { maxLength: 30 }), (predicate, rows) => {
        const table = Object.fromEntries(
          ['t', 'T u', 'n', 'm.x'].map((name) => [name, rows.map((values) => values[name as 'n'])]),
        );
        const wanted = [...rows.keys()].filter((at) => naive(predicate, rows[at]!) === true);
        expect(rowsFound(predicate, table, rows.length, texts)).toEqual(wanted);
        // A table may have rows beyond those that are looked at.
        const half = rows.length >>> 1;
        expect(rowsFound(predicate, table, half, texts)).toEqual(wanted.filter((at) => at < half));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['released >= 1975', [1, 3]],
    ['not released >= 1975', [0]],
    ['released is null', [2]],
    ['released >= 1975 or released < 1975', [0, 1, 3]],
    ['released is null or artist = "Queen"', [2, 3]],
    ['released is null and not released > 1', []],
    ['artist != "Eagles"', [1, 3]],
    ['artist !~ "eagles"', [1, 3]],
    ['artist ~ "QUEEN"', [1, 3]],
    ['artist like "queen_"', [1]],
    ['artist = "queen"', []],
    ['artist > "Queen"', [1]],
    ['artist in ("Queen", "Eagles")', [0, 3]],
    ['artist not in ("Queen")', [0, 1]],
    ['released between 1974 and 1976', [0, 1]],
    ['released not between 1974 and 1976', [3]],
    ['1975 <= released', [1, 3]],
    ['released + 10 > 1985', [1, 3]],
    ['-released < -1975', [1, 3]],
    ['released - plays * 2 = 1974', [0, 1]],
    ['released / plays is null', [0, 2, 3]],
    ['not released / plays > 0', []],
    ['released * 1e308 > 0', []],
    ['released > 1 / 0 or plays = 1', [1]],
    ['plays between released - 1998 and 4', [0, 1]],
    ['plays in (released - 1975, 7 - 7)', [0, 1]],
    ['artist + " " + title = "Queens Go"', [1]],
    ['artist + title like "%n%g%"', [1]],
    ['artist + title is null', [2, 3]],
    ['artist > title', [0, 1]],
  ])('%s', (text, wanted) => {
    const table = {
      artist: ['Eagles', 'Queens', null, 'Queen'],
      released: [1974, 1976, null, 1999],
      title: ['B', 'Go', 'x', null],
      plays: [0, 1, 2, null],
    };
    expect(rowsFound(parsePredicate(text, 'it'), table, 4, ['artist', 'title'])).toEqual(wanted);
  });

  it('compares dates with all that a value stands for', () => {
    const year = fc.integer({ min: 1990, max: 1993 });
    const test = fc.oneof(
      fc.tuple(fc.constantFrom('=', '!=', '<', '<=', '>', '>='), year).map(([by, v]) => `d ${by} ${v}`),
      fc.array(year, { minLength: 1, maxLength: 4 }).map((values) => `d in (${values.join(', ')})`),
      fc.tuple(year, year).map(([least, most]) => `d between ${least} and ${most}`),
    );
    const [first, last] = [(v: number) => Date.UTC(v, 0, 1), (v: number) => Date.UTC(v + 1, 0, 1) - 1];
    const moment = fc
      .tuple(
        fc.integer({ min: 1989, max: 1994 }),
        fc.constantFrom(first, last, (v: number) => first(v) + 1e9),
      )
      .map(([v, of]) => of(v));
    fc.assert(
      fc.property(test, fc.array(moment, { maxLength: 20 }), (text, values) => {
        const predicate = parsePredicate(text, 'it');
        const years = [...text.matchAll(/\d+/g)].map(([v]) => Number(v));
        const [v, w] = [years[0]!, years.at(-1)!];
        const within = (cell: number, each: number): boolean => cell >= first(each) && cell <= last(each);
        const holds = (cell: number): boolean => {
          if (text.includes('in')) return years.some((each) => within(cell, each));
          if (text.includes('between')) return cell >= first(v) && cell <= last(w);
          return {
            '=': within(cell, v),
            '!=': !within(cell, v),
            '<': cell < first(v),
            '<=': cell <= last(v),
            '>': cell > last(v),
            '>=': cell >= first(v),
          }[text.split(' ')[1]!]!;
        };
        const checked = checkedOver(new Map([['d', { ...cellsOf(values, 'numbers'), kind: 'dates' }]]));
        const wanted = [...values.keys()].filter((row) => holds(values[row]!));
        expect([...rowsOfSet(evaluatePredicate(checked.predicate(predicate), values.length))]).toEqual(
          wanted,
        );
      }),
    );
  });
});
