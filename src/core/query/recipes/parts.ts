/** What a recipe asks for, part by part, by the table of its keys: what each does in words, and what it needs of a snapshot. Pure. */
import type { Positive, Text } from '../../contracts.js';
import { propertyOf, valueIn, type Keys } from '../../files/yaml-keys.js';
import { parsePredicate } from '../../expressions/parse.js';
import { namesOf } from '../../expressions/tree.js';
import { everySource, isCondition, recipeKind, sourceKinds } from './keys.js';
import type { Around, Need, Row } from './keys.js';
import type { Recipe } from './recipe.js';
import { slotKinds } from './slots.js';

/** A key that is said and changes something, with its value; each of the sources is one too. */
interface Part {
  /** Such as `sources[0]` or `filters.recent`. */
  readonly key: string;
  readonly row: Pick<Row, 'does' | 'needs' | 'column' | 'orNot' | 'step' | 'kind'>;
  readonly value: unknown;
}

function partsOf(keys: Keys, map: unknown, at = '', step = 1): Part[] {
  return Object.entries<Row>(keys).flatMap(([name, of]): Part[] => {
    const value = valueIn(map, name);
    const isEmpty = Array.isArray(value) && value.length === 0;
    if (value === undefined || isEmpty || (of.isOff === true && value === of.fallback)) return [];
    const row = { step, ...of };
    return [{ key: at + name, row, value }, ...partsOf(of.kind.keys ?? {}, value, `${at}${name}.`, row.step)];
  });
}

/** In the order of the table. */
function allParts(recipe: Recipe): Part[] {
  const sources = recipe.sources.map((value, at): Part => {
    const { does, needs, keys } = sourceKinds[value.source];
    const kind = { ...recipeKind.keys.sources.kind, keys: { ...keys, ...everySource } };
    return { key: `sources[${at}]`, row: { does, needs, kind }, value };
  });
  return [...sources, ...partsOf(recipeKind.keys, recipe)];
}

/** The first key of a recipe that has a need; undefined where none has. */
export function keyNeeding(recipe: Recipe, need: Need): string | undefined {
  const isIn = ({ row: { needs = [], column } }: Part): boolean =>
    needs.includes(need) || (need === 'items' && column !== undefined);
  return allParts(recipe).find(isIn)?.key;
}

/** A key of a recipe that reads a column of the catalogue. */
export interface ColumnPart {
  readonly key: string;
  readonly column: string;
}

/** A recipe without the factors and caps that read a column that is not there, and which those are. */
export function withoutMissing(
  recipe: Recipe,
  columns: readonly string[],
): { readonly recipe: Recipe; readonly leftOut: readonly ColumnPart[] } {
  const leftOut = allParts(recipe).flatMap(({ key, row: { column, orNot } }): ColumnPart[] =>
    orNot !== true || column === undefined || columns.includes(column) ? [] : [{ key, column }],
  );
  const rest = leftOut.reduce((so, { key }) => atDefault(recipeKind.keys, so, key.split('.')), recipe);
  return { recipe: rest, leftOut };
}

/** A map whose value under a path of keys is the default. */
function atDefault<M>(keys: Keys, map: M, [name = '', ...path]: readonly string[]): M {
  const row = keys[name]!;
  const value: unknown =
    path.length === 0 ? row.fallback : atDefault(row.kind.keys!, valueIn(map, name), path);
  return { ...map, [propertyOf(name)]: value };
}

export interface RecipePart {
  readonly key: string;
  /** Of its key in the file; null where it is a default. */
  readonly line: Positive | null;
  /** What it does, in words. */
  readonly does: Text;
  /** Columns of the catalogue that it reads. */
  readonly columns: readonly string[];
  /** Whether conditions read them, which may name them in another case. */
  readonly foldsCase: boolean;
  /** What an answer does without such a column: `left-out` goes without the part, `refused` is an error. */
  readonly without: 'left-out' | 'refused';
}

/** The parts of a recipe in the order in which they act. */
export function recipeInWords(recipe: Recipe): RecipePart[] {
  const around: Around = {
    isBlend: recipe.sources.length > 1,
    hasRows: recipe.rows !== undefined,
    slots: (kind) => {
      const kinds = slotKinds(recipe.promote?.share.parts ?? 0, recipe.explore?.share.parts ?? 0);
      const of = Array.from({ length: slotsSaid }, () => kinds.next().value);
      const first = of.flatMap((one, at) => (one === kind ? [at + 1] : [])).slice(0, firstSaid);
      return first.length === 0 ? '' : ` (${first.join(', ')} …)`;
    },
  };
  const parts = allParts(recipe).flatMap(({ key, row, value }) => {
    const does = row.does?.(value, around);
    if (does === undefined) return [];
    const { column, orNot = false, step = 1 } = row;
    const inMap = partsOf(row.kind.keys ?? {}, value);
    const conditions = [{ row, value }, ...inMap].filter((each) => isCondition(each.row));
    const ends = key.startsWith('sources[')
      ? inMap.map((end) => end.row.does?.(end.value, around) ?? '')
      : [];
    const part: RecipePart = {
      key,
      line: recipe.places.detailsOf(key).line,
      does: does + ends.join(''),
      columns: column === undefined ? conditions.flatMap((of) => columnsIn(of.value as string)) : [column],
      foldsCase: conditions.length > 0,
      without: orNot ? 'left-out' : 'refused',
    };
    return [{ step, part }];
  });
  return parts.sort((a, b) => a.step - b.step).map(({ part }) => part);
}

/** The first slots of a share that are named, of the first so many. */
const firstSaid = 3;
const slotsSaid = 1000;

function columnsIn(condition: string): string[] {
  return namesOf(parsePredicate(condition, 'the condition')).map(({ parts }) => parts.join('.'));
}
