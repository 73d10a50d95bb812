import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RecipeItem, RecipeResult } from '#dist/core/tasks/ask.js';
import { useCanaryHere } from '../helpers/canary-here.js';
import { idsOf, openRecipeRoot, station, type RecipeRoot } from '../helpers/recipe-root.js';
import type { Folder } from '../helpers/trained-root.js';

useCanaryHere();

let recipeRoot: RecipeRoot;
let folder: Folder;
let heard: ReadonlySet<string>;
let plays: RecipeRoot['plays'];
let artists: RecipeRoot['artists'];
let cosine: RecipeRoot['cosine'];
const cook: RecipeRoot['cook'] = (...args) => recipeRoot.cook(...args);

beforeAll(async () => {
  recipeRoot = await openRecipeRoot();
  ({ folder, plays, artists, cosine } = recipeRoot);
  heard = recipeRoot.heard.get(station)!;
});
afterAll(() => folder.remove());

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

it('promote gives a share of the slots to the best of its items, and leaves the rest as it would be', async () => {
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

it('explore draws a share of the slots from items that few have played', async () => {
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

it('min-score ends an answer where nothing scores as much, and says so', async () => {
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

it('what was shown before counts what the recipe says, and stays where there is nothing better', async () => {
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

it('pages of a smooth order go on where the one before ended', async () => {
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

it('one and many say the same in rows of a start page, none of which has an item of another', async () => {
  const page = await cook(both.replace('length: 10', 'length: 10\nrows: {count: 3, from-at-least: 3}'));
  expect(new Set(idsOf(page)).size).toBe(page.recommendations.length);
  for (const row of [1, 2, 3]) {
    const items = page.recommendations.filter((item) => item.row === row);
    expect(ranksOf(items.filter(({ slot }) => slot === 'promoted')).length).toBeGreaterThan(0);
    expect(ranksOf(items.filter(({ slot }) => slot === 'explored'))).toEqual([5]);
  }
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
    writeFileSync(saved, (await folder.segue(['recommend', '--recipe', path, '--dry-run'])).stdout);
    const resolved = async (of: string): Promise<unknown> =>
      (await folder.json(['recommend', '--recipe', of, '--dry-run']))[0]!['resolved'];
    expect(await resolved(saved)).toEqual(await resolved(path));
    await expect(cook(readFileSync(path, 'utf8'))).rejects.toMatchObject({
      code: 'bad-usage',
      message: expect.stringMatching(/mine\.yaml line 5, explore\.where.*label/),
    });
  });
});
