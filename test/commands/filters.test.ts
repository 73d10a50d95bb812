import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recommend, similar } from '#dist/core/library.js';
import type { Filtered, SelectionOptions } from '#dist/core/query/filters/selection.js';
import { useCanaryHere } from '../helpers/canary-here.js';
import { prepare } from '../helpers/prepared.js';
import { runHere } from '../helpers/run-here.js';
import { smallRock } from '../helpers/small-rock.js';
import { makeFolder, type Folder } from '../helpers/trained-root.js';
import { words } from '../helpers/words.js';

useCanaryHere();

/** What songs of the catalogue are, by id, read by nothing of segue's; the data has no quotes or commas in these cells. */
interface Song {
  readonly id: string;
  readonly name: string;
  readonly artist: string;
  readonly released: number | null;
}
const songs = new Map<string, Song>();
const plain = /^([^,"]+),([^,"]+),([^,"]+),(\d*)$/;
for (const line of readFileSync(smallRock.items, 'utf8').split('\n').slice(1)) {
  const [, id, name, artist, released] = plain.exec(line) ?? [];
  if (id === undefined) continue;
  songs.set(id, { id, name: name!, artist: artist!, released: released === '' ? null : Number(released) });
}

let folder: Folder;
const user = 'KGLK/2014-06-16';
const context = { signal: new AbortController().signal, onProgress: () => {} };
const models: readonly (readonly [tag: string, ...options: string[]])[] = [
  ['als', '--model', 'als', '--factors', '8', '--epochs', '1'],
  ['item2vec', '--model', 'item2vec', '--factors', '8', '--epochs', '1'],
  ['ease', '--model', 'ease'],
  ['popularity', '--model', 'popularity'],
];
beforeAll(async () => {
  folder = makeFolder();
  // Only songs whose cells the pattern above reads.
  const items = [...songs.values()].map(({ id, name, artist, released }) =>
    [id, name, artist, released ?? ''].join(','),
  );
  const steps = models.map(([tag, ...options]) => [
    ...['train', smallRock.plays, '--items', 'items.csv', '--tag', tag, ...options],
  ]);
  await prepare(folder, steps, { 'items.csv': ['id,name,artist,released', ...items, ''].join('\n') });
});
afterAll(() => folder.remove());

type Answer = readonly Readonly<Record<string, any>>[];

/** In this process. */
async function answer(
  tag: string,
  command: 'similar' | 'recommend',
  options: SelectionOptions & { readonly k: number; readonly includeHeard?: boolean },
): Promise<{ readonly ranking: Answer; readonly filtered: Filtered | undefined }> {
  const where = { root: join(folder.path, 'root'), snapshot: tag, ...options };
  if (command === 'similar') {
    const items = ['id:eagles-hotel-california'];
    const found = await similar({ items, exact: true, ...where }, context);
    return { ranking: found.neighbours, filtered: found.filtered };
  }
  const [found] = await recommend({ users: [user], ...where }, context);
  return { ranking: found!.recommendations, filtered: found!.filtered };
}

/** All that there is, best first, without any filter. */
async function everything(
  tag: string,
  command: 'similar' | 'recommend',
  includeHeard = false,
): Promise<Answer> {
  return (await answer(tag, command, { k: 100_000, includeHeard })).ranking;
}

function ranked(answer: Answer, k = 1e9): unknown[] {
  return answer.slice(0, k).map((item, at) => ({ ...item, rank: at + 1 }));
}

const where = 'released >= 1975 and artist != "Eagles" or artist ~ "zz top" and name !~ "the"';
const holds = ({ released, artist, name }: Readonly<Record<string, any>>): boolean =>
  (released !== undefined && released >= 1975 && artist !== undefined && artist !== 'Eagles') ||
  (artist !== undefined && artist.toLowerCase().includes('zz top') && !name.toLowerCase().includes('the'));

const asked = { similar: ['similar', 'id:eagles-hotel-california'], recommend: ['recommend', user] } as const;
const answerOf = { similar: 'neighbours', recommend: 'recommendations' } as const;
const both = models.flatMap(([tag]) =>
  (['similar', 'recommend'] as const)
    .filter((command) => command === 'recommend' || tag !== 'popularity')
    .map((command) => [tag, command] as const),
);

describe.each(both)('of %s, %s', (tag, command) => {
  it('with filters gives what a filter of the whole ranking gives, to the bit', async () => {
    const all = await everything(tag, command);
    const allowed = all.filter(holds);
    const out = allowed.slice(3, 6).map(({ id }) => String(id));
    const onlyIds = all.filter((_, at) => at % 3 !== 1).map(({ id }) => String(id));
    const only = join(folder.path, 'only.txt');
    const excludeFrom = join(folder.path, 'not.txt');
    writeFileSync(only, onlyIds.map((id) => `id:${id}\r\n`).join(''));
    writeFileSync(excludeFrom, `${out[0]}\n\n${out[1]}`);

    const one = await answer(tag, command, { k: 12, where });
    expect(one.ranking).toEqual(ranked(allowed, 12));
    const first = [0, 7].map((at) => `id:${all[at]!['id']}`);
    const excluded = await answer(tag, command, { k: 8, exclude: first });
    expect(excluded.ranking).toEqual(
      ranked(
        all.filter((_, at) => at !== 0 && at !== 7),
        8,
      ),
    );
    expect(excluded.filtered).toBeUndefined();

    const listed = new Set(onlyIds);
    const combined = allowed.filter(({ id }) => listed.has(id) && !out.includes(id));
    const [few] = await folder.json([
      ...[...asked[command], '--snapshot', tag, '-k', '100000', '--where', where],
      ...['--only', only, '--exclude-from', excludeFrom, '--exclude', `id:${out[2]}`],
    ]);
    expect(few![answerOf[command]]).toEqual(ranked(combined));
    expect(few!['filtered'].where).toBe(where);
    if (command === 'similar') expect(few!['search']).toEqual({ method: 'exact' });
  });
});

describe('filters', () => {
  const flagged = (...args: string[]) => folder.segue([...asked.recommend, '--snapshot', 'als', ...args]);

  it('that leave too little say what they leave, and are no failure', async () => {
    const heard =
      (await everything('als', 'recommend', true)).length - (await everything('als', 'recommend')).length;
    const list = join(folder.path, 'heard.txt');
    const fresh = new Set((await everything('als', 'recommend')).map(({ id }) => id));
    const eventIds = (await everything('als', 'recommend', true))
      .map(({ id }) => String(id))
      .filter((id) => !fresh.has(id));
    expect(eventIds).toHaveLength(heard);
    writeFileSync(list, [...eventIds.slice(0, 2), [...fresh][5]].join('\n'));
    const some = await flagged('--only', list);
    expect(some.stderr).toMatch(/Note: --only leaves 3 of \d+ items; 2 of them were heard\n/);
    const none = await flagged('--where', 'released > 3000');
    expect(none.stdout).toContain('nothing is left to recommend');
    expect(none.stderr).toMatch(/Note: --where leaves 0 of \d+ items\n/);
    const [json] = await folder.json([...asked.recommend, '--snapshot', 'als', '--where', 'released > 3000']);
    expect(json).toMatchObject({ filtered: { where: 'released > 3000', allowed: 0 }, recommendations: [] });
    const itself = await folder.segue(words`${asked.similar} --snapshot als --where
      ${'name = "Hotel California"'}`);
    expect(itself.stdout).toContain('nothing else is left');
    expect(itself.stderr).toMatch(/--where leaves 1 of \d+ items; 1 of them was asked about/);
  });

  it('that are enough say nothing', async () => {
    expect((await flagged('--where', where, '-k', '3')).stderr).not.toContain('leave');
  });

  it('read a list from standard input, by id or by name in any case', async () => {
    const run = (stdin: string, ...args: string[]) =>
      runHere([...asked.similar, '--snapshot', 'als', '--json', ...args], {
        env: { SEGUE_ROOT: join(folder.path, 'root') },
        stdin,
      });
    const all = await everything('als', 'similar');
    const alone = all
      .filter(({ name }) => all.filter((other) => other['name'] === name).length === 1)
      .slice(20, 23);
    const [first, second, third] = alone as [Answer[0], Answer[0], Answer[0]];
    const lines = [String(first['name']).toLowerCase(), `id:${second['id']}\r`, '', `name:${third['name']}`];
    const result = await run(lines.join('\n'), '--only', '-');
    expect(result.code, result.stdout).toBe(0);
    const ids = JSON.parse(result.stdout).neighbours.map(({ id }: { id: string }) => id);
    expect(ids).toEqual(alone.map(({ id }) => id));
    const unknown = await run('Desperado\n\nDesparado\nnothing of the kind\n', '--exclude-from', '-');
    expect(unknown.code).toBe(3);
    expect(JSON.parse(unknown.stdout).error).toMatchObject({
      code: 'item-not-found',
      message: '--exclude-from standard input line 3: no item is called "Desparado"',
      details: { line: 3, file: '-' },
    });
    expect(unknown.stdout).toContain('did you mean \\"Desperado\\" by Eagles? (id:eagles-desperado)');
    expect(unknown.stdout).toContain('2 of 3 lines name no item');
    const ambiguous = await run('Desperado\nTurn the Page\n', '--only', '-');
    expect([ambiguous.code, JSON.parse(ambiguous.stdout).error.details.line]).toEqual([3, 2]);
    const skipped = await run('Desperado\nDesparado\n', '--only', '-', '--skip-unknown');
    expect(skipped.code).toBe(0);
    expect(skipped.stderr).toContain('1 of 2 lines of standard input name no item, and were left out');
    const passed = await run('', '--exclude', 'Desparado', '--exclude', 'Desperado', '--skip-unknown');
    expect([passed.code, passed.stdout.includes('eagles-desperado')]).toEqual([0, false]);
    expect(passed.stderr).toContain('--exclude: 1 of 2 names are of no item, and were left out');
    const idle = await run('', '--skip-unknown');
    expect([idle.code, JSON.parse(idle.stdout).error.message]).toEqual([
      2,
      '--skip-unknown passes over unknown names of a list, and there is none',
    ]);
    const twice = await run('', '--only', '-', '--exclude-from', '-');
    expect([twice.code, JSON.parse(twice.stdout).error.code]).toEqual([2, 'bad-usage']);
  });

  it.each([
    [
      'released >=',
      '--where, character 12: got the end, wanted a number, a text in quotes, the name of a column or "("',
    ],
    [
      'artist + released = "x"',
      '--where, character 8: + joins two texts or adds two numbers: artist holds texts, and released holds numbers',
    ],
    [
      'relesed = 1',
      '--where, character 1: there is no column relesed; there are: id, count, name, artist, released',
    ],
    ['count > 1 and released = "1975"', '--where, character 26: released holds numbers, and this is a text'],
    ['artist in ("a", 5)', '--where, character 17: artist holds texts, and this is a number'],
    ['released like "197%"', '--where, character 1: released holds numbers; ~ and like search texts'],
  ])('that cannot be meant are bad usage: %s', async (text, message) => {
    const args = [...asked.recommend, '--snapshot', 'als', '--where', text];
    const { stderr } = await folder.segue(args, 2);
    const [said, line, caret] = stderr.trimEnd().split('\n');
    expect([said, line, caret!.trim()]).toEqual([`Error: ${message}`, `    ${text}`, '^']);
  });

  it('take the columns of any snapshot: id, name and count without a catalogue, in any case', async () => {
    await folder.segue(['train', smallRock.plays, '--tag', 'bare', '--model', 'popularity']);
    const [answer] = await folder.json(words`recommend ${user} --snapshot bare --where
      ${'ID ~ "eagles-" and Name is not null and count > 0'}`);
    expect(answer!['recommendations'].every(({ id }: { id: string }) => id.startsWith('eagles-'))).toBe(true);
    const [{ error } = { error: undefined }] = await folder.json(
      ['recommend', user, '--snapshot', 'bare', '--where', 'artist = "Eagles"'],
      2,
    );
    expect(error.message).toContain('there is no column artist; there are: id, count, name');
    expect(error.suggestions).toEqual(['for artists, years and other columns: train with --items FILE']);
  });

  it('cannot be given to the browser', async () => {
    const { stderr } = await folder.segue(['similar', 'Plush', '--browse', '--where', 'count > 1'], 2);
    expect(stderr).toContain('--where');
  });
});

it('a number of results beyond the catalogue gives all there is, with and without a filter', async () => {
  const all = await answer('als', 'similar', { k: 1_000_000 });
  expect(all.ranking).toHaveLength((await everything('als', 'similar')).length);
  const few = await answer('als', 'similar', { k: 1_000_000, where });
  expect(few.ranking).toEqual(ranked(all.ranking.filter(holds)));
});

it('a filter that leaves 3 of 5,000 items finds those 3', async () => {
  const numItems = 5_000;
  const plays = ['user,item'];
  const items = ['id,name,year'];
  for (let item = 0; item < numItems; item++) {
    plays.push(`u${item % 50},i${item}`);
    items.push(`i${item},Song ${item},${item % 1700 === 77 ? 1899 : 1950 + (item % 70)}`);
  }
  writeFileSync(join(folder.path, 'many.csv'), plays.join('\n'));
  writeFileSync(join(folder.path, 'many-items.csv'), items.join('\n'));
  const small = ['--factors', '8', '--epochs', '1', '--tag', 'many'];
  await folder.segue(['train', 'many.csv', '--items', 'many-items.csv', ...small]);
  const [near] = await folder.json(['similar', 'i5', '--snapshot', 'many', '--where', 'year = 1899']);
  expect(near!['filtered']).toEqual({ where: 'year = 1899', allowed: 3, of: numItems });
  expect(near!['neighbours'].map(({ id }: { id: string }) => id).sort()).toEqual(['i1777', 'i3477', 'i77']);
  const { stderr } = await folder.segue(['recommend', 'u27', '--snapshot', 'many', '--where', 'year = 1899']);
  expect(stderr).toContain('--where leaves 3 of 5000 items; 3 of them were heard');
});
