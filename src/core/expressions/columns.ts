/** Which column, or which part of one, a name means. */
import { nearestWord } from '../edit-distance.js';
import type { AppError } from '../errors.js';
import { foldName } from '../store/casefold.js';
import { printName, type Name } from './tree.js';

export interface Columns<C> {
  readonly names: readonly string[];
  /** Of a struct the names of its parts; by default there are no structs. */
  partsOf?(path: readonly string[]): readonly string[] | undefined;
  /** @param path as the columns are called, its first element a column, the others parts of structs */
  open(path: readonly string[]): C;
  /** Of texts: the dates that they are, where that is told cell by cell. A cell that is none has no value. */
  datesOf?(column: C): C | undefined;
  /** What may help where a name means nothing. */
  readonly remedies?: readonly string[];
}

/** What is wrong at a place of the text. */
export type Wrong = (at: number, problem: string, suggestions?: readonly string[]) => AppError;

/** Names that an error lists. */
const mostListed = 20;

/**
 * A name is a column's as it is, `track.name` too, else the part of a struct; what is called exactly so comes before the only one
 * of that name in another case.
 * @param text where the name stands
 */
export function pathOf<C>(name: Name, columns: Columns<C>, text: string, wrong: Wrong): readonly string[] {
  const { names, partsOf = () => undefined, remedies = [] } = columns;
  const { parts, at } = name;
  for (const find of [exactly, inAnyCase]) {
    for (let length = parts.length; length > 0; length--) {
      const column = find(parts.slice(0, length).join('.'), names);
      if (column === undefined || (length < parts.length && partsOf([column]) === undefined)) continue;
      let path: readonly string[] = [column];
      for (const part of parts.slice(length)) {
        const known = partsOf(path) ?? [];
        const found = exactly(part, known) ?? inAnyCase(part, known);
        if (found === undefined) {
          const problem = `${printName({ parts: path })} has no part ${printName({ parts: [part] })}; `;
          throw wrong(at, problem + listed(known), nearestTo(part, known, path));
        }
        path = [...path, found];
      }
      return path;
    }
  }
  const written = parts.join('.');
  // `play-count` is a difference; there may be a column of that name all the same.
  const run = /^[\p{L}\p{M}\p{N}_.+*/-]+/u.exec(text.slice(at))?.[0] ?? '';
  const dashed = names.find((each) => each.length > written.length && run.startsWith(each));
  throw wrong(at, `there is no column ${printName(name)}; ${listed(names)}`, [
    ...(dashed === undefined
      ? nearestTo(written, names)
      : [`a name that is no plain word stands in backticks: ${printName({ parts: [dashed] })}`]),
    ...remedies,
  ]);
}

/** Whether a name means one of these, and no part of it. */
export function isNameOf(name: string, names: readonly string[]): boolean {
  return exactly(name, names) !== undefined || inAnyCase(name, names) !== undefined;
}

function exactly(name: string, names: readonly string[]): string | undefined {
  return names.includes(name) ? name : undefined;
}

function inAnyCase(name: string, names: readonly string[]): string | undefined {
  const folded = foldName(name);
  const alike = names.filter((other) => foldName(other) === folded);
  return alike.length === 1 ? alike[0] : undefined;
}

function listed(names: readonly string[]): string {
  const more = names.length > mostListed ? ` and ${names.length - mostListed} more` : '';
  const first = names.slice(0, mostListed).map((each) => printName({ parts: [each] }));
  return names.length === 0 ? 'there are none' : `there are: ${first.join(', ')}${more}`;
}

function nearestTo(name: string, names: readonly string[], path: readonly string[] = []): string[] {
  const folded = foldName(name);
  const nearest = names.find((other) => foldName(other) === folded) ?? nearestWord(name, names);
  return nearest === undefined ? [] : [`did you mean ${printName({ parts: [...path, nearest] })}?`];
}
