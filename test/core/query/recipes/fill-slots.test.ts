import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyHistory } from '#dist/core/histories/opinions.js';
import { hasRow, rowSetOf, type RowSet } from '#dist/core/search/row-set.js';
import { seededRandom } from '#dist/core/numeric/random.js';
import { parseYaml } from '#dist/core/files/yaml-document.js';
import type { Cap } from '#dist/core/query/recipes/diversify.js';
import { fillSlots, type SlotsOptions } from '#dist/core/query/recipes/fill-slots.js';
import { recipeFrom } from '#dist/core/query/recipes/read-recipe.js';
import type { Factor } from '#dist/core/query/recipes/rescore.js';
import type { Recipe } from '#dist/core/query/recipes/recipe.js';
import type { OpenSource } from '#dist/core/query/recipes/sources.js';

/** Nothing here reads it. */
const history = emptyHistory(0);

interface World {
  readonly numItems: number;
  /** By source and row. */
  readonly scores: readonly (readonly number[])[];
  readonly like: readonly (readonly number[])[];
  readonly banned: readonly number[];
  readonly among: readonly number[] | undefined;
  readonly promoted: readonly number[];
  readonly fresh: readonly number[];
  readonly factor: readonly number[];
  readonly artist: readonly (string | undefined)[];
}

function worldOf(seed: number, numItems: number, numSources: number): World {
  const random = seededRandom(seed);
  const number = (): number => Math.round(random.nextFraction() * 20) / 20;
  const some = (share: number): number[] =>
    Array.from({ length: numItems }, (_, row) => row).filter(() => random.nextFraction() < share);
  const like = Array.from({ length: numItems }, () => new Array<number>(numItems).fill(1));
  for (let a = 0; a < numItems; a++) for (let b = 0; b < a; b++) like[a]![b] = like[b]![a] = 2 * number() - 1;
  return {
    numItems,
    scores: Array.from({ length: numSources }, () => Array.from({ length: numItems }, () => number() - 0.1)),
    like,
    banned: some(0.15),
    among: random.nextFraction() < 0.5 ? some(0.8) : undefined,
    promoted: some(0.3),
    fresh: some(0.3),
    factor: Array.from({ length: numItems }, () => 0.5 + number()),
    artist: Array.from({ length: numItems }, () =>
      random.nextFraction() < 0.2 ? undefined : `a${random.nextBelow(6)}`,
    ),
  };
}

const setOf = (world: World, rows: readonly number[]): RowSet =>
  rowSetOf(
    world.numItems,
    rows.filter((row) => world.among?.includes(row) ?? true),
  );

function optionsOf(world: World, recipe: Recipe): SlotsOptions {
  const sources = recipe.sources.map(({ weight, take, minScore = -Infinity }, source): OpenSource => ({
    ...{ weight, take },
    find: (_, { take: wanted, leaveOut, among }) =>
      world.scores[source]!.map((score, row) => ({ row, score }))
        .filter(({ row }) => !leaveOut.includes(row) && (among === undefined || hasRow(among, row)))
        .sort((a, b) => b.score - a.score || a.row - b.row)
        .slice(0, wanted)
        .filter(({ score }) => score >= minScore),
  }));
  const factor: Factor = {
    key: 'popularity-discount',
    of: (row) => world.factor[row]!,
    most: Math.max(...world.factor),
  };
  const { mmr, maxPerArtist } = recipe.diversity;
  const caps: Cap[] =
    maxPerArtist === undefined
      ? []
      : [{ key: 'max-per-artist', most: maxPerArtist, of: (row) => world.artist[row] }];
  return {
    ...{ sources, recipe, factors: [factor], numItems: world.numItems, mmr, caps },
    similarity: (a, b) => world.like[a]![b]!,
    leaveOut: Uint32Array.from(world.banned),
    among: world.among && rowSetOf(world.numItems, world.among),
    promoted: recipe.promote && setOf(world, world.promoted),
    explored: recipe.explore && setOf(world, world.fresh),
    // Some order that is not by score.
    draw: (rows) => [...rows].sort((a, b) => ((a * 7) % 31) - ((b * 7) % 31) || a - b),
  };
}

/** As docs/reference/recipes.md says it, everything looked at anew for each slot. */
function naive(world: World, recipe: Recipe, length: number): { row: number; slot: string }[] {
  const answer: { row: number; slot: string }[] = [];
  const times: Record<string, number> = { score: 1, promoted: 1, explored: 1 };
  const may = (row: number): boolean => !world.banned.includes(row) && (world.among?.includes(row) ?? true);
  const setFor: Record<string, (row: number) => boolean> = {
    score: may,
    promoted: (row) => recipe.promote !== undefined && may(row) && world.promoted.includes(row),
    explored: (row) => recipe.explore !== undefined && may(row) && world.fresh.includes(row),
  };
  const sizeOf = (slot: string): number =>
    slot === 'score'
      ? world.numItems
      : world.scores[0]!.filter(
          (_, row) =>
            (slot === 'promoted' ? world.promoted : world.fresh).includes(row) &&
            (world.among?.includes(row) ?? true),
        ).length;
  const listOf = (source: number, slot: string): { rows: number[]; isFull: boolean } => {
    const { take, minScore = -Infinity } = recipe.sources[source]!;
    const first = slot === 'explored' ? (recipe.explore?.from ?? take) : take;
    const wanted = Math.min(first * times[slot]!, sizeOf(slot));
    const scores = world.scores[source]!;
    const rows = scores
      .map((_, row) => row)
      .filter((row) => setFor[slot]!(row))
      .sort((a, b) => scores[b]! - scores[a]! || a - b)
      .slice(0, wanted)
      .filter((row) => scores[row]! >= minScore);
    return { rows, isFull: rows.length === wanted && wanted < sizeOf(slot) };
  };
  const scaled = (source: number, list: readonly number[], at: number): number => {
    const scores = world.scores[source]!;
    if (recipe.combine === 'ranks') return 61 / (61 + at);
    const best = scores[list[0]!]!;
    return best > 0 ? Math.max(0, scores[list[at]!]! / best) : 0;
  };
  const total = recipe.sources.reduce((sum, { weight }) => sum + weight, 0);
  const scoredRows = (): Map<number, number> => {
    const relevance = new Map<number, number>();
    recipe.sources.forEach(({ weight }, source) => {
      const main = listOf(source, 'score').rows;
      const scores = world.scores[source]!;
      const more = [...listOf(source, 'promoted').rows, ...listOf(source, 'explored').rows]
        .filter((row, at, all) => !main.includes(row) && all.indexOf(row) === at)
        .sort((a, b) => scores[b]! - scores[a]!);
      const list = [...main, ...more];
      list.forEach((row, at) => {
        relevance.set(row, (relevance.get(row) ?? 0) + (weight * scaled(source, list, at)) / total);
      });
    });
    return new Map([...relevance].map(([row, value]) => [row, value * world.factor[row]!]));
  };
  const capped = (row: number): boolean => {
    const { maxPerArtist = Infinity } = recipe.diversity;
    const artist = world.artist[row];
    return (
      artist !== undefined &&
      answer.filter((other) => world.artist[other.row] === artist).length >= maxPerArtist
    );
  };
  const { minScore = -Infinity } = recipe.filters;
  const pick = (slot: string): number | undefined => {
    for (;;) {
      const scores = scoredRows();
      const byScore = [...scores.keys()].sort((a, b) => scores.get(b)! - scores.get(a)!);
      const ranked = recipe.sources.flatMap((_, source) => listOf(source, 'score').rows);
      const isRanked = (row: number): boolean => ranked.includes(row) && scores.get(row)! >= minScore;
      const fresh = byScore.filter((row) => setFor['explored']!(row));
      const most = (recipe.explore?.from ?? 0) * times['explored']!;
      const isFree = (row: number): boolean => !answer.some((other) => other.row === row) && !capped(row);
      let found: number | undefined;
      if (slot === 'explored') {
        const order = fresh.slice(0, most).sort((a, b) => ((a * 7) % 31) - ((b * 7) % 31) || a - b);
        found = order.find(isFree);
      } else {
        const open = byScore.filter(
          (row) =>
            isFree(row) &&
            (slot === 'score' ? isRanked(row) : setFor['promoted']!(row) && scores.get(row)! >= minScore),
        );
        const best = scores.get(byScore.find(isRanked) ?? -1) ?? 0;
        const value = (row: number): number => {
          const { mmr } = recipe.diversity;
          if (mmr === undefined) return scores.get(row)!;
          const near =
            answer.length === 0 ? 0 : Math.max(...answer.map((other) => world.like[other.row]![row]!));
          return mmr * scores.get(row)! * (best > 0 ? 1 / best : 0) - (1 - mmr) * near;
        };
        const highest = Math.max(...open.map(value));
        found = open.find((row) => value(row) === highest);
      }
      if (found !== undefined) return found;
      const full = recipe.sources.map((_, source) => listOf(source, slot));
      const isCut = slot === 'explored' && fresh.length > most;
      if (!isCut && !full.some(({ isFull }) => isFull)) return undefined;
      if (slot === 'score' && minScore > -Infinity) {
        const bound = full.reduce(
          (sum, { rows, isFull }, source) =>
            sum +
            (isFull ? (recipe.sources[source]!.weight * scaled(source, rows, rows.length - 1)) / total : 0),
          0,
        );
        if (bound * Math.max(...world.factor) < minScore) return undefined;
      }
      times[slot]! *= 4;
    }
  };
  let [promoted, explored] = [0, 0];
  const dueBy = (slot: number, parts = 0): number => Math.floor((2 * slot * parts + 10_000) / 20_000);
  while (answer.length < length) {
    const slot = answer.length + 1;
    let kind = 'score';
    if (dueBy(slot, recipe.promote?.share.parts) > promoted) kind = 'promoted';
    else if (dueBy(slot, recipe.explore?.share.parts) > explored) kind = 'explored';
    if (kind === 'promoted') promoted++;
    if (kind === 'explored') explored++;
    let row = pick(kind);
    if (row === undefined && kind !== 'score') {
      kind = 'score';
      row = pick(kind);
    }
    if (row === undefined) return answer;
    answer.push({ row, slot: kind });
  }
  return answer;
}

async function recipeOf(fields: object): Promise<Recipe> {
  return recipeFrom(await parseYaml(JSON.stringify(fields), 'any.yaml'), 'any.yaml', 'any');
}

const made = (world: World, recipe: Recipe, length: number): { row: number; slot: string }[] =>
  fillSlots(history, length, optionsOf(world, recipe)).chosen.map(({ candidate, slot }) => ({
    row: candidate.row,
    slot,
  }));

const share = fc.constantFrom('10%', '20%', '0.25', '50%');
const fields: fc.Arbitrary<object> = fc.record({
  sources: fc.array(
    fc.record(
      {
        source: fc.constant('user'),
        take: fc.integer({ min: 1, max: 12 }),
        weight: fc.constantFrom(1, 2),
        'min-score': fc.constantFrom('0.1', '0.4'),
      },
      { requiredKeys: ['source', 'take', 'weight'] },
    ),
    { minLength: 1, maxLength: 3 },
  ),
  combine: fc.constantFrom('scores', 'ranks'),
  filters: fc.record({ 'min-score': fc.constantFrom('0.2', '0.5', '0.8') }, { requiredKeys: [] }),
  diversity: fc.record(
    { mmr: fc.constantFrom('0.3', '0.7', '1'), 'max-per-artist': fc.integer({ min: 1, max: 3 }) },
    { requiredKeys: [] },
  ),
  promote: fc.option(fc.record({ share, items: fc.constant(['a']) }), { nil: undefined }),
  explore: fc.option(
    fc.record({ share, 'max-events': fc.constant('3'), from: fc.integer({ min: 1, max: 6 }) }),
    { nil: undefined },
  ),
});

describe('the slots of an answer', () => {
  it('are filled as the steps say, for any shares, minimums, caps and blends', async () => {
    await fc.assert(
      fc.asyncProperty(
        fields,
        fc.integer({ min: 0, max: 9999 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        async (all, seed, numItems, length) => {
          const recipe = await recipeOf(all);
          const world = worldOf(seed, numItems, recipe.sources.length);
          expect(made(world, recipe, length)).toEqual(naive(world, recipe, length));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('of a longer answer begin with those of a shorter one: pages are disjoint, and together the whole', async () => {
    await fc.assert(
      fc.asyncProperty(
        fields,
        fc.integer({ min: 0, max: 9999 }),
        fc.integer({ min: 1, max: 7 }),
        async (all, seed, length) => {
          const recipe = await recipeOf(all);
          const world = worldOf(seed, 40, recipe.sources.length);
          const whole = made(world, recipe, 6 * length);
          const pages = Array.from({ length: 6 }, (_, page) =>
            made(world, recipe, (page + 1) * length).slice(page * length),
          );
          expect(pages.flat()).toEqual(whole);
          const rows = whole.map(({ row }) => row);
          expect(new Set(rows).size).toBe(rows.length);
        },
      ),
    );
  });

  it('hold nothing that was left out or filtered, promoted or not, and nothing below the minimum but what is drawn', async () => {
    await fc.assert(
      fc.asyncProperty(fields, fc.integer({ min: 0, max: 9999 }), async (all, seed) => {
        const recipe = await recipeOf(all);
        const world = worldOf(seed, 40, recipe.sources.length);
        const { chosen } = fillSlots(history, 30, optionsOf(world, recipe));
        for (const { candidate, slot } of chosen) {
          const { row, score } = candidate;
          expect(world.banned).not.toContain(row);
          if (world.among !== undefined) expect(world.among).toContain(row);
          if (slot === 'promoted') expect(world.promoted).toContain(row);
          if (slot === 'explored') expect(world.fresh).toContain(row);
          else expect(score).toBeGreaterThanOrEqual(recipe.filters.minScore ?? -Infinity);
        }
      }),
    );
  });

  it('are by score where no promoted item, and none to draw, is left', async () => {
    const recipe = await recipeOf({
      sources: 'user',
      promote: { share: '50%', items: 'a' },
      explore: { share: '50%', 'max-events': 1 },
    });
    const world = { ...worldOf(1, 30, 1), promoted: [3], fresh: [4], banned: [], among: undefined };
    const kinds = made(world, recipe, 10).map(({ slot }) => slot);
    expect(kinds).toEqual(['promoted', 'explored', ...new Array<string>(8).fill('score')]);
  });

  it('are drawn from more items where the caps exclude those that they are drawn from', async () => {
    const recipe = await recipeOf({
      sources: [
        { source: 'user', 'min-score': 0.5 },
        { source: 'user', 'min-score': 0.5 },
      ],
      diversity: { 'max-per-artist': 1 },
      explore: { share: '100%', 'max-events': 1, from: 4 },
    });
    // Neither source finds four, and both together six.
    const world: World = {
      ...{ numItems: 6, banned: [], among: undefined, promoted: [], fresh: [0, 1, 2, 3, 4, 5] },
      scores: [
        [1, 0.9, 0.8, 0, 0, 0],
        [0, 0, 0, 0.7, 0.6, 0.5],
      ],
      like: [],
      factor: [1.5, 1.4, 1.3, 1.2, 1, 1],
      artist: ['a', 'a', 'a', 'a', 'b', 'c'],
    };
    const answer = made(world, recipe, 6);
    expect(answer.map(({ slot }) => slot)).toEqual(['explored', 'explored', 'explored']);
    expect(answer).toEqual(naive(world, recipe, 6));
  });

  it('take no more candidates where none of them could reach the minimum', async () => {
    const world = { ...worldOf(2, 40, 1), banned: [], among: undefined };
    const recipe = await recipeOf({ sources: { source: 'user', take: 5 }, filters: { 'min-score': 1.4 } });
    const options = optionsOf(world, recipe);
    let asked = 0;
    const [source] = options.sources;
    const counting: OpenSource = {
      ...source!,
      find(...args) {
        asked++;
        return source!.find(...args);
      },
    };
    const factors: Factor[] = [{ key: 'one', of: () => 1, most: 1 }];
    const { chosen } = fillSlots(history, 10, { ...options, sources: [counting], factors });
    expect([chosen.length, asked]).toEqual([0, 1]);
  });
});
