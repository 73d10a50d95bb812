/** A recipe as a file would have to say it, with every default: the inverse of read-recipe.ts. */
import type { Recipe, RecipeSource } from './recipe.js';

export type RecipeField =
  string | number | readonly RecipeField[] | { readonly [key: string]: RecipeField | undefined };

/** By the keys of docs/recipes.md; what a recipe leaves unsaid and has no value without being said is left out. */
export function recipeFields(recipe: Recipe): Readonly<Record<string, RecipeField | undefined>> {
  const { about, sources, combine, filters, rescore, diversity, promote, explore, order, length, rows } =
    recipe;
  const { freshness } = rescore;
  return {
    about: about === '' ? undefined : about,
    sources: sources.map(sourceFields),
    combine,
    filters: {
      'leave-out': filters.leaveOut,
      where: filters.where,
      recent: filters.recent?.text,
      exclude: filters.exclude.length === 0 ? undefined : filters.exclude,
      'min-score': filters.minScore,
    },
    rescore: {
      'popularity-discount': rescore.popularityDiscount,
      freshness:
        freshness === undefined
          ? undefined
          : { boost: freshness.boost, 'half-life': freshness.halfLife.text },
      familiarity: rescore.familiarity,
      shown: rescore.shown,
    },
    diversity: emptyAsNothing({
      mmr: diversity.mmr,
      'max-per-artist': diversity.maxPerArtist,
      'max-per-album': diversity.maxPerAlbum,
    }),
    promote: promote && {
      share: promote.share.text,
      where: promote.where,
      items: promote.items.length === 0 ? undefined : promote.items,
    },
    explore: explore && {
      share: explore.share.text,
      'max-events': explore.maxEvents,
      recent: explore.recent?.text,
      where: explore.where,
      from: explore.from,
      seed: explore.seed,
      every: explore.every?.text,
    },
    order,
    length,
    rows: rows === undefined ? undefined : { count: rows.count, 'from-at-least': rows.fromAtLeast },
  };
}

function emptyAsNothing(
  map: Record<string, number | undefined>,
): Record<string, number | undefined> | undefined {
  return Object.values(map).every((value) => value === undefined) ? undefined : map;
}

function sourceFields(source: RecipeSource): RecipeField {
  const { take, weight, minScore } = source;
  const any = { take, weight, 'min-score': minScore };
  switch (source.source) {
    case 'user':
      return { source: 'user', ...any, 'half-life': source.halfLife?.text };
    case 'seeds': {
      const { items, near, minEvents } = source;
      const named = items.length === 0 ? undefined : items;
      return { source: 'seeds', items: named, near, 'min-events': minEvents, ...any };
    }
    case 'similar-to-history': {
      const { items, pick, near, minEvents } = source;
      return { source: 'similar-to-history', items, pick, near, 'min-events': minEvents, ...any };
    }
    case 'popular':
      return { source: 'popular', within: source.within?.text, ...any };
  }
}

/** The same as YAML, a line feed at its end. */
export function recipeText(recipe: Recipe): string {
  return `${blockOf(recipeFields(recipe), '').join('\n')}\n`;
}

function blockOf(map: Readonly<Record<string, RecipeField | undefined>>, indent: string): string[] {
  return Object.entries(map).flatMap(([key, value]) => {
    if (value === undefined) return [];
    if (typeof value !== 'object') return [`${indent}${key}: ${scalar(value)}`];
    if (isList(value)) {
      return [`${indent}${key}:`, ...value.flatMap((item) => entryOf(item, `${indent}  `))];
    }
    return [`${indent}${key}:`, ...blockOf(value, `${indent}  `)];
  });
}

function entryOf(item: RecipeField, indent: string): string[] {
  if (typeof item !== 'object' || isList(item)) return [`${indent}- ${scalar(item as string | number)}`];
  const [first = '', ...rest] = blockOf(item, `${indent}  `);
  return [`${indent}- ${first.trimStart()}`, ...rest];
}

function isList(value: RecipeField): value is readonly RecipeField[] {
  return Array.isArray(value);
}

/** JSON's texts are YAML's, whatever is in them. */
function scalar(value: string | number): string {
  if (typeof value === 'number') return String(value);
  return /^[a-z][a-z0-9-]*$|^\d+(\.\d+)?[hdwy]$/.test(value) ? value : JSON.stringify(value);
}
