import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RecipeResult } from '#dist/core/tasks/ask.js';
import { useCanaryHere } from '../helpers/canary-here.js';
import { idsOf, openRecipeRoot, station, type RecipeRoot } from '../helpers/recipe-root.js';
import { makeFolder, type Folder } from '../helpers/trained-root.js';
import { words } from '../helpers/words.js';

useCanaryHere();

let recipeRoot: RecipeRoot;
let folder: Folder;
let heard: RecipeRoot['heard'];

beforeAll(async () => {
  recipeRoot = await openRecipeRoot();
  ({ folder, heard } = recipeRoot);
});
afterAll(() => folder.remove());

const artistsOf = ({ recommendations }: Pick<RecipeResult, 'recommendations'>): string[] =>
  recommendations.map((item) => String(item['artist']));
const most = (values: readonly string[]): number =>
  Math.max(...values.map((value) => values.filter((same) => same === value).length));
const answerOf = async (args: readonly string[]): Promise<RecipeResult> =>
  (await folder.json(['recommend', ...args]))[0] as unknown as RecipeResult;

describe('the recipes that come with segue', () => {
  it('are listed with what they are for, one of one’s own before one of the same name', async () => {
    const [list] = await folder.json(['recommend', '--list-recipes']);
    const recipes = list!['recipes'] as { name: string; about: string; from: string }[];
    expect(recipes.map(({ name }) => name)).toEqual([
      ...['discover', 'feed', 'new-releases', 'new-user', 'popular', 'radio', 'release-radar', 'start-page'],
    ]);
    for (const { about, from } of recipes) expect([about.length > 10, from]).toEqual([true, 'segue']);
    const own = join(folder.path, 'segue-recipes');
    mkdirSync(own);
    writeFileSync(join(own, 'popular.yaml'), 'about: mine\nsources: popular\nlength: 2\n');
    writeFileSync(join(own, 'broken.yaml'), 'sources: nothing\n');
    const { stdout } = await folder.segue(['recommend', '--list-recipes']);
    expect(stdout).toMatch(/popular +mine/);
    expect(stdout).toMatch(/broken +cannot be read: .+line 1, sources\[0\]: wanted user or/);
    expect((await answerOf(['--recipe', 'popular'])).recommendations).toHaveLength(2);
    writeFileSync(join(own, 'popular.json'), '{"sources": "popular"}');
    const { stderr } = await folder.segue(['recommend', '--recipe', 'popular'], 2);
    expect(stderr).toContain('two files are the recipe popular');
    rmSync(own, { recursive: true });
  });

  it('radio goes on smoothly from its seeds, more so than by score, without them', async () => {
    const seeds = ['--seed-item', 'Come As You Are', '--seed-item', 'Plush'];
    const radio = await answerOf(['--recipe', 'radio', ...seeds]);
    const ids = idsOf(radio);
    const { cosine } = recipeRoot;
    const smoothness = (of: readonly string[]): number =>
      of.slice(1).reduce((sum, id, at) => sum + cosine(of[at]!, id), 0) / (of.length - 1);
    const byScore = [...radio.recommendations].sort((a, b) => b.score - a.score).map(({ id }) => id);
    expect(smoothness(ids)).toBeGreaterThan(smoothness(byScore));
    const toSeeds = (id: string): number =>
      cosine('nirvana-come-as-you-are', id) + cosine('stone-temple-pilots-plush', id);
    expect(toSeeds(ids[0]!)).toBe(Math.max(...ids.map(toSeeds)));
  });

  it('start-page gives rows of different taste, each titled, no item twice', async () => {
    const page = await answerOf([station, '--recipe', 'start-page']);
    expect(page.rows!.length).toBeGreaterThanOrEqual(3);
    expect(new Set(idsOf(page)).size).toBe(page.recommendations.length);
    page.rows!.forEach(({ title, madeFrom }, at) => {
      const row = page.recommendations.filter((item) => item.row === at + 1);
      expect(row.map(({ rank }) => rank)).toEqual([1, 2, 3, 4, 5, 6]);
      expect(title).toMatch(/^Because you listen to .+, .+ and .+$/);
      expect(madeFrom.length).toBeGreaterThan(0);
      for (const { id } of madeFrom) expect(heard.get(station)!.has(id)).toBe(true);
      expect(most(artistsOf({ recommendations: row }))).toBeLessThanOrEqual(2);
    });
    // Items of one row are more like each other than items of different rows.
    const { cosine } = recipeRoot;
    const [within, between]: [number[], number[]] = [[], []];
    for (const a of page.recommendations)
      for (const b of page.recommendations)
        if (a.id < b.id) (a.row === b.row ? within : between).push(cosine(a.id, b.id));
    const mean = (of: number[]): number => of.reduce((sum, x) => sum + x, 0) / of.length;
    expect(mean(within)).toBeGreaterThan(mean(between) + 0.1);
  });
});

it('what is left out of a recipe for want of a column is told, for one and for many', async () => {
  const plain = makeFolder();
  try {
    const plays = Array.from({ length: 40 }, (_, at) => `u${at % 8},i${(at * 7) % 13}`);
    writeFileSync(join(plain.path, 'plays.csv'), `user,item\n${plays.join('\n')}\n`);
    await plain.segue(['train', 'plays.csv', '--factors', '4']);
    const { stdout, stderr } = await plain.segue(['recommend', 'u1', '--recipe', 'discover', '--explain']);
    const left = 'rescore.familiarity (no column artist), diversity.max-per-artist (no column artist)';
    expect(stdout.replace(/\s+/g, ' ')).toContain(`left out: ${left}`);
    expect(stderr.replace(/\s+/g, ' ')).toContain(
      `Warning: the recipe discover runs without ${left}: to have the columns, train with --items FILE, and --item-columns artist=NAME where they have other names`,
    );
    const many = await plain.segue(['recommend', '--all', '--recipe', 'discover', '--out', 'all.arrow']);
    expect(many.stderr.match(/runs without/g)).toHaveLength(1);
    const { metadata } = tableFromIPC(readFileSync(join(plain.path, 'all.arrow'))).schema;
    expect(JSON.parse(metadata.get('segue.left-out')!)).toEqual([
      { key: 'rescore.familiarity', column: 'artist' },
      { key: 'diversity.max-per-artist', column: 'artist' },
    ]);
  } finally {
    plain.remove();
  }
});

it('--dry-run checks a recipe without a snapshot, and prints it so that it can be saved', async () => {
  const { stdout } = await folder.segue(words`recommend --recipe start-page --dry-run --root nowhere`);
  const saved = join(folder.path, 'saved.yaml');
  writeFileSync(saved, stdout);
  const [again] = await folder.json(['recommend', '--recipe', saved, '--dry-run']);
  const [first] = await folder.json(['recommend', '--recipe', 'start-page', '--dry-run']);
  expect(again!['resolved']).toEqual(first!['resolved']);
  expect(first!['resolved']).toMatchObject({
    combine: 'ranks',
    rows: { count: 4, 'from-at-least': 5 },
    length: 6,
  });
  writeFileSync(saved, 'sources: user\nlenght: 3\n');
  const { stderr } = await folder.segue(['recommend', '--recipe', saved, '--dry-run'], 2);
  expect(stderr).toContain('line 2: the key "lenght" is not known; did you mean length?');
});

describe('recipe check', () => {
  it('explains every part, and says what a snapshot lacks for it', async () => {
    const plain = makeFolder();
    try {
      const mine = join(plain.path, 'mine.yaml');
      writeFileSync(
        mine,
        'sources: user\nfilters:\n  where: ID != "a" and year > 3\n  recent: 2y\ndiversity:\n  max-per-album: 2\n',
      );
      const before = await plain.segue(['recipe', 'check', mine]);
      expect(before.stdout).toMatch(/max-per-album +at most 2 of an album \(column album\)\n/);
      expect(before.stdout).toMatch(/checked +without a snapshot/);
      const unchecked = await plain.json(['recipe', 'check', mine]);
      expect(unchecked).toMatchObject([{ name: 'mine', snapshot: null }]);

      writeFileSync(join(plain.path, 'plays.csv'), 'user,item\nu,a\nu,b\nv,b\nv,c\nw,a\nw,c\n');
      const [{ snapshot } = {}] = await plain.json(['train', 'plays.csv', '--factors', '2']);
      const after = await plain.json(['recipe', 'check', mine, '--snapshot', 'latest']);
      expect(after).toMatchObject([
        {
          snapshot,
          parts: [
            { key: 'sources[0]', line: 1, columns: [], then: 'used' },
            { key: 'filters.leave-out', line: null, then: 'used' },
            { key: 'filters.where', line: 3, columns: ['ID', 'year'], missing: ['year'], then: 'refused' },
            { key: 'filters.recent', line: 4, missing: ['released'], then: 'refused' },
            { key: 'diversity.max-per-album', line: 6, missing: ['album'], then: 'left-out' },
            { key: 'length', line: null, does: '10 items' },
          ],
        },
      ]);
      const { stdout } = await plain.segue(['recipe', 'check', mine, '--snapshot', 'latest']);
      expect(stdout).toContain('at most 2 of an album — left out: no column album');
      expect(stdout).toMatch(/checked +snapshot \w+ cannot be used with it: filters\.where, filters\.recent/);
      await plain.segue(['recipe', 'check', mine, '--snapshot', 'gone'], 3);
    } finally {
      plain.remove();
    }
  });

  it('has all mistakes of a wrong one', async () => {
    const wrong = join(folder.path, 'wrong.yaml');
    writeFileSync(wrong, 'sources: usr\nlenght: 3\n');
    const { stderr } = await folder.segue(['recipe', 'check', wrong], 2);
    expect(stderr).toContain('line 1, sources[0]: wanted user or');
    expect(stderr).toContain('line 2: the key "lenght" is not known; did you mean length?');
    const meant = { recipes: 'list', 'recipe explain discover': 'check' };
    for (const [typed, verb] of Object.entries(meant))
      expect((await folder.segue(typed.split(' '), 2)).stderr).toContain(
        `did you mean segue recipe ${verb}?`,
      );
  });

  it('of every recipe that comes with segue says that it has what it reads', async () => {
    for (const recipe of words`discover feed new-releases new-user popular radio release-radar start-page`) {
      const { stdout } = await folder.segue(['recipe', 'check', recipe]);
      expect(stdout).toMatch(/checked +snapshot \w+ has every column that it reads/);
    }
  });
});
