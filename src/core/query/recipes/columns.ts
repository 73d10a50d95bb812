/** Which columns of the catalogue a recipe reads, and what is left of it where a catalogue lacks some. Pure. */
import type { Recipe } from './recipe.js';

/** A key of a recipe that reads a column of the catalogue. */
export interface ColumnPart {
  readonly key: string;
  readonly column: string;
}

interface KnownPart extends ColumnPart {
  isIn(recipe: Recipe): boolean;
  /** Absent for what says which items are meant: without it the answer would hold others. */
  readonly without?: (recipe: Recipe) => Recipe;
}

/** In the order of the keys in docs/recipes.md. */
const knownParts: readonly KnownPart[] = [
  {
    key: 'filters.recent',
    column: 'released',
    isIn: ({ filters }) => filters.recent !== undefined,
  },
  {
    key: 'rescore.freshness',
    column: 'released',
    isIn: ({ rescore }) => rescore.freshness !== undefined,
    without: (recipe) => ({ ...recipe, rescore: { ...recipe.rescore, freshness: undefined } }),
  },
  {
    key: 'rescore.familiarity',
    column: 'artist',
    isIn: ({ rescore }) => rescore.familiarity !== 0,
    without: (recipe) => ({ ...recipe, rescore: { ...recipe.rescore, familiarity: 0 } }),
  },
  {
    key: 'diversity.max-per-artist',
    column: 'artist',
    isIn: ({ diversity }) => diversity.maxPerArtist !== undefined,
    without: (recipe) => ({ ...recipe, diversity: { ...recipe.diversity, maxPerArtist: undefined } }),
  },
  {
    key: 'diversity.max-per-album',
    column: 'album',
    isIn: ({ diversity }) => diversity.maxPerAlbum !== undefined,
    without: (recipe) => ({ ...recipe, diversity: { ...recipe.diversity, maxPerAlbum: undefined } }),
  },
  {
    key: 'explore.recent',
    column: 'released',
    isIn: ({ explore }) => explore?.recent !== undefined,
  },
];

/** The keys of a recipe that read a column, those of conditions apart, which name their own. */
export function columnPartsOf(recipe: Recipe): (ColumnPart & { readonly canBeLeftOut: boolean })[] {
  return knownParts
    .filter((part) => part.isIn(recipe))
    .map(({ key, column, without }) => ({ key, column, canBeLeftOut: without !== undefined }));
}

/** A recipe without the factors and caps that read a column that is not there, and which those are. */
export function withoutMissing(
  recipe: Recipe,
  columns: readonly string[],
): { readonly recipe: Recipe; readonly leftOut: readonly ColumnPart[] } {
  const leftOut: ColumnPart[] = [];
  let rest = recipe;
  for (const { key, column, isIn, without } of knownParts) {
    if (without === undefined || !isIn(recipe) || columns.includes(column)) continue;
    leftOut.push({ key, column });
    rest = without(rest);
  }
  return { recipe: rest, leftOut };
}
