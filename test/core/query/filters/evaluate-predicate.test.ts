import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluatePredicate } from '#dist/core/query/filters/evaluate-predicate.js';
import { parsePredicate } from '#dist/core/query/filters/parse-predicate.js';
import type { Literal, Predicate, Test } from '#dist/core/query/filters/predicate.js';
import { rowsOfSet } from '#dist/core/search/row-set.js';
import { foldName } from '#dist/core/store/casefold.js';
import type { ColumnValues } from '#dist/core/tables/column-values.js';
import { packStrings } from '#dist/core/tables/string-column.js';
import { predicates } from '../../../helpers/predicates.js';

type Cell = string | number | null;
type Table = Readonly<Record<string, readonly Cell[]>>;

function cellsOf(values: readonly Cell[], type: ColumnValues['type']): ColumnValues {
  const filled = new Uint8Array(Math.ceil(values.length / 8));
  values.forEach((value, row) => {
    if (value !== null) filled[row >>> 3]! |= 1 << (row & 7);
  });
  const isWhole = !values.includes(null);
  return type === 'text'
    ? {
        type,
        values: packStrings(values.map((value) => String(value ?? ''))),
        filled: isWhole ? undefined : filled,
      }
    : { type, values: Float64Array.from(values, Number), filled: isWhole ? undefined : filled };
}

function rowsFound(predicate: Predicate, table: Table, numRows: number, texts: readonly string[]): number[] {
  const columns = new Map(
    Object.entries(table).map(([name, values]) => [
      name,
      cellsOf(values, texts.includes(name) ? 'text' : 'number'),
    ]),
  );
  const columnOf = (test: Test) => ({ cells: columns.get(test.column.name)! });
  return [...rowsOfSet(evaluatePredicate(predicate, columnOf, numRows))];
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
      return naiveTest(predicate, row[predicate.column.name]!);
  }
}

function naiveTest(test: Test, cell: Cell): boolean | null {
  if (test.op === 'missing') return cell === null;
  if (cell === null) return null;
  switch (test.op) {
    case 'compare': {
      const order = naiveOrder(cell, test.value.value);
      return {
        '=': order === 0,
        '!=': order !== 0,
        '<': order < 0,
        '<=': order <= 0,
        '>': order > 0,
        '>=': order >= 0,
      }[test.by];
    }
    case 'in':
      return test.values.some(({ value }) => value === cell);
    case 'between':
      return naiveOrder(cell, test.least.value) >= 0 && naiveOrder(cell, test.most.value) <= 0;
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
    const number = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(0.5, -1.5, 2 ** 53 - 1));
    const shape = { texts: ['t', 'T u'], numbers: ['n', 'm'], text, number };
    const row = fc.record({
      t: text,
      'T u': fc.option(text),
      n: fc.integer({ min: -3, max: 3 }),
      m: fc.option(fc.integer({ min: -2, max: 2 })),
    });
    fc.assert(
      fc.property(predicates(shape), fc.array(row, { maxLength: 30 }), (predicate, rows) => {
        const table = Object.fromEntries(
          ['t', 'T u', 'n', 'm'].map((name) => [name, rows.map((values) => values[name as 'n'])]),
        );
        const wanted = [...rows.keys()].filter((at) => naive(predicate, rows[at]!) === true);
        expect(rowsFound(predicate, table, rows.length, shape.texts)).toEqual(wanted);
        // A table may have rows beyond those that are looked at.
        const half = rows.length >>> 1;
        expect(rowsFound(predicate, table, half, shape.texts)).toEqual(wanted.filter((at) => at < half));
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
  ])('%s', (text, wanted) => {
    const table = { artist: ['Eagles', 'Queens', null, 'Queen'], released: [1974, 1976, null, 1999] };
    expect(rowsFound(parsePredicate(text, 'it'), table, 4, ['artist'])).toEqual(wanted);
  });

  it('compares numbers with all that a value stands for', () => {
    const value = fc.integer({ min: 0, max: 5 });
    const test = fc.oneof(
      fc.tuple(fc.constantFrom('=', '!=', '<', '<=', '>', '>='), value).map(([by, v]) => `n ${by} ${v}`),
      fc.array(value, { minLength: 1, maxLength: 4 }).map((values) => `n in (${values.join(', ')})`),
      fc.tuple(value, value).map(([least, most]) => `n between ${least} and ${most}`),
    );
    const lengths = fc.array(fc.integer({ min: 0, max: 25 }), { minLength: 6, maxLength: 6 });
    const cells = fc.array(fc.integer({ min: -5, max: 80 }), { maxLength: 20 });
    fc.assert(
      fc.property(test, lengths, cells, (text, length, values) => {
        const rangeOf = (v: string | number): [number, number] => [
          10 * Number(v),
          10 * Number(v) + length[Number(v)]!,
        ];
        const column = { cells: cellsOf(values, 'number'), rangeOf };
        const predicate = parsePredicate(text, 'it') as Test;
        const [below, above] = [0, 1].map(
          (end) =>
            (cell: number, v: Literal): boolean =>
              end === 0 ? cell < rangeOf(v.value)[0] : cell > rangeOf(v.value)[1],
        );
        const within = (cell: number, v: Literal): boolean => !below!(cell, v) && !above!(cell, v);
        const holds = (cell: number): boolean => {
          if (predicate.op === 'in') return predicate.values.some((v) => within(cell, v));
          if (predicate.op === 'between')
            return !below!(cell, predicate.least) && !above!(cell, predicate.most);
          if (predicate.op !== 'compare') throw new Error(predicate.op);
          const v = predicate.value;
          return {
            '=': within(cell, v),
            '!=': !within(cell, v),
            '<': below!(cell, v),
            '<=': !above!(cell, v),
            '>': above!(cell, v),
            '>=': !below!(cell, v),
          }[predicate.by];
        };
        const wanted = [...values.keys()].filter((row) => holds(values[row]!));
        expect([...rowsOfSet(evaluatePredicate(predicate, () => column, values.length))]).toEqual(wanted);
      }),
    );
  });
});
