import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addFeedback, type RecipeItem, type RecipeResult } from '#dist/core/library.js';
import { useCanaryHere } from '../helpers/canary-here.js';
import {
  idsOf,
  openRecipeRoot,
  otherStation,
  station,
  type CookOptions,
  type RecipeRoot,
} from '../helpers/recipe-root.js';
import type { Folder } from '../helpers/trained-root.js';

useCanaryHere();

let recipeRoot: RecipeRoot;
let folder: Folder;
let root = '';
let heard: ReadonlySet<string>;
let plays: RecipeRoot['plays'];
let artists: RecipeRoot['artists'];
let cosine: RecipeRoot['cosine'];
const cook: RecipeRoot['cook'] = (...args) => recipeRoot.cook(...args);

beforeAll(async () => {
  recipeRoot = await openRecipeRoot();
  ({ folder, root, plays, artists, cosine } = recipeRoot);
  heard = recipeRoot.heard.get(station)!;
});
afterAll(() => {
  folder.remove();
});

const inSlot = ({ recommendations }: RecipeResult, slot: RecipeItem['slot']): RecipeItem[] =>
  recommendations.filter((item) => item.slot === slot);
const ranksOf = (items: readonly RecipeItem[]): number[] => items.map(({ rank }) => rank);

const promoting = `sources: user
promote: {share: 20%, where: 'artist = "Queen"'}
length: 10
`;
const exploring = `sources: user
explore: {share: 10%, max-events: 5, from: 40, seed: 7}
length: 20
`;
const both = `sources:
  - {source: user, take: 100, weight: 2}
  - {source: similar-to-history, take: 100}
combine: ranks
diversity: {mmr: 0.7, max-per-artist: 2}
promote: {share: 20%, where: 'artist = "Queen" or artist = "Rush"', items: [Plush]}
explore: {share: 10%, max-events: 5, seed: 7, every: 1d}
length: 10
`;

describe('promote', () => {
  it('gives a share of the slots to the best of its items, and leaves the rest as it would be', async () => {
    const plain = await cook('sources: user\nlength: 1000\n');
    const scores = new Map(plain.recommendations.map(({ id, score }) => [id, score]));
    for (const k of [1, 2, 3, 7, 10, 25]) {
      const answer = await cook(promoting, { k });
      const promoted = inSlot(answer, 'promoted');
      expect(promoted).toHaveLength(Math.floor(k * 0.2 + 0.5));
      for (const { id } of promoted) expect(artists.get(id)).toBe('Queen');
      expect(ranksOf(promoted)).toEqual([3, 8, 13, 18, 23].slice(0, promoted.length));
      // The best of them that are not there by score, with the scores that they have anyway.
      const byScore = inSlot(answer, undefined);
      const wanted = idsOf(plain).filter((id) => artists.get(id) === 'Queen');
      for (const { id, score } of answer.recommendations) expect(scores.get(id)).toBe(score);
      expect(promoted.map(({ id }) => id)).toEqual(
        wanted
          .filter((id) => !byScore.some((item) => item.id === id && item.rank < 23))
          .slice(0, promoted.length),
      );
      const taken = new Set(promoted.map(({ id }) => id));
      expect(byScore.map(({ id }) => id)).toEqual(
        idsOf(plain)
          .filter((id) => !taken.has(id))
          .slice(0, k - promoted.length),
      );
    }
  });

  it('never gives what is banned, disliked, seen, excluded or filtered', async () => {
    const first = inSlot(await cook(promoting), 'promoted').map(({ id }) => id);
    expect(first).toHaveLength(2);
    const without = async (options: CookOptions): Promise<string[]> =>
      inSlot(await cook(promoting, { k: 200, ...options }), 'promoted').map(({ id }) => id);
    expect(await without({ exclude: [`id:${first[0]!}`] })).not.toContain(first[0]);
    expect(await without({ dislike: [`id:${first[0]!}`] })).not.toContain(first[0]);
    expect(await without({ where: 'released >= 1980' })).not.toEqual(await without({}));
    for (const id of await without({})) expect(heard).not.toContain(id);
    expect((await without({ includeHeard: true })).some((id) => heard.has(id))).toBe(true);
    // Named by id, and banned in the ledger: it is not shown, whatever is promoted.
    const named = `sources: user\npromote: {share: 100%, items: ['id:${first[0]!}', 'id:${first[1]!}']}\nlength: 4\n`;
    expect(
      inSlot(await cook(named), 'promoted')
        .map(({ id }) => id)
        .sort(),
    ).toEqual([...first].sort());
    await addFeedback({ root, user: station, item: `id:${first[0]!}`, type: 'ban' });
    const after = await cook(named);
    expect(inSlot(after, 'promoted').map(({ id }) => id)).toEqual([first[1]]);
    expect(idsOf(after)).not.toContain(first[0]);
    // Those who did not ban it still get it.
    expect(idsOf(await cook(named, { users: [otherStation], includeHeard: true }))).toContain(first[0]);
    await addFeedback({ root, user: station, item: `id:${first[0]!}`, type: 'unban' });
  });

  it('gives as many as there are, within the caps', async () => {
    const capped = await cook(`${promoting}diversity: {max-per-artist: 1}\n`);
    expect(inSlot(capped, 'promoted')).toHaveLength(1);
    expect(capped.recommendations).toHaveLength(10);
    const none = await cook("sources: user\npromote: {share: 50%, where: artist = 'Nobody'}\n");
    expect(inSlot(none, 'promoted')).toEqual([]);
    expect(idsOf(none)).toEqual(idsOf(await cook('sources: user\n')));
  });
});

describe('explore', () => {
  it('draws a share of the slots from items that few have played', async () => {
    const answer = await cook(exploring, { explain: true });
    const explored = inSlot(answer, 'explored');
    expect(ranksOf(explored)).toEqual([5, 15]);
    for (const { id, ingredients } of explored) {
      expect(plays.get(id)!).toBeLessThanOrEqual(5);
      expect(heard).not.toContain(id);
      expect(ingredients).toContainEqual({
        ingredient: 'slot',
        key: 'explore',
        drawn: expect.any(Number),
        of: 40,
      });
    }
    // From the best forty of them by score.
    const few = 'sources: {source: user, take: 3000}\nlength: 1000\n';
    const best = idsOf(await cook(few, { k: 3000 }))
      .filter((id) => plays.get(id)! <= 5)
      .slice(0, 40);
    const all = inSlot(await cook(exploring.replace('10%', '100%'), { k: 40 }), 'explored');
    expect(all.map(({ id }) => id).sort()).toEqual([...best].sort());
    expect(all.map(({ id }) => id)).not.toEqual(best);
    expect(all.slice(0, 2).map(({ id }) => id)).toEqual(explored.map(({ id }) => id));
  });

  it('draws the same again, and anew for another seed, user or time', async () => {
    const drawn = async (text: string, options: CookOptions = {}): Promise<string[]> =>
      inSlot(await cook(text, options), 'explored').map(({ id }) => id);
    const many = exploring.replace('10%', '50%');
    const first = await drawn(many);
    expect(first).toHaveLength(10);
    expect(await drawn(many)).toEqual(first);
    expect(await drawn(many.replace('seed: 7', 'seed: 8'))).not.toEqual(first);
    expect(await drawn(many, { users: [otherStation] })).not.toEqual(first);
    const daily = many.replace('seed: 7', 'seed: 7, every: 1d');
    const at = (asOf: string): Promise<string[]> => drawn(daily, { asOf });
    expect(await at('2014-06-20T01:00Z')).toEqual(await at('2014-06-20T23:00Z'));
    expect(await at('2014-06-21T01:00Z')).not.toEqual(await at('2014-06-20T23:00Z'));
    // A draw that lasts for good knows no time.
    expect(await drawn(many, { asOf: '2030-01-01' })).toEqual(first);
    expect((await cook(daily)).asOf).toMatch(/^2014-06-2/);
  });

  it('never draws what is banned, excluded or filtered', async () => {
    const all = exploring.replace('10%', '100%');
    const [first] = idsOf(await cook(all));
    expect(idsOf(await cook(all, { exclude: [`id:${first!}`] }))).not.toContain(first);
    await addFeedback({ root, user: station, item: `id:${first!}`, type: 'ban' });
    expect(idsOf(await cook(all, { k: 100 }))).not.toContain(first);
    await addFeedback({ root, user: station, item: `id:${first!}`, type: 'unban' });
    const old = await cook(all, { where: 'released < 1975', k: 10 });
    for (const item of old.recommendations) expect(Number(item['released'])).toBeLessThan(1975);
    const recent = await cook(
      "sources: user\nexplore: {share: 100%, recent: 10y, where: 'released != 2010'}\n",
    );
    for (const item of inSlot(recent, 'explored')) {
      expect(Number(item['released'])).toBeGreaterThanOrEqual(2004);
      expect(item['released']).not.toBe(2010);
    }
    expect(inSlot(recent, 'explored').length).toBeGreaterThan(3);
  });
});

describe('min-score', () => {
  it('ends an answer where nothing scores as much, and says so', async () => {
    const plain = await cook('sources: user\nlength: 1000\n');
    const enough = plain.recommendations.filter(({ score }) => score >= 0.6);
    const text = 'sources: user\nfilters: {min-score: 0.6}\nlength: 1000\n';
    expect((await cook(text)).recommendations).toEqual(enough);
    const { stderr } = await folder.segue(['recommend', station, '--recipe', join(folder.path, 'mine.yaml')]);
    expect(stderr).toContain(
      `${enough.length} of 1000 items were found by the recipe mine, whose min-score is 0.6`,
    );
    expect((await cook(text.replace('0.6', '0'))).recommendations.length).toBeGreaterThan(enough.length);
  });

  it('of a source is of its own scores', async () => {
    const all = await cook('sources: popular\nlength: 1000\n', { users: [] });
    const least = plays.get(idsOf(all)[9]!)!;
    const most = await cook(`sources: {source: popular, min-score: ${least}}\nlength: 1000\n`, { users: [] });
    expect(idsOf(most)).toEqual(idsOf(all).filter((id) => plays.get(id)! >= least));
    expect(idsOf(most).length).toBeGreaterThanOrEqual(10);
    const near = 'sources: {source: seeds, items: Plush}\nlength: 500\n';
    const cosines = (await cook(near, { users: [], explain: true })).recommendations.map(
      ({ id, ingredients }) => {
        const [source] = ingredients!;
        return { id, cosine: source!.ingredient === 'source' ? source!.score : 0 };
      },
    );
    const bound = Number(cosines[19]!.cosine.toFixed(3));
    const found = await cook(near.replace('Plush', `Plush, min-score: ${bound}`), { users: [] });
    expect(idsOf(found)).toEqual(cosines.filter(({ cosine }) => cosine >= bound).map(({ id }) => id));
    expect(idsOf(found).length).toBeLessThan(30);
  });

  it('keeps promoted items out, and not what is drawn', async () => {
    const text = `sources: user
filters: {min-score: 0.6}
promote: {share: 50%, where: 'artist = "Rush"'}
explore: {share: 50%, max-events: 5}
`;
    const answer = await cook(text, { explain: true });
    expect(inSlot(answer, 'explored').some(({ score }) => score < 0.6)).toBe(true);
    for (const { score } of [...inSlot(answer, 'promoted'), ...inSlot(answer, undefined)])
      expect(score).toBeGreaterThanOrEqual(0.6);
  });
});

describe('what was shown before', () => {
  it('counts what the recipe says, and stays where there is nothing better', async () => {
    const text = 'sources: user\nrescore: {shown: 0.5}\nlength: 10\n';
    const before = await cook(text);
    const shown = idsOf(before).slice(0, 4);
    const after = await cook(text, { shown: shown.map((id) => `id:${id}`), k: 300, explain: true });
    const whole = await cook(text, { k: 1000 });
    const wanted = whole.recommendations
      .map(({ id, score }) => ({ id, score: shown.includes(id) ? score * 0.5 : score }))
      .sort((a, b) => b.score - a.score)
      .slice(0, 300);
    expect(after.recommendations.map(({ id, score }) => ({ id, score }))).toEqual(wanted);
    const again = after.recommendations.find(({ id }) => id === shown[0])!;
    expect(again.ingredients).toContainEqual({ ingredient: 'factor', key: 'shown', factor: 0.5 });
    expect(idsOf(after).slice(0, 10)).not.toEqual(idsOf(before));
  });

  it('means nothing to a recipe that does not say', async () => {
    await expect(cook('sources: user\n', { shown: ['Plush'] })).rejects.toMatchObject({
      code: 'bad-usage',
      message: '`shown`: the recipe mine does not say what that counts',
    });
    await expect(cook('sources: user\nrescore: {shown: 0.5}\n', { shown: ['Plusch'] })).rejects.toMatchObject(
      { code: 'item-not-found' },
    );
  });
});

describe('pages', () => {
  it.each([
    ['by score', 'sources: user\n'],
    ['promoted and explored', both],
    ['from few candidates', 'sources: {source: user, take: 7}\ndiversity: {mmr: 0.6, max-per-artist: 2}\n'],
    ['re-scored', 'sources: [{source: user, take: 15}, popular]\nrescore: {popularity-discount: 0.4}\n'],
  ])('are disjoint, and together the longer answer, to the byte: %s', async (_, text) => {
    for (const k of [1, 6, 10]) {
      const whole = await cook(text, { k: 5 * k });
      const pages: RecipeItem[] = [];
      for (let page = 1; page <= 5; page++) {
        const answer = await cook(text, { k, page });
        expect(answer.page).toBe(page);
        expect(answer.recommendations).toHaveLength(k);
        pages.push(...answer.recommendations);
      }
      expect(JSON.stringify(pages)).toBe(JSON.stringify(whole.recommendations));
      expect(new Set(pages.map(({ id }) => id)).size).toBe(5 * k);
    }
    expect(await cook(text, { page: 1 })).toEqual({ ...(await cook(text)), page: 1 });
  });

  it('hold the caps together, as one answer does', async () => {
    const text = 'sources: {source: user, take: 20}\ndiversity: {max-per-artist: 1}\nlength: 20\n';
    const seen: string[] = [];
    for (let page = 1; page <= 4; page++)
      for (const { id } of (await cook(text, { page })).recommendations) seen.push(artists.get(id)!);
    expect(new Set(seen).size).toBe(80);
  });

  it('of a smooth order go on where the one before ended', async () => {
    const text = 'sources: {source: seeds, items: Plush}\norder: smooth\nlength: 8\n';
    const whole = idsOf(await cook(text, { users: [], k: 24 }));
    const pages: string[][] = [];
    for (let page = 1; page <= 3; page++) {
      const answer = await cook(text, { users: [], page, explain: true });
      const [first] = answer.recommendations;
      expect(first!.rank).toBe(8 * (page - 1) + 1);
      const place = first!.ingredients!.at(-1)!;
      expect(place.ingredient === 'place' && (place.toPrevious === null) === (page === 1)).toBe(true);
      pages.push(idsOf(answer));
    }
    for (const [at, page] of pages.slice(1).entries()) {
      const last = pages[at]!.at(-1)!;
      expect(cosine(last, page[0]!)).toBe(Math.max(...page.map((id) => cosine(last, id))));
    }
    expect(pages.flat().sort()).toEqual([...whole].sort());
  });

  it('end where there is nothing more', async () => {
    const last = await cook('sources: user\nfilters: {where: \'artist = "Queen"\'}\n', { page: 100 });
    expect(last).toMatchObject({ page: 100, recommendations: [] });
  });

  it('of a start page there are none, nor beyond what one answer may hold', async () => {
    await expect(cook('sources: user\nrows: 3\n', { page: 2 })).rejects.toMatchObject({
      code: 'bad-usage',
      message: expect.stringMatching(/mine\.yaml line 2, rows: a start page has no further pages/),
    });
    await expect(cook('sources: user\nlength: 1000\n', { page: 1001 })).rejects.toMatchObject({
      code: 'bad-usage',
      message: '`page` 1001 of 1000 items each: wanted 1000000 items at most',
      suggestions: ['`page` 1000, or fewer items a page'],
    });
    const failing = async (args: readonly string[]): Promise<string> =>
      (await folder.segue(['recommend', ...args], 2)).stderr;
    expect(await failing([station, '--page', '2'])).toContain('--recipe');
    expect(await failing([station, '--recipe', 'discover', '--page', '0'])).toContain(
      'wanted a whole number from 1',
    );
    expect(await failing(['--all', '--recipe', 'discover', '--page', '2', '--format', 'csv'])).toContain(
      'is for the first page',
    );
  });
});

describe('one and many', () => {
  it('have the same bytes, with every part at once', async () => {
    const path = join(folder.path, 'all.yaml');
    writeFileSync(path, both);
    appendFileSync(path, 'filters: {min-score: 0.05}\nrescore: {shown: 0.5, familiarity: -0.3}\n');
    const users = [station, otherStation, 'WXGL/2014-06-17'];
    await addFeedback({ root, user: otherStation, item: 'Plush', type: 'ban' });
    for (const more of [
      [],
      ['--page', '2'],
      ['--shown', 'Plush', '--shown', 'Tom Sawyer', '-k', '23', '--as-of', '2014-07-01'],
    ]) {
      const asked = ['--recipe', path, ...more];
      const one = await folder.segue(['recommend', ...users, ...asked, '--json']);
      const listed = join(folder.path, 'users.txt');
      writeFileSync(listed, `${users.join('\n')}\n`);
      const many = await folder.segue(['recommend', '--users-from', listed, ...asked, '--format', 'ndjson']);
      expect(many.stdout).toBe(one.stdout);
      const answers = one.stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as RecipeResult);
      for (const answer of answers) {
        expect(inSlot(answer, 'promoted').length).toBeGreaterThan(1);
        expect(inSlot(answer, 'explored').length).toBeGreaterThan(0);
      }
      expect(idsOf(answers[1]!)).not.toContain('stone-temple-pilots-plush');
    }
    await addFeedback({ root, user: otherStation, item: 'Plush', type: 'unban' });
  });

  it('say the same in rows of a start page, none of which has an item of another', async () => {
    const page = await cook(both.replace('length: 10', 'length: 10\nrows: {count: 3, from-at-least: 3}'));
    expect(new Set(idsOf(page)).size).toBe(page.recommendations.length);
    for (const row of [1, 2, 3]) {
      const items = page.recommendations.filter((item) => item.row === row);
      expect(ranksOf(items.filter(({ slot }) => slot === 'promoted')).length).toBeGreaterThan(0);
      expect(ranksOf(items.filter(({ slot }) => slot === 'explored'))).toEqual([5]);
    }
  });
});

describe('what is said of it', () => {
  it('names what each slot is for, below an item and in a column', async () => {
    const path = join(folder.path, 'said.yaml');
    writeFileSync(path, both);
    const { stdout } = await folder.segue(['recommend', station, '--recipe', path, '--explain']);
    expect(stdout).toMatch(/= 0\.\d+; promoted/);
    expect(stdout).toMatch(/; drawn \d+(st|nd|rd|th) of 100/);
    const plain = await folder.segue(['recommend', station, '--recipe', path]);
    expect(plain.stdout).toMatch(/^ *# .*slot/m);
    expect(plain.stdout).toMatch(/promoted/);
  });

  it('is told in words by recipe check, with the columns that conditions read', async () => {
    const path = join(folder.path, 'said.yaml');
    writeFileSync(
      path,
      `sources: {source: user, min-score: 0.001}
filters: {min-score: 0.3}
rescore: {shown: 0.5}
promote: {share: 20%, where: 'Artist = "Queen"', items: [Plush]}
explore: {share: 0.1, max-events: 20, recent: 90d, where: label = 'ours', from: 50, seed: 7, every: 1d}
`,
    );
    const [checked] = (await folder.json(['recipe', 'check', path])) as [{ parts: { key: string }[] }];
    expect(checked.parts.filter(({ key }) => !/length|leave-out/.test(key))).toEqual([
      expect.objectContaining({
        key: 'sources[0]',
        does: "user: the best 500 by the model's score for the listener, none that scores less than 0.001 there",
      }),
      expect.objectContaining({ key: 'rescore.shown', line: 3, does: 'what was shown before: × 0.5' }),
      expect.objectContaining({ key: 'filters.min-score', does: 'nothing that scores less than 0.3 now' }),
      {
        ...{ key: 'promote', line: 4, columns: ['Artist'], missing: [], then: 'used' },
        does: '20 % of the slots (3, 8, 13 …) for the best of items with Artist = "Queen", Plush',
      },
      {
        ...{ key: 'explore', line: 5, columns: ['label'], missing: ['label'], then: 'refused' },
        does: "10 % of the slots (5, 15, 25 …) are drawn from the best 50 items of 20 events at most and with label = 'ours', by the seed 7 and the user, anew every 1d",
      },
      {
        ...{ key: 'explore.recent', line: 5, columns: ['released'], missing: [], then: 'used' },
        does: 'only what was released in the 90d before as-of is explored',
      },
    ]);
    const { stdout } = await folder.segue(['recipe', 'check', path]);
    expect(stdout).toContain('cannot be used with it: explore');
    const saved = join(folder.path, 'again.yaml');
    writeFileSync(saved, (await folder.segue(['recipe', 'show', path])).stdout);
    const resolved = async (of: string): Promise<unknown> =>
      (await folder.json(['recipe', 'show', of]))[0]!['resolved'];
    expect(await resolved(saved)).toEqual(await resolved(path));
    await expect(cook(readFileSync(path, 'utf8'))).rejects.toMatchObject({
      code: 'bad-usage',
      message: expect.stringMatching(/mine\.yaml line 5, explore\.where.*label/),
    });
  });

  it('is an error where a promoted item is none', async () => {
    await expect(cook('sources: user\npromote: {share: 20%, items: Plusch}\n')).rejects.toMatchObject({
      code: 'item-not-found',
      details: { line: 2, key: 'promote.items' },
    });
  });
});
