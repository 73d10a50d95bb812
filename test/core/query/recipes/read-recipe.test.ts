import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '#dist/core/errors.js';
import { parseYaml } from '#dist/core/files/yaml-document.js';
import { yamlText, type PrintedMap } from '#dist/core/files/yaml-keys.js';
import { readRecipe, recipeFrom } from '#dist/core/query/recipes/read-recipe.js';
import { recipeKind } from '#dist/core/query/recipes/keys.js';
import type { Recipe } from '#dist/core/query/recipes/recipe.js';
import { anyCharacter } from '../../../helpers/any-character.js';
import { temporaryDirectories } from '../../../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();
let directory: string;
beforeEach(() => {
  directory = temporaryDirectory();
});

function read(content: string | Uint8Array, name = 'mine.yaml'): Promise<Recipe> {
  const path = join(directory, name);
  writeFileSync(path, content);
  return readRecipe(path, 'mine');
}

const recipeFields = (recipe: Recipe): PrintedMap => recipeKind.print(recipe)!;
const recipeText = (recipe: Recipe): Promise<string> => yamlText(recipeFields(recipe));

/** Every key there is. */
const whole = `about: everything at once
sources:
  - source: user
    take: 300
    weight: 2
    min-score: -0.25
    half-life: 30d
  - source: seeds
    items: [Plush, "1979"]
    near: any
    min-events: 0
    take: 100
    weight: 0.5
  - source: similar-to-history
    items: 5
    pick: recent
    near: all
    min-events: 12
    take: 50
    weight: 1
  - source: popular
    within: 12h
    take: 10
    weight: 1
combine: ranks
filters:
  leave-out: nothing
  where: released >= 1975
  recent: 2y
  exclude: [Yes]
  min-score: 0.125
rescore:
  popularity-discount: 0.3
  freshness:
    boost: 2
    half-life: 8w
  familiarity: -0.5
  shown: 0.5
diversity:
  mmr: 0.7
  max-per-artist: 2
  max-per-album: 1
promote:
  share: 20%
  where: artist = 'Queen'
  items: ["1979"]
explore:
  share: 0.1
  max-events: 20
  recent: 90d
  where: released > 1990
  from: 50
  seed: 7
  every: 1d
order: smooth
length: 25
rows:
  count: 3
  from-at-least: 4
`;

describe('a recipe', () => {
  it('needs one source, and has a default for all else', async () => {
    const recipe = await read('sources: user\n');
    expect(recipeFields(recipe)).toEqual({
      about: undefined,
      sources: [{ source: 'user', take: 500, weight: 1, 'min-score': undefined, 'half-life': undefined }],
      combine: 'scores',
      filters: {
        'leave-out': 'heard',
        where: undefined,
        recent: undefined,
        exclude: undefined,
        'min-score': undefined,
      },
      rescore: { 'popularity-discount': 0, freshness: undefined, familiarity: 0, shown: undefined },
      diversity: undefined,
      promote: undefined,
      explore: undefined,
      order: 'score',
      length: 10,
      rows: undefined,
    });
  });

  it('knows sources by their name alone, in a list and in a map', async () => {
    const sources = async (text: string): Promise<string[]> =>
      (await read(`sources: ${text}\n`)).sources.map(({ source }) => source);
    expect(await sources('popular')).toEqual(['popular']);
    expect(await sources('[user, seeds]')).toEqual(['user', 'seeds']);
    expect(await sources('{source: similar-to-history, take: 7}')).toEqual(['similar-to-history']);
    expect((await read('sources: [seeds, similar-to-history]')).sources).toMatchObject([
      { near: 'all', items: [], minEvents: 5 },
      { near: 'any', items: 20, pick: 'most-played', minEvents: 5 },
    ]);
  });

  it('reads every key, and is printed as it is read', async () => {
    const recipe = await read(whole);
    expect(recipe).toMatchObject({
      about: 'everything at once',
      sources: [
        {
          source: 'user',
          take: 300,
          weight: 2,
          minScore: -0.25,
          halfLife: { text: '30d', ms: 30 * 86_400_000 },
        },
        { source: 'seeds', items: ['Plush', '1979'], near: 'any', minEvents: 0 },
        { source: 'similar-to-history', items: 5, pick: 'recent', near: 'all', minEvents: 12 },
        { source: 'popular', within: { ms: 12 * 3_600_000 } },
      ],
      combine: 'ranks',
      filters: {
        leaveOut: 'nothing',
        where: 'released >= 1975',
        recent: { ms: 2 * 365.25 * 86_400_000 },
        exclude: ['Yes'],
        minScore: 0.125,
      },
      rescore: {
        popularityDiscount: 0.3,
        freshness: { boost: 2, halfLife: { text: '8w' } },
        familiarity: -0.5,
        shown: 0.5,
      },
      diversity: { mmr: 0.7, maxPerArtist: 2, maxPerAlbum: 1 },
      promote: { share: { text: '20%', parts: 2000 }, where: "artist = 'Queen'", items: ['1979'] },
      explore: {
        ...{ share: { text: '0.1', parts: 1000 }, maxEvents: 20, recent: { ms: 90 * 86_400_000 } },
        ...{ where: 'released > 1990', from: 50, seed: 7, every: { ms: 86_400_000 } },
      },
      order: 'smooth',
      length: 25,
      rows: { count: 3, fromAtLeast: 4 },
    });
    expect(recipe.places.detailsOf('filters.recent').line).toBe(29);
    expect(recipe.places.nameOf('sources[2].pick')).toContain(' line 16, ');
    expect((await recipeText(recipe)).replaceAll('"', '').split('\n').sort()).toEqual(
      whole
        .replaceAll('"', '')
        .replace('[Plush, 1979]', '\n      - Plush\n      - 1979')
        .replace('[1979]', '\n    - 1979')
        .replace('[Yes]', '\n    - Yes')
        .split('\n')
        .map((line) => line.trimEnd())
        .sort(),
    );
  });

  it('can be JSON', async () => {
    const json = JSON.stringify({ sources: [{ source: 'seeds', items: 'a' }], length: 3, rows: undefined });
    expect(await read(json, 'mine.json')).toMatchObject({ sources: [{ items: ['a'] }], length: 3 });
  });

  it('can say only how many rows it has', async () => {
    expect((await read('sources: user\nrows: 3\n')).rows).toEqual({ count: 3, fromAtLeast: 3 });
  });

  const after = (lines: string): string => `sources: user\n${lines}\n`;
  const source = (lines: string): string => `sources:\n  - source: user\n    ${lines}\n`;
  const sources = 'user, seeds, similar-to-history, popular';

  it.each<[string, number, string, string]>([
    // nothing, or something else
    ['', 1, 'sources', `where items come from is not said: wanted one of ${sources}, or a list of them`],
    ['# nothing yet\n', 1, 'sources', 'where items come from is not said'],
    ['user', 1, '', 'wanted a map of about, sources, combine'],
    ['- sources', 1, '', 'wanted a map of about, sources, combine'],
    // unknown keys
    [after('__proto__: {a: b}'), 2, '', 'the key "__proto__" is not known; known are about, sources'],
    [
      after('rescore:\n  freshness:\n    half-live: 1d\n    half-life: 1d'),
      4,
      'rescore.freshness',
      'the key "half-live" is not known; did you mean half-life?',
    ],
    [
      'sources: {source: popular, half-life: 3d}',
      1,
      'sources[0]',
      'the key "half-life" is not known; known are source, take, weight, min-score, within',
    ],
    // sources
    ['sources: []', 1, 'sources', 'the list is empty: wanted one of user'],
    [
      'sources: users',
      1,
      'sources[0]',
      `wanted ${sources.replaceAll(',', ' or')}, got "users"; did you mean user?`,
    ],
    ['sources: [user, [user]]', 1, 'sources[1]', `wanted ${sources.replaceAll(',', ' or')}, got a list`],
    ['sources: {take: 3}', 1, 'sources[0]', `the key source is missing: wanted user or seeds`],
    ['sources: {source: [user]}', 1, 'sources[0].source', 'wanted user or seeds or similar-to-history'],
    [`sources: [${'user, '.repeat(21)}]`, 1, 'sources', 'it has 21 entries, 20 at most are wanted'],
    // one of each kind of key: the property of keys.test.ts has which values each takes
    [source('take: many'), 3, 'sources[0].take', 'wanted a whole number from 1 to 10000, got "many"'],
    [source('weight: 0'), 3, 'sources[0].weight', 'wanted a number from 0.001 to 1000, got "0"'],
    [
      source('half-life: 30'),
      3,
      'sources[0].half-life',
      'wanted a time such as 12h, 90d, 8w or 2y, got "30"',
    ],
    ['sources: {source: seeds, items: []}', 1, 'sources[0].items', 'the list is empty'],
    ['sources: {source: seeds, items: [{a: b}]}', 1, 'sources[0].items[0]', "wanted an item's id or name"],
    [after('combine: sums'), 2, 'combine', 'wanted scores or ranks, got "sums"'],
    [after('about: [a]'), 2, 'about', 'wanted a line that says what it is for, got a list'],
    [after('filters: heard'), 2, 'filters', 'wanted a map of leave-out, where, recent, exclude, min-score'],
    [after('filters:\n  where:'), 3, 'filters.where', "wanted a condition such as 'released >= 1975'"],
    [after('filters:\n  where: released >'), 3, 'filters.where', 'the condition, character 11: got '],
    [after('rescore: {freshness: {boost: 1}}'), 2, 'rescore.freshness', 'the key half-life is missing'],
    [after('promote: {items: a}'), 2, 'promote', 'the key share is missing: wanted a share of the slots'],
    [after('promote: {share: 20%}'), 2, 'promote', 'which items are promoted is not said: wanted where or'],
    [after('promote: {share: 120%, items: a}'), 2, 'promote.share', 'wanted a share of the slots such as'],
    [after('promote: {share: 20%, where: "artist ="}'), 2, 'promote.where', 'the condition, character 9'],
    [after('explore: {share: 20%, seed: 3}'), 2, 'explore', 'which items are explored is not said: wanted'],
    [
      after('promote: {share: 60%, items: a}\nexplore: {share: 50%, max-events: 3}'),
      3,
      'explore.share',
      'with the share of promote it is more than all: 60% and 50%',
    ],
    ['sources: popular\nrows: 3\n', 2, 'rows', 'rows are of parts of a history, and no source reads one'],
  ])('is refused with its line and key: %j', async (text, line, key, message) => {
    const refused = await read(text).catch((error: unknown) => error as AppError);
    expect(refused).toBeInstanceOf(AppError);
    expect(refused).toMatchObject({
      code: 'bad-input-file',
      exitCode: 2,
      details: { file: join(directory, 'mine.yaml'), line, key },
    });
    expect((refused as AppError).message).toContain(`line ${line}${key && `, ${key}`}: ${message}`);
  });

  it('is refused with all mistakes at once, by line', async () => {
    const refused = read('sources:\n  - source: user\n    take: x\norder: y\nlength: z\nrows: {a: b}\n');
    await expect(refused).rejects.toMatchObject({
      message: expect.stringMatching(
        /line 3, sources\[0\]\.take.+line 4, order.+line 5, length.+line 6, rows/,
      ),
      details: { mistakes: [{ line: 3 }, { line: 4 }, { line: 5 }, { line: 6 }] },
    });
  });

  it.each<[string, string | Uint8Array, string]>([
    ['a key twice', 'sources: user\nlength: 3\nlength: 4\n', 'line 3: the key "length" again'],
    ['broken YAML', 'sources: [user\nlength: 3\n', 'line '],
    ['a megabyte', `about: ${'x'.repeat(1 << 20)}`, 'has 1048583 bytes; at most 65536 are read'],
    ['a binary file', Uint8Array.from({ length: 4096 }, (_, at) => (at * 197) % 256), 'it is not UTF-8'],
    ['zero bytes', new Uint8Array(512), ''],
    ['an alias', 'sources: &a user\nabout: *a\n', 'line 2: an alias'],
  ])('is refused as a file: %s', async (_, content, message) => {
    await expect(read(content)).rejects.toMatchObject({
      code: 'bad-input-file',
      message: expect.stringContaining(message),
    });
  });

  it('that is not there says so', async () => {
    await expect(readRecipe(join(directory, 'gone.yaml'), 'gone')).rejects.toMatchObject({
      code: 'bad-input-file',
      message: expect.stringContaining('gone.yaml: there is no such file'),
    });
    await expect(readRecipe(directory, 'folder')).rejects.toMatchObject({ code: 'bad-input-file' });
  });

  const word = fc.constantFrom(
    ...new Set(JSON.stringify(recipeKind.schema).match(/(?<=")[a-z]+(-[a-z]+)*(?=")/g)),
    ...['source', '30d', '2y', '20%', '0.5', '-1', '7', '1e999', '', '__proto__'],
  );
  const document = fc.letrec((tie) => ({
    node: fc.oneof({ maxDepth: 2 }, word, fc.array(tie('node'), { maxLength: 3 }), tie('map')),
    map: fc.dictionary(word, tie('node'), { maxKeys: 4 }),
  }));

  it('of any form is read or refused, and what is read is printed so that it reads the same', async () => {
    const check = async (text: string): Promise<void> => {
      let recipe: Recipe;
      try {
        recipe = recipeFrom(await parseYaml(text, 'any.yaml'), 'any.yaml', 'any');
      } catch (error) {
        expect(error).toMatchObject({ code: 'bad-input-file', details: { file: 'any.yaml' } });
        return;
      }
      const printed = await recipeText(recipe);
      const again = recipeFrom(await parseYaml(printed, 'any.yaml'), 'any.yaml', 'any');
      expect(recipeFields(again)).toEqual(recipeFields(recipe));
    };
    await fc.assert(
      fc.asyncProperty(document.map, (map) => check(JSON.stringify(map))),
      { numRuns: 40 },
    );
    await fc.assert(fc.asyncProperty(fc.string({ unit: anyCharacter, maxLength: 200 }), check), {
      numRuns: 40,
    });
  });
});
