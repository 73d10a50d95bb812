/** Recipe files: YAML or JSON to a Recipe, every mistake with its line and key. docs/recipes.md has the keys. */
import { AppError } from '../../errors.js';
import { readYamlFile } from '../../files/yaml-document.js';
import type { YamlNode } from '../../files/yaml-document.js';
import { inWords, YamlFields } from '../../files/yaml-fields.js';
import { parsePredicate } from '../filters/parse-predicate.js';
import { nearestWord } from '../../edit-distance.js';
import { parseAge } from '../../models/folding/decay.js';
import { findRecipe } from './find-recipe.js';
import { optionValues } from '../../options/values.js';
import { RecipePlaces, defaultFrom, defaultLength, defaultTake } from './recipe.js';
import type { Age, Recipe, RecipeSource, SlotShare } from './recipe.js';
import { shareParts, wholeShare } from './slots.js';

const { minEvents } = optionValues;

const keysOf = {
  recipe: [
    ...(['about', 'sources', 'combine', 'filters', 'rescore', 'diversity', 'promote', 'explore'] as const),
    ...(['order', 'length', 'rows'] as const),
  ],
  filters: ['leave-out', 'where', 'recent', 'exclude', 'min-score'],
  rescore: ['popularity-discount', 'freshness', 'familiarity', 'shown'],
  freshness: ['boost', 'half-life'],
  diversity: ['mmr', 'max-per-artist', 'max-per-album'],
  promote: ['share', 'where', 'items'],
  explore: ['share', 'where', 'recent', 'max-events', 'from', 'seed', 'every'],
  rows: ['count', 'from-at-least'],
} as const;

const sourceKeys = {
  user: ['half-life'],
  seeds: ['items', 'near', 'min-events'],
  'similar-to-history': ['items', 'pick', 'near', 'min-events'],
  popular: ['within'],
} as const;
type SourceName = keyof typeof sourceKeys;
const sourceNames = Object.keys(sourceKeys) as SourceName[];
const everySourceKey = ['source', 'take', 'weight', 'min-score'] as const;

/** Bounds of what a recipe may say, inclusive. */
const recipeLimits = {
  sources: { min: 1, max: 20 },
  take: { min: 1, max: 10_000 },
  weight: { min: 0.001, max: 1000 },
  items: { min: 1, max: 1000 },
  length: { min: 1, max: 1000 },
  'popularity-discount': { min: -2, max: 2 },
  boost: { min: 0, max: 100 },
  familiarity: { min: -1, max: 10 },
  shown: { min: 0, max: 1 },
  'min-score': { min: 0, max: 1000 },
  /** Of a source, whose scores may be products or counts. */
  'source-min-score': { min: -1000, max: 1_000_000_000 },
  mmr: { min: 0, max: 1 },
  'max-events': { min: 0, max: 9_999_999 },
  from: { min: 1, max: 10_000 },
  seed: { min: 0, max: 9_999_999 },
  cap: { min: 1, max: 1000 },
  rows: { min: 1, max: 50 },
} as const;

/**
 * The recipe in the file at `path`. AppError 'bad-input-file' with every mistake: its line, its key, what was got and
 * wanted; machine errors. @param name what it was asked for by
 */
export async function readRecipe(path: string, name: string): Promise<Recipe> {
  return recipeFrom(await readYamlFile(path), path, name);
}

/** The recipe that a name or a path means. Errors as findRecipe, and those. */
export async function readNamedRecipe(root: string, asked: string): Promise<Recipe> {
  const { name, path } = findRecipe(root, asked);
  return readRecipe(path, name);
}

/** The same from what a file holds. */
export function recipeFrom(content: YamlNode | undefined, path: string, name: string): Recipe {
  const reader = new RecipeReader(path);
  const recipe = reader.recipe(content ?? { kind: 'map', line: 1, entries: [] }, name);
  reader.throwMistakes();
  return recipe;
}

class RecipeReader {
  private readonly path: string;
  private readonly read: YamlFields;
  private readonly lines = new Map<string, number>();

  constructor(path: string) {
    this.path = path;
    this.read = new YamlFields(path, {
      nearestWord,
      seeAlso: 'docs/recipes.md has every key with an example',
      maxItems: 1000,
    });
  }

  throwMistakes(): void {
    this.read.throwMistakes();
  }

  recipe(content: YamlNode, name: string): Recipe {
    const { read } = this;
    const fields = this.fields(content, '', keysOf.recipe);
    const about = fields.get('about');
    const rows = this.rows(fields.get('rows'));
    const recipe: Recipe = {
      name,
      about:
        about === undefined
          ? ''
          : (read.text(about, 'about', 'a line that says what it is for') ?? '').trim(),
      sources: this.sources(fields.get('sources'), content),
      combine: read.word(fields.get('combine'), 'combine', ['scores', 'ranks']) ?? 'scores',
      filters: this.filters(fields.get('filters')),
      rescore: this.rescore(fields.get('rescore')),
      diversity: this.diversity(fields.get('diversity')),
      promote: this.promotion(fields.get('promote')),
      explore: this.exploration(fields.get('explore')),
      order: read.word(fields.get('order'), 'order', ['score', 'smooth']) ?? 'score',
      length: read.wholeNumber(fields.get('length'), 'length', recipeLimits.length) ?? defaultLength,
      rows,
      places: new RecipePlaces(this.path, this.lines),
    };
    const { promote, explore } = recipe;
    if (
      promote !== undefined &&
      explore !== undefined &&
      promote.share.parts + explore.share.parts > wholeShare
    )
      read.add(
        { line: this.lines.get('explore.share') ?? content.line },
        'explore.share',
        `with the share of promote it is more than all: ${promote.share.text} and ${explore.share.text}`,
      );
    const ofListener = recipe.sources.some(
      ({ source }) => source === 'user' || source === 'similar-to-history',
    );
    if (rows !== undefined && recipe.sources.length > 0 && !ofListener) {
      read.add(
        { line: this.lines.get('rows') ?? content.line },
        'rows',
        'rows are of parts of a history, and no source reads one: wanted the source user or similar-to-history',
      );
    }
    return recipe;
  }

  private sources(node: YamlNode | undefined, whole: YamlNode): RecipeSource[] {
    const { read } = this;
    const wanted = `wanted one of ${sourceNames.join(', ')}, or a list of them`;
    if (node === undefined) {
      if (whole.kind === 'map') read.add(whole, 'sources', `where items come from is not said: ${wanted}`);
      return [];
    }
    const entries = read.list(node, 'sources', ['text', 'map']);
    if (node.kind === 'list' && entries.length === 0)
      read.add(node, 'sources', `the list is empty: ${wanted}`);
    const { max } = recipeLimits.sources;
    if (entries.length > max)
      read.add(node, 'sources', `it has ${entries.length} sources, ${max} at most are wanted`);
    return entries.slice(0, max).flatMap(({ node: entry }, index) => {
      const key = `sources[${index}]`;
      this.lines.set(key, entry.line);
      return this.source(entry, key) ?? [];
    });
  }

  private source(node: YamlNode, at: string): RecipeSource | undefined {
    const { read } = this;
    if (node.kind === 'text') {
      const name = read.word(node, at, sourceNames);
      return name === undefined ? undefined : this.sourceNamed(name, new Map(), at);
    }
    if (node.kind === 'list') {
      read.add(node, at, `wanted a source such as user, got ${inWords(node)}`);
      return undefined;
    }
    const named = node.entries.find(({ key }) => key === 'source')?.value;
    if (named === undefined) {
      // What else stands there is looked at all the same: one run tells every mistake.
      const known = [...everySourceKey, ...new Set(Object.values(sourceKeys).flat())];
      this.fields(node, at, known);
      read.add(node, at, `the key source is missing: wanted source: ${sourceNames.join(' or ')}`);
      return undefined;
    }
    const name = read.word(named, `${at}.source`, sourceNames);
    if (name === undefined) return undefined;
    return this.sourceNamed(name, this.fields(node, at, [...everySourceKey, ...sourceKeys[name]]), at);
  }

  private sourceNamed(
    name: SourceName,
    fields: ReadonlyMap<string, YamlNode>,
    at: string,
  ): RecipeSource | undefined {
    const { read } = this;
    const any = {
      take: read.wholeNumber(fields.get('take'), `${at}.take`, recipeLimits.take) ?? defaultTake,
      weight: read.decimal(fields.get('weight'), `${at}.weight`, recipeLimits.weight) ?? 1,
      minScore: read.decimal(fields.get('min-score'), `${at}.min-score`, recipeLimits['source-min-score']),
    };
    const near = (fallback: 'all' | 'any') => ({
      near: read.word(fields.get('near'), `${at}.near`, ['all', 'any']) ?? fallback,
      minEvents:
        read.wholeNumber(fields.get('min-events'), `${at}.min-events`, minEvents) ?? minEvents.default,
    });
    switch (name) {
      case 'user':
        return { source: name, ...any, halfLife: this.age(fields.get('half-life'), `${at}.half-life`) };
      case 'seeds':
        return {
          source: name,
          ...any,
          items: read.items(fields.get('items'), `${at}.items`),
          ...near('all'),
        };
      case 'similar-to-history':
        return {
          source: name,
          ...any,
          items: read.wholeNumber(fields.get('items'), `${at}.items`, recipeLimits.items) ?? 20,
          pick: read.word(fields.get('pick'), `${at}.pick`, ['recent', 'most-played']) ?? 'most-played',
          ...near('any'),
        };
      case 'popular':
        return { source: name, ...any, within: this.age(fields.get('within'), `${at}.within`) };
    }
  }

  private filters(node: YamlNode | undefined): Recipe['filters'] {
    const { read } = this;
    const fields =
      node === undefined ? new Map<string, YamlNode>() : this.fields(node, 'filters', keysOf.filters);
    return {
      leaveOut: read.word(fields.get('leave-out'), 'filters.leave-out', ['heard', 'nothing']) ?? 'heard',
      where: this.condition(fields.get('where'), 'filters.where'),
      recent: this.age(fields.get('recent'), 'filters.recent'),
      exclude: read.items(fields.get('exclude'), 'filters.exclude'),
      minScore: read.decimal(fields.get('min-score'), 'filters.min-score', recipeLimits['min-score']),
    };
  }

  private rescore(node: YamlNode | undefined): Recipe['rescore'] {
    const fields =
      node === undefined ? new Map<string, YamlNode>() : this.fields(node, 'rescore', keysOf.rescore);
    const number = (key: 'popularity-discount' | 'familiarity'): number =>
      this.read.decimal(fields.get(key), `rescore.${key}`, recipeLimits[key]) ?? 0;
    return {
      popularityDiscount: number('popularity-discount'),
      freshness: this.freshness(fields.get('freshness')),
      familiarity: number('familiarity'),
      shown: this.read.decimal(fields.get('shown'), 'rescore.shown', recipeLimits.shown),
    };
  }

  private freshness(node: YamlNode | undefined): Recipe['rescore']['freshness'] {
    if (node === undefined) return undefined;
    const at = 'rescore.freshness';
    const fields = this.fields(node, at, keysOf.freshness);
    const boost = this.read.decimal(fields.get('boost'), `${at}.boost`, recipeLimits.boost) ?? 1;
    const halfLife = this.age(fields.get('half-life'), `${at}.half-life`);
    if (halfLife !== undefined) return { boost, halfLife };
    if (node.kind === 'map' && !fields.has('half-life'))
      this.read.add(node, at, 'the key half-life is missing: wanted a time such as 30d or 5y');
    return undefined;
  }

  private diversity(node: YamlNode | undefined): Recipe['diversity'] {
    const { read } = this;
    const fields =
      node === undefined ? new Map<string, YamlNode>() : this.fields(node, 'diversity', keysOf.diversity);
    const cap = (key: 'max-per-artist' | 'max-per-album'): number | undefined =>
      read.wholeNumber(fields.get(key), `diversity.${key}`, recipeLimits.cap);
    return {
      mmr: read.decimal(fields.get('mmr'), 'diversity.mmr', recipeLimits.mmr),
      maxPerArtist: cap('max-per-artist'),
      maxPerAlbum: cap('max-per-album'),
    };
  }

  private promotion(node: YamlNode | undefined): Recipe['promote'] {
    if (node === undefined) return undefined;
    const { read } = this;
    const fields = this.fields(node, 'promote', keysOf.promote);
    const share = this.share(node, fields.get('share'), 'promote');
    const where = this.condition(fields.get('where'), 'promote.where');
    const items = read.items(fields.get('items'), 'promote.items');
    if (node.kind === 'map' && !fields.has('where') && !fields.has('items'))
      read.add(node, 'promote', 'which items are promoted is not said: wanted where or items');
    return share && { share, where, items };
  }

  private exploration(node: YamlNode | undefined): Recipe['explore'] {
    if (node === undefined) return undefined;
    const { read } = this;
    const fields = this.fields(node, 'explore', keysOf.explore);
    const number = (key: 'max-events' | 'from' | 'seed'): number | undefined =>
      read.wholeNumber(fields.get(key), `explore.${key}`, recipeLimits[key]);
    const share = this.share(node, fields.get('share'), 'explore');
    const explored = {
      where: this.condition(fields.get('where'), 'explore.where'),
      recent: this.age(fields.get('recent'), 'explore.recent'),
      maxEvents: number('max-events'),
      from: number('from') ?? defaultFrom,
      seed: number('seed') ?? 0,
      every: this.age(fields.get('every'), 'explore.every'),
    };
    if (node.kind === 'map' && !(['where', 'recent', 'max-events'] as const).some((key) => fields.has(key)))
      read.add(node, 'explore', 'which items are explored is not said: wanted max-events, recent or where');
    return share && { share, ...explored };
  }

  /** A share of the slots, which `at` cannot be without. */
  private share(whole: YamlNode, node: YamlNode | undefined, at: string): SlotShare | undefined {
    const wanted = 'wanted a share of the slots such as 10% or 0.1, of 0.01% to 100%';
    if (node === undefined) {
      if (whole.kind === 'map') this.read.add(whole, at, `the key share is missing: ${wanted}`);
      return undefined;
    }
    const text = node.kind === 'text' ? node.text : '';
    const parts = shareParts(text);
    if (parts !== undefined) return { text, parts };
    this.read.add(node, `${at}.share`, `${wanted}, got ${inWords(node)}`);
    return undefined;
  }

  private rows(node: YamlNode | undefined): Recipe['rows'] {
    if (node === undefined) return undefined;
    const { read } = this;
    if (node.kind === 'text')
      return {
        count: read.wholeNumber(node, 'rows', recipeLimits.rows) ?? 1,
        fromAtLeast: defaultFromAtLeast,
      };
    const fields = this.fields(node, 'rows', keysOf.rows);
    const number = (key: 'count' | 'from-at-least', fallback: number): number =>
      read.wholeNumber(
        fields.get(key),
        `rows.${key}`,
        key === 'count' ? recipeLimits.rows : recipeLimits.items,
      ) ?? fallback;
    return { count: number('count', defaultRows), fromAtLeast: number('from-at-least', defaultFromAtLeast) };
  }

  private age(node: YamlNode | undefined, at: string): Age | undefined {
    if (node === undefined) return undefined;
    const ms = node.kind === 'text' ? parseAge(node.text) : undefined;
    if (node.kind === 'text' && ms !== undefined) return { text: node.text, ms };
    this.read.add(node, at, `wanted a time such as 12h, 90d, 8w or 2y, got ${inWords(node)}`);
    return undefined;
  }

  private condition(node: YamlNode | undefined, at: string): string | undefined {
    if (node === undefined) return undefined;
    const text = this.read.text(node, at, "a condition such as 'released >= 1975'");
    if (text === undefined) return undefined;
    try {
      parsePredicate(text, 'the condition');
      return text;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.read.add(node, at, error.message);
      return undefined;
    }
  }

  /** The values of a map by key, whose lines are kept for what is found out only where the recipe is used. */
  private fields<K extends string>(node: YamlNode, at: string, known: readonly K[]): Map<K, YamlNode> {
    if (node.kind === 'map') {
      for (const { key, line } of node.entries) this.lines.set(at === '' ? key : `${at}.${key}`, line);
    }
    return this.read.map(node, at, known);
  }
}

const defaultRows = 4;
const defaultFromAtLeast = 3;
