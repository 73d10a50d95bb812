import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recommend, recommendByRecipe, type RecipeResult } from '#dist/core/library.js';
import { useCanaryHere } from '../helpers/canary-here.js';
import {
  idsOf,
  openRecipeRoot,
  otherStation,
  station,
  type CookOptions,
  type RecipeRoot,
} from '../helpers/recipe-root.js';
import { listening } from '../helpers/snapshots.js';
import { makeFolder, type Folder } from '../helpers/trained-root.js';

useCanaryHere();

let recipeRoot: RecipeRoot;
let folder: Folder;
let root = '';
let heard: RecipeRoot['heard'];
const cook: RecipeRoot['cook'] = (...args) => recipeRoot.cook(...args);

beforeAll(async () => {
  recipeRoot = await openRecipeRoot();
  ({ folder, root, heard } = recipeRoot);
});
afterAll(() => {
  folder.remove();
});

const artistsOf = ({ recommendations }: Pick<RecipeResult, 'recommendations'>): string[] =>
  recommendations.map((item) => String(item['artist']));
const most = (values: readonly string[]): number =>
  Math.max(...values.map((value) => values.filter((same) => same === value).length));
const answerOf = async (args: readonly string[]): Promise<RecipeResult> =>
  (await folder.json(['recommend', ...args]))[0] as unknown as RecipeResult;

describe('the recipes that come with segue', () => {
  it('are listed with what they are for, one of one’s own before one of the same name', async () => {
    const [list] = await folder.json(['recipe', 'list']);
    const recipes = list!['recipes'] as { name: string; about: string; from: string }[];
    expect(recipes.map(({ name }) => name)).toEqual([
      ...['discover', 'feed', 'new-user', 'popular', 'radio', 'release-radar', 'start-page'],
    ]);
    for (const { about, from } of recipes) expect([about.length > 10, from]).toEqual([true, 'segue']);
    const own = join(folder.path, 'segue-recipes');
    mkdirSync(own);
    writeFileSync(join(own, 'popular.yaml'), 'about: mine\nsources: popular\nlength: 2\n');
    writeFileSync(join(own, 'broken.yaml'), 'sources: nothing\n');
    const { stdout } = await folder.segue(['recipe', 'list']);
    expect(stdout).toMatch(/popular +mine/);
    expect(stdout).toMatch(/broken +cannot be read: .+line 1, sources\[0\]: wanted user or/);
    expect((await answerOf(['--recipe', 'popular'])).recommendations).toHaveLength(2);
    writeFileSync(join(own, 'popular.json'), '{"sources": "popular"}');
    const { stderr } = await folder.segue(['recommend', '--recipe', 'popular'], 2);
    expect(stderr).toContain('two files are the recipe popular');
    rmSync(own, { recursive: true });
  });

  it('discover gives what is unheard, one of an artist, less popular than the best by score', async () => {
    const [discover, plain] = await Promise.all([
      answerOf([station, '--recipe', 'discover']),
      answerOf([station]),
    ]);
    const ids = idsOf(discover);
    expect(ids).toHaveLength(10);
    expect(ids.filter((id) => heard.get(station)!.has(id))).toEqual([]);
    expect(most(artistsOf(discover))).toBe(1);
    const mean = (of: string[]): number =>
      of.reduce((sum, id) => sum + recipeRoot.plays.get(id)!, 0) / of.length;
    expect(mean(ids)).toBeLessThan(0.8 * mean(idsOf(plain)));
    expect(ids).not.toEqual(idsOf(plain));
  });

  it('radio goes on smoothly from its seeds, more so than by score, without them', async () => {
    const seeds = ['--seed-item', 'Come As You Are', '--seed-item', 'Plush'];
    const radio = await answerOf(['--recipe', 'radio', ...seeds]);
    const ids = idsOf(radio);
    expect(ids).toHaveLength(20);
    expect(ids).not.toContain('nirvana-come-as-you-are');
    expect(ids).not.toContain('stone-temple-pilots-plush');
    expect(most(artistsOf(radio))).toBeLessThanOrEqual(2);
    const { cosine } = recipeRoot;
    const smoothness = (of: readonly string[]): number =>
      of.slice(1).reduce((sum, id, at) => sum + cosine(of[at]!, id), 0) / (of.length - 1);
    const byScore = [...radio.recommendations].sort((a, b) => b.score - a.score).map(({ id }) => id);
    expect(smoothness(ids)).toBeGreaterThan(smoothness(byScore));
    const toSeeds = (id: string): number =>
      cosine('nirvana-come-as-you-are', id) + cosine('stone-temple-pilots-plush', id);
    expect(toSeeds(ids[0]!)).toBe(Math.max(...ids.map(toSeeds)));
  });

  it('release-radar gives only what is recent and unheard, and says so where nothing is', async () => {
    const radar = await answerOf([station, '--recipe', 'release-radar']);
    expect(radar.asOf).toMatch(/^2014-06-2/);
    expect(radar.recommendations.length).toBeGreaterThan(3);
    for (const item of radar.recommendations) {
      expect(Number(item['released'])).toBeGreaterThanOrEqual(2012);
      expect(heard.get(station)!.has(item.id)).toBe(false);
    }
    const late = ['recommend', station, '--recipe', 'release-radar', '--as-of', '2030-01-01'];
    const { stdout, stderr } = await folder.segue(late);
    expect(stdout).toContain('nothing is left to recommend');
    expect(stderr).toMatch(
      /release-radar\.yaml line \d+, filters\.recent: nothing was released in the 2y before 2030-01-01; the newest of 2221 items is of 2014-01-01/,
    );
  });

  it('feed goes on without repeats, with one slot in ten for what few have played', async () => {
    const pages = await Promise.all(
      ['1', '2', '3'].map((page) => answerOf([station, '--recipe', 'feed', '--page', page])),
    );
    const ids = pages.flatMap(idsOf);
    expect(new Set(ids).size).toBe(60);
    expect(ids.filter((id) => heard.get(station)!.has(id))).toEqual([]);
    for (const { recommendations } of pages) {
      const explored = recommendations.filter(({ slot }) => slot === 'explored');
      expect(explored).toHaveLength(2);
      for (const { id } of explored) expect(recipeRoot.plays.get(id)).toBeLessThanOrEqual(20);
    }
    const [first] = idsOf(pages[0]!);
    const later = await answerOf([station, '--recipe', 'feed', '--shown', `id:${first!}`]);
    expect(idsOf(later).indexOf(first!)).not.toBe(0);
  });

  it('start-page gives rows of different taste, each titled, no item twice', async () => {
    const page = await answerOf([station, '--recipe', 'start-page']);
    expect(page.rows!.length).toBeGreaterThanOrEqual(3);
    expect(new Set(idsOf(page)).size).toBe(page.recommendations.length);
    expect(idsOf(page).filter((id) => heard.get(station)!.has(id))).toEqual([]);
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

  it('new-user gives well-known items near a few likes, one of an artist', async () => {
    const answer = await answerOf(['--recipe', 'new-user', '--like', 'Come As You Are', '--like', 'Plush']);
    expect(answer).toMatchObject({ user: null, recipe: 'new-user' });
    expect(answer.recommendations).toHaveLength(10);
    expect(most(artistsOf(answer))).toBe(1);
    const plays = [...recipeRoot.plays.values()];
    const median = [...plays].sort((a, b) => a - b)[plays.length >> 1]!;
    for (const id of idsOf(answer)) expect(recipeRoot.plays.get(id)!).toBeGreaterThan(median);
    expect(idsOf(answer)).not.toEqual(idsOf(await cook('popular', { users: [] })));
  });

  it('popular gives what is played most, to anyone, without what a listener heard', async () => {
    const { ids, snapshots } = recipeRoot;
    const plays = [...recipeRoot.plays.values()];
    const byPlays = ids.map((_, row) => row).sort((a, b) => plays[b]! - plays[a]! || a - b);
    for (const model of snapshots.keys()) {
      const answer = await cook('popular', { model, users: [] });
      expect(idsOf(answer)).toEqual(byPlays.slice(0, 10).map((row) => ids[row]));
    }
    expect(idsOf(await cook('popular')).filter((id) => heard.get(station)!.has(id))).toEqual([]);
  });
});

describe('a recipe', () => {
  it('of the listener alone is the plain recommendation', async () => {
    for (const [model, snapshot] of recipeRoot.snapshots) {
      const usual = {
        root,
        snapshot,
        users: [station],
        like: [],
        dislike: [],
        exclude: [],
        includeHeard: false,
        k: 40,
      };
      const [plain] = await recommend(usual, listening());
      const answer = await cook('sources: user\nlength: 40\n', { model });
      expect(idsOf(answer)).toEqual(plain!.recommendations.map(({ id }) => id));
    }
  });

  it('is cooked as its steps say: blend, discount, diversity', async () => {
    const { ids, cosine } = recipeRoot;
    const [plays, artists] = [[...recipeRoot.plays.values()], [...recipeRoot.artists.values()]];
    const usual = { root, users: [station], like: [], dislike: [], exclude: [], includeHeard: false };
    const [plain] = await recommend({ ...usual, k: 60 }, listening());
    const byUser = plain!.recommendations.map(({ id, score }) => ({
      id,
      scaled: score / plain!.recommendations[0]!.score,
    }));
    const unheard = ids.map((_, row) => row).filter((row) => !heard.get(station)!.has(ids[row]!));
    const byPlays = unheard.sort((a, b) => plays[b]! - plays[a]! || a - b).slice(0, 40);
    const mean = plays.reduce((sum, n) => sum + n, 0) / plays.length;
    const relevance = new Map<string, number>();
    for (const { id, scaled } of byUser) relevance.set(id, (2 / 3) * Math.max(0, scaled));
    for (const row of byPlays) {
      const id = ids[row]!;
      relevance.set(id, (relevance.get(id) ?? 0) + (1 / 3) * (plays[row]! / plays[byPlays[0]!]!));
    }
    const scored = [...relevance]
      .map(([id, value]) => ({ id, score: value * (plays[ids.indexOf(id)]! / mean) ** -0.5 }))
      .sort((a, b) => b.score - a.score);
    const wanted: string[] = [];
    while (wanted.length < 15) {
      const open = scored.filter(({ id }) => {
        const artist = artists[ids.indexOf(id)];
        return (
          !wanted.includes(id) && wanted.filter((one) => artists[ids.indexOf(one)] === artist).length < 2
        );
      });
      const value = ({ id, score }: { id: string; score: number }): number =>
        (0.6 * score) / scored[0]!.score -
        0.4 * (wanted.length === 0 ? 0 : Math.max(...wanted.map((one) => cosine(one, id))));
      const highest = Math.max(...open.map(value));
      wanted.push(open.find((one) => value(one) === highest)!.id);
    }
    const answer = await cook(`sources:
  - {source: user, take: 60, weight: 2}
  - {source: popular, take: 40}
rescore: {popularity-discount: 0.5}
diversity: {mmr: 0.6, max-per-artist: 2}
length: 15
`);
    expect(idsOf(answer)).toEqual(wanted);
  });

  it('gives as many as there are, taking more where its caps leave too few', async () => {
    const answer = await cook(
      'sources: {source: user, take: 2}\ndiversity: {max-per-artist: 1}\nlength: 200\n',
    );
    expect(answer.recommendations).toHaveLength(200);
    expect(most(artistsOf(answer))).toBe(1);
    const all = await cook(
      'sources: {source: user, take: 10}\ndiversity: {max-per-artist: 1}\nlength: 1000\n',
    );
    expect(all.recommendations.length).toBeLessThan(1000);
    expect(all.recommendations.length).toBeGreaterThan(300);
  });

  it('obeys bans, dislikes and --exclude, and keeps what was heard only where it says so', async () => {
    const text = 'sources: user\nfilters: {leave-out: nothing}\nlength: 50\n';
    const before = idsOf(await cook(text));
    expect(before.some((id) => heard.get(station)!.has(id))).toBe(true);
    const after = idsOf(await cook(text, { dislike: [`id:${before[0]!}`], exclude: [`id:${before[1]!}`] }));
    expect(after).not.toContain(before[0]);
    expect(after).not.toContain(before[1]);
    const kept = idsOf(await cook('sources: user\nlength: 50\n', { includeHeard: true }));
    expect(kept).toEqual(before);
    const excluded = idsOf(
      await cook(text.replace('nothing', 'nothing, exclude: [id:XX]').replace('XX', before[2]!)),
    );
    expect(excluded).not.toContain(before[2]);
  });

  it('filters inside the search, by its own condition and by those that are given', async () => {
    const text = `sources: {source: user, take: 5}
filters:
  where: released < 1966
length: 10
`;
    const old = await cook(text);
    expect(old.recommendations).toHaveLength(10);
    for (const item of old.recommendations) expect(Number(item['released'])).toBeLessThan(1966);
    const fewer = await cook(text, { where: 'artist = "The Beatles"' });
    expect(fewer.recommendations.length).toBeGreaterThan(0);
    for (const item of fewer.recommendations) {
      expect(item['artist']).toBe('The Beatles');
      expect(Number(item['released'])).toBeLessThan(1966);
    }
    await expect(cook('sources: user\nfilters:\n  where: genre = "jazz"\n')).rejects.toMatchObject({
      code: 'bad-usage',
      message: expect.stringMatching(/mine\.yaml line 3, filters\.where, character 1: .*genre/),
      details: { line: 3, key: 'filters.where' },
    });
  });

  it('folds the listener in with the half-life that it says', async () => {
    const asked = { asOf: '2014-06-17' };
    const usual = await cook('sources: user\nlength: 30\n', asked);
    for (const model of ['als', 'ease', 'item2vec']) {
      const aged = await cook('sources: {source: user, half-life: 1h}\nlength: 30\n', { ...asked, model });
      expect(aged.asOf).toBe('2014-06-17T00:00:00.000Z');
      expect(aged.recommendations).toHaveLength(30);
      if (model === 'als') expect(idsOf(aged)).not.toEqual(idsOf(usual));
    }
    await expect(
      cook('sources: {source: user, half-life: 1h}\nlength: 3\n', { model: 'popularity' }),
    ).rejects.toMatchObject({
      code: 'missing-part',
      details: { line: 1, key: 'sources[0].half-life' },
    });
  });

  it('finds neighbours of a history one by one, and says which', async () => {
    for (const model of ['als', 'ease', 'item2vec']) {
      const text = 'sources: {source: similar-to-history, items: 3, pick: recent}\nlength: 20\n';
      const answer = await cook(text, { model, explain: true });
      expect(answer.recommendations).toHaveLength(20);
      const near = answer.recommendations.map(({ ingredients }) => {
        const [first] = ingredients!;
        return first!.ingredient === 'source' ? first!.near!.id : '';
      });
      expect(new Set(near).size).toBeLessThanOrEqual(3);
      for (const id of near) expect(heard.get(station)!.has(id)).toBe(true);
    }
  });

  it('counts listeners of late, where popular is within a time', async () => {
    const answer = await cook(
      'sources: {source: popular, within: 1d}\nfilters: {leave-out: nothing}\nlength: 5\n',
      {
        users: [],
        explain: true,
      },
    );
    const [{ score }] = answer.recommendations[0]!.ingredients as unknown as [{ score: number }];
    expect(score).toBeLessThanOrEqual(172);
    expect(answer.asOf).not.toBeNull();
  });

  it('has the same answer for several users as for each', async () => {
    const both = await recommendByRecipe(
      {
        ...{
          root,
          recipe: 'discover',
          users: [station, otherStation],
          like: [],
          dislike: [],
          seedItems: [],
          exclude: [],
        },
        ...{ includeHeard: false, explain: true },
      },
      listening(),
    );
    expect(both).toEqual([
      await cook('discover', { explain: true }),
      await cook('discover', { explain: true, users: [otherStation] }),
    ]);
  });

  it('compares rows of the item × item matrix, where items have no vectors', async () => {
    for (const recipe of ['discover', 'start-page']) {
      const answer = await cook(recipe, { model: 'ease' });
      expect(answer.recommendations.length).toBeGreaterThanOrEqual(10);
    }
    const radio = await cook('radio', { model: 'ease', users: [], seedItems: ['Plush'] });
    expect(radio.recommendations).toHaveLength(20);
  });

  it('explains every item by what adds up to its score', async () => {
    const text = `sources: [user, {source: popular, weight: 0.5}]
rescore: {popularity-discount: 0.2, familiarity: 1, freshness: {half-life: 5y}}
diversity: {mmr: 0.6, max-per-artist: 1}
order: smooth
length: 12
`;
    const answer = await cook(text, { explain: true });
    for (const { score, ingredients } of answer.recommendations) {
      let [sum, product] = [0, 1];
      for (const one of ingredients!) {
        if (one.ingredient === 'source') sum += one.share;
        if (one.ingredient === 'factor') product *= one.factor;
      }
      expect(sum * product).toBeCloseTo(score, 10);
    }
    const places = answer.recommendations.map(({ ingredients }) => ingredients!.at(-1)!);
    expect(places.map((one) => (one.ingredient === 'place' ? one.chosen : 0)).sort((a, b) => a - b)).toEqual(
      places.map((_, at) => at + 1),
    );
    for (const { because } of answer.passedOver!) expect(['mmr', 'max-per-artist']).toContain(because.key);
  });
});

describe('a recipe that cannot be made', () => {
  it.each<[string, string, CookOptions, string, string, string]>([
    ['no user is named', 'sources: user\n', { users: [] }, 'bad-usage', 'sources[0]', 'no user is named'],
    [
      'nobody likes anything',
      'sources: user\n',
      { users: [], dislike: ['Plush'] },
      'bad-usage',
      'sources[0]',
      'has only dislikes and bans',
    ],
    [
      'familiar to nobody',
      'sources: popular\nrescore: {familiarity: 1}\n',
      { users: [] },
      'bad-usage',
      'rescore.familiarity',
      'no user is named',
    ],
    ['no seeds', 'sources: [user, seeds]\n', {}, 'bad-usage', 'sources[1]', 'it has no items to start from'],
    [
      'a seed that is no item',
      'sources: {source: seeds, items: Plusch}\n',
      {},
      'item-not-found',
      'sources[0].items',
      'no item is called "Plusch"',
    ],
    [
      'excluding no item',
      'sources: user\nfilters:\n  exclude: Plusch\n',
      {},
      'item-not-found',
      'filters.exclude',
      'no item is called "Plusch"',
    ],
    [
      'nothing to compare',
      'sources: user\ndiversity:\n  mmr: 0.5\n',
      { model: 'popularity' },
      'missing-part',
      'diversity.mmr',
      'scores every item by itself',
    ],
    [
      'nothing near',
      'sources: seeds\n',
      { model: 'popularity', seedItems: ['Plush'] },
      'missing-part',
      'sources[0]',
      'scores every item by itself',
    ],
    [
      'no rows of it',
      'sources: user\nrows: 2\n',
      { model: 'popularity' },
      'missing-part',
      'rows',
      'scores every item by itself',
    ],
    [
      'no order of it',
      'sources: user\norder: smooth\n',
      { model: 'popularity' },
      'missing-part',
      'order',
      'scores every item by itself',
    ],
  ])('says so with its line and key: %s', async (_, text, options, code, key, message) => {
    await expect(cook(text, options)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
      details: { file: join(folder.path, 'mine.yaml'), line: expect.any(Number), key },
    });
  });

  it('of items without names and times says what it needs', async () => {
    const plain = makeFolder();
    try {
      writeFileSync(join(plain.path, 'plays.csv'), 'user,item\nu,a\nu,b\nv,b\nv,c\nw,a\nw,c\n');
      await plain.segue(['train', 'plays.csv', '--factors', '2']);
      const failing = async (args: readonly string[]): Promise<string> =>
        (await plain.segue(['recommend', 'u', ...args], 2)).stderr;
      expect(await failing(['--recipe', 'release-radar'])).toMatch(
        /release-radar\.yaml line \d+, filters\.recent: it counts back from a moment, and no event of snapshot/,
      );
      expect(await failing(['--recipe', 'release-radar', '--as-of', '2014-06-20'])).toMatch(
        /filters\.recent: it needs the column released, and snapshot \w+ has id, name/,
      );
      await plain.segue(['recommend', '--recipe', 'popular']);
      writeFileSync(
        join(plain.path, 'mine.yaml'),
        'sources: [user, {source: user, half-life: 3d}]\nrows: {count: 2, from-at-least: 1}\n',
      );
      expect(await failing(['--recipe', 'mine.yaml'])).toMatch(
        /mine\.yaml line 1, sources\[1\]\.half-life: it counts back/,
      );
      writeFileSync(join(plain.path, 'mine.yaml'), 'sources: user\nrows: {count: 2, from-at-least: 1}\n');
      const [page] = await plain.json(['recommend', 'u', '--recipe', 'mine.yaml']);
      expect(page).toMatchObject({
        recommendations: [{ id: 'c', row: 1 }],
        rows: [{ title: expect.stringMatching(/^Because you listen to [ab]/) }],
      });
    } finally {
      plain.remove();
    }
  });

  it('leaves factors and caps out where a catalogue lacks their column, and says so, for one and for many', async () => {
    const plain = makeFolder();
    try {
      const plays = Array.from(
        { length: 40 },
        (_, at) => `u${at % 8},i${(at * 7) % 13},2014-06-${10 + (at % 9)}`,
      );
      writeFileSync(join(plain.path, 'plays.csv'), `user,item,time\n${plays.join('\n')}\n`);
      await plain.segue(['train', 'plays.csv', '--factors', '4']);
      await plain.segue(['publish']);
      const byArtist = { key: 'diversity.max-per-artist', column: 'artist' };
      const familiarity = { key: 'rescore.familiarity', column: 'artist' };
      const shipped: [string, string[], object[] | undefined][] = [
        ['discover', ['u1'], [familiarity, byArtist]],
        ['new-user', ['--like', 'i1'], [byArtist]],
        ['radio', ['--seed-item', 'i1'], [byArtist]],
        ['start-page', ['u1'], [byArtist]],
        ['popular', [], undefined],
        ['feed', ['u1'], undefined],
      ];
      for (const [recipe, asked, leftOut] of shipped) {
        const { stdout, stderr } = await plain.segue(['recommend', ...asked, '--recipe', recipe, '--json']);
        const answer = JSON.parse(stdout) as RecipeResult;
        expect([recipe, answer.leftOut]).toEqual([recipe, leftOut]);
        expect(answer.recommendations.length).toBeGreaterThan(0);
        expect(stderr.match(/Warning: .*runs without/g) ?? []).toHaveLength(leftOut === undefined ? 0 : 1);
      }
      const { stdout, stderr } = await plain.segue(['recommend', 'u1', '--recipe', 'discover', '--explain']);
      const left = 'rescore.familiarity (no column artist), diversity.max-per-artist (no column artist)';
      expect(stdout.replace(/\s+/g, ' ')).toContain(`left out: ${left}`);
      expect(stderr.replace(/\s+/g, ' ')).toContain(
        `Warning: the recipe discover runs without ${left}: to have the columns, train with --items FILE, and --item-columns artist=NAME where they have other names`,
      );

      const everyone = ['u0', 'u1', 'u2', 'u3', 'u4', 'u5', 'u6', 'u7'];
      const one = await plain.segue(['recommend', ...everyone, '--recipe', 'discover', '--json']);
      const many = await plain.segue(['recommend', '--all', '--recipe', 'discover', '--format', 'ndjson']);
      const lines = (text: string): string[] => text.trimEnd().split('\n').sort();
      expect(lines(many.stdout)).toEqual(lines(one.stdout));
      expect(many.stderr.match(/runs without/g)).toHaveLength(1);
      await plain.segue(['recommend', '--all', '--recipe', 'discover', '--out', 'all.arrow']);
      const { metadata } = tableFromIPC(readFileSync(join(plain.path, 'all.arrow'))).schema;
      expect(JSON.parse(metadata.get('segue.left-out')!)).toEqual([familiarity, byArtist]);

      // As if the recipe did not say it, but for saying so.
      writeFileSync(join(plain.path, 'with.yaml'), 'sources: user\ndiversity: {max-per-album: 1}\n');
      writeFileSync(join(plain.path, 'without.yaml'), 'sources: user\n');
      const [capped] = await plain.json(['recommend', 'u1', '--recipe', './with.yaml']);
      const [free] = await plain.json(['recommend', 'u1', '--recipe', './without.yaml']);
      const leftOut = [{ key: 'diversity.max-per-album', column: 'album' }];
      expect(capped).toEqual({ ...free, recipe: 'with', leftOut });

      // A filter says what an answer is: without it there is none.
      const radar = await plain.segue(['recommend', 'u1', '--recipe', 'release-radar'], 2);
      expect(radar.stderr).toMatch(/filters\.recent: it needs the column released/);
      expect(radar.stderr).not.toContain('runs without');
    } finally {
      plain.remove();
    }
  });

  it('or a flag that it has no use for, is an error of usage', async () => {
    const failing = async (args: readonly string[]): Promise<string> =>
      (await folder.segue(['recommend', ...args], 2)).stderr;
    expect(await failing(['--recipe', 'discoverr'])).toContain('did you mean discover?');
    expect(await failing(['--recipe', './gone.yaml'])).toContain('there is no such file');
    expect(await failing([station, '--recipe', 'popular', '--seed-item', 'Plush'])).toContain(
      'has no source seeds',
    );
    expect(await failing([station, '--seed-item', 'Plush'])).toContain('--recipe');
    expect(await failing([station, '--recipe', 'popular', '--why-not', 'Plush'])).toContain(
      'leave --recipe out',
    );
  });
});

describe('--dry-run', () => {
  it('checks a recipe without a snapshot, and prints it so that it can be saved', async () => {
    const { stdout } = await folder.segue([
      'recommend',
      '--recipe',
      'start-page',
      '--dry-run',
      '--root',
      'nowhere',
    ]);
    const saved = join(folder.path, 'saved.yaml');
    writeFileSync(saved, stdout);
    const [again] = await folder.json(['recipe', 'show', saved]);
    const [first] = await folder.json(['recipe', 'show', 'start-page']);
    expect(again!['resolved']).toEqual(first!['resolved']);
    expect(first!['resolved']).toMatchObject({
      combine: 'ranks',
      rows: { count: 4, 'from-at-least': 5 },
      length: 6,
    });
    writeFileSync(saved, 'sources: user\nlenght: 3\n');
    const { stderr } = await folder.segue(['recipe', 'show', saved], 2);
    expect(stderr).toContain('line 2: the key "lenght" is not known; did you mean length?');
  });
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

  it('has all mistakes of a wrong one, and is named where something else is typed', async () => {
    const wrong = join(folder.path, 'wrong.yaml');
    writeFileSync(wrong, 'sources: usr\nlenght: 3\n');
    const { stderr } = await folder.segue(['recipe', 'check', wrong], 2);
    expect(stderr).toContain('line 1, sources[0]: wanted user or');
    expect(stderr).toContain('line 2: the key "lenght" is not known; did you mean length?');
    for (const [meant, ...typed] of [
      ['list', 'recipes'],
      ['check', 'recipe', 'explain', 'discover'],
    ])
      expect((await folder.segue(typed, 2)).stderr).toContain(`did you mean segue recipe ${meant}?`);
  });

  it('of every recipe that comes with segue says that it has what it reads', async () => {
    for (const recipe of [
      'discover',
      'feed',
      'new-user',
      'popular',
      'radio',
      'release-radar',
      'start-page',
    ]) {
      const { stdout } = await folder.segue(['recipe', 'check', recipe]);
      expect(stdout).toMatch(/checked +snapshot \w+ has every column that it reads/);
    }
  });
});
