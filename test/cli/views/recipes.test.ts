import { describe, expect, it } from 'vitest';
import { drawRecipeAnswer, drawRecipeList } from '#dist/cli/views/recipes.js';
import type { RecipeSource } from '#dist/core/query/recipes/recipe.js';
import type { Screen } from '#dist/cli/terminal/screen.js';
import type { Ingredient, RecipeItem, RecipeResult } from '#dist/core/tasks/ask.js';

const source = (source: RecipeSource['source'], rank: number, score: number, share: number) =>
  ({ ingredient: 'source', key: 'sources', source, rank, score, share }) as const;

const made = (item: RecipeItem, ingredients: readonly Ingredient[]): RecipeItem =>
  Object.assign(item, { ingredients });

const answer = {
  snapshot: 's',
  user: 'u\u001b[31m',
  recipe: 'mine',
  asOf: null,
  recommendations: [
    made({ rank: 1, id: 'a', name: 'A song of a long name that goes on', artist: 'Someone', score: 0.5 }, [
      source('user', 3, 0.912, 0.61),
      { ...source('similar-to-history', 12, 0.7, 0.2), near: { id: 'x', name: 'Near\u001b' } },
      { ingredient: 'factor', key: 'popularity-discount', factor: 0.62 },
      { ingredient: 'factor', key: 'familiarity', factor: 1 },
      { ingredient: 'place', byScore: 1, chosen: 1, mmr: { value: 1, nearest: null, similarity: 0 } },
    ]),
    made({ rank: 2, id: 'b', name: 'B', artist: 'Else', score: 0.25 }, [
      source('user', 22, 0.25, 0.25),
      {
        ingredient: 'place',
        ...{ byScore: 22, chosen: 3 },
        ...{ mmr: { value: 0.1, nearest: { id: 'a', name: 'A' }, similarity: 0.8312 }, toPrevious: -0.5 },
      },
    ]),
  ],
  passedOver: [
    { id: 'c', name: 'C', score: 0.4, byScore: 2, because: { key: 'max-per-artist', value: 'Someone' } },
    {
      ...{ id: 'd', name: 'D', score: 0.3, byScore: 3 },
      because: { key: 'mmr', nearest: { id: 'a', name: 'A' }, similarity: 0.9 },
    },
  ],
} satisfies RecipeResult;

const screen = (width: number): Screen => ({ decorated: true, coloured: false, width });
const plain: Screen = { decorated: false, coloured: false, width: Infinity };

describe('an answer of a recipe', () => {
  it('says below each item how its score came about and why it stands there', async () => {
    const text = await drawRecipeAnswer(answer, plain);
    expect(text).toContain('mine for u\\x1b[31m');
    expect(text).toContain(
      '\n   (0.61 user (#3: 0.912) + 0.2 similar-to-history (#12: 0.7, near "Near\\x1b")) × 0.62 popularity-discount = 0.5\n',
    );
    expect(text).toContain(
      '\n   0.25 user (#22: 0.25); 22nd by score, chosen 3rd, 0.831 like "A", −0.5 like the one before\n',
    );
    expect(text).toMatch(/ +2 +C +0\.400 +max-per-artist: Someone\n +3 +D +0\.300 +mmr: 0\.9 like A$/);
    expect(text).not.toContain('\u001b');
  });

  it.each([60, 200])(
    'fits a screen of %i columns, and leaves nothing of the explanation out',
    async (width) => {
      const text = await drawRecipeAnswer(answer, screen(width));
      for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(width);
      const words = text.replace(/\s+/g, ' ');
      expect(words).toContain('(#12: 0.7, near "Near\\x1b")) × 0.62 popularity-discount = 0.5');
      expect(words).toContain('22nd by score, chosen 3rd, 0.831 like "A", −0.5 like the one before');
      expect(words).toContain('max-per-artist: Someone');
    },
  );

  it('is set in rows with their titles', async () => {
    const [first, second] = answer.recommendations;
    const page = {
      ...answer,
      recommendations: [Object.assign({}, first, { row: 1 }), Object.assign({}, second, { row: 2 })],
      rows: [
        { title: 'Because you listen to X', madeFrom: [] },
        { title: 'Because you listen to Y', madeFrom: [] },
      ],
      passedOver: [{ ...answer.passedOver[0]!, row: 2 }],
    };
    const text = await drawRecipeAnswer(page, plain);
    expect(text).toMatch(/to X\n\n#[^]+A song[^]+to Y\n\n#[^]+ B [^]+passed over[^]+ C /);
    expect(text).not.toMatch(/\brow\b|ingredients/);
  });

  it('may be empty, and shows ten of what was passed over', async () => {
    expect(
      await drawRecipeAnswer({ ...answer, user: null, recommendations: [], passedOver: [] }, plain),
    ).toBe('mine\n\nnothing is left to recommend');
    const many = Array.from({ length: 13 }, () => answer.passedOver[0]!);
    expect(await drawRecipeAnswer({ ...answer, passedOver: many }, plain)).toContain(
      '… and 3 more: --json has all',
    );
  });
});

it('the list of recipes says what each is for, and what is wrong with one that cannot be read', async () => {
  const recipes = [
    { name: 'a', about: 'for a\u202e', from: 'own' as const, path: 'segue-recipes/a.yaml' },
    { name: 'b', about: '', from: 'segue' as const, path: 'b.yaml', problem: 'b.yaml line 1: no' },
  ];
  const text = await drawRecipeList({ recipes, ownDirectory: 'segue-recipes' }, plain);
  expect(text).toMatch(/a +for a\\u202e +segue-recipes\/a\.yaml\nb +cannot be read: b\.yaml line 1: no/);
  for (const line of (await drawRecipeList({ recipes, ownDirectory: 'segue-recipes' }, screen(60))).split(
    '\n',
  ))
    expect(line.length).toBeLessThanOrEqual(60);
});
