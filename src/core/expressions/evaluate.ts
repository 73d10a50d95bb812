/** What expressions and predicates give for one record, as their SQL does for a row: null where there is no value, or no answer. */
import {
  calculate,
  type Checked,
  type Column,
  type Numbers,
  type Range,
  type Texts,
  type Value,
} from './check.js';
import { textMatcher } from './like-pattern.js';
import type { Comparison } from './tree.js';

export type CellOfRecord = string | number | null;

/** A column of records, and the value that one of them has. */
export interface ColumnOfRecord<R> extends Column {
  of(record: R): CellOfRecord;
}

/** A number that is not finite is none. */
export function valueOf<R>({ of }: Pick<Value<ColumnOfRecord<R>>, 'of'>): (record: R) => CellOfRecord {
  switch (of.op) {
    case 'others':
      return (record) => of.column.of(record);
    case 'texts':
    case 'text':
    case 'join':
      return textOf(of);
    default: {
      const number = numberOf(of);
      return (record) => {
        const value = number(record);
        return Number.isNaN(value) ? null : value;
      };
    }
  }
}

function numberOf<R>(of: Numbers<ColumnOfRecord<R>>): (record: R) => number {
  return numberBy(of, (column) => (record) => {
    const value = column.of(record);
    return typeof value === 'number' && Number.isFinite(value) ? value : NaN;
  });
}

/** NaN where there is none. @param at the numbers of a column, NaN where there is none */
export function numberBy<C, R>(
  of: Numbers<C>,
  at: (column: C) => (record: R) => number,
): (record: R) => number {
  switch (of.op) {
    case 'numbers':
      return at(of.column);
    case 'number':
      return () => of.value;
    case 'nothing':
      return () => NaN;
    case 'negative': {
      const negated = numberBy(of.of, at);
      return (record) => -negated(record);
    }
    default: {
      const [left, right] = [numberBy(of.left, at), numberBy(of.right, at)];
      return (record) => calculate(of.op, left(record), right(record));
    }
  }
}

function textOf<R>(of: Texts<ColumnOfRecord<R>>): (record: R) => string | null {
  const parts = (of.op === 'join' ? of.parts : [of]).map((part) => (record: R) => {
    if (part.op === 'text') return part.value;
    return part.op === 'texts' ? (part.column.of(record) as string | null) : null;
  });
  return (record) => {
    const texts = parts.map((part) => part(record));
    return texts.includes(null) ? null : texts.join('');
  };
}

/** Whether a predicate holds; null where a value that it needs is missing. */
export function conditionOf<R>(predicate: Checked<ColumnOfRecord<R>>): (record: R) => boolean | null {
  switch (predicate.op) {
    case 'and':
    case 'or': {
      const parts = predicate.parts.map(conditionOf);
      const decides = predicate.op === 'or';
      return (record) => {
        let answer: boolean | null = !decides;
        for (const part of parts) {
          const own = part(record);
          if (own === decides) return decides;
          answer = own === null ? null : answer;
        }
        return answer;
      };
    }
    case 'not': {
      const part = conditionOf(predicate.part);
      return (record) => {
        const own = part(record);
        return own === null ? null : !own;
      };
    }
    case 'within': {
      const { ranges } = predicate;
      return tested(numberOf(predicate.of), (value) => isWithin(value, ranges));
    }
    case 'order': {
      const [of, to] = [numberOf(predicate.of), numberOf(predicate.to)];
      const holds = ordered[predicate.by];
      return tested((record: R) => of(record) - to(record), holds);
    }
    case 'among': {
      const values = new Set(predicate.values);
      return tested(textOf(predicate.of), (text) => values.has(text));
    }
    case 'text-order': {
      const [of, to] = [textOf(predicate.of), textOf(predicate.to)];
      const holds = ordered[predicate.by];
      return (record) => {
        const [a, b] = [of(record), to(record)];
        return a === null || b === null ? null : holds(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      };
    }
    case 'like':
      return tested(textOf(predicate.of), textMatcher(predicate.pattern));
    case 'missing': {
      const value = valueOf(predicate);
      return (record) => value(record) === null;
    }
    case 'unknown':
      return () => null;
  }
}

function tested<R, T extends string | number>(
  valueOf: (record: R) => T | null,
  holds: (value: T) => boolean,
): (record: R) => boolean | null {
  return (record) => {
    const value = valueOf(record);
    return value === null || Number.isNaN(value) ? null : holds(value);
  };
}

/** Of how a value stands to what it is compared with: below 0, 0 or above. */
export const ordered: Readonly<Record<Comparison, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '!=': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

/** @param ranges ascending, sharing nothing */
export function isWithin(value: number, ranges: readonly Range[]): boolean {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const [least, most] = ranges[middle]!;
    if (value >= least && value <= most) return true;
    if (value < least) high = middle;
    else low = middle + 1;
  }
  return false;
}
