import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { useCanaryHere } from '../helpers/canary-here.js';
import { writeParquet } from '../helpers/parquet.js';
import { prepare } from '../helpers/prepared.js';
import { smallRock } from '../helpers/small-rock.js';
import { classicRock, makeFolder, type Folder } from '../helpers/trained-root.js';
import { words } from '../helpers/words.js';

useCanaryHere();

const user = 'KGLK/2014-06-16';
const training = ['--items', smallRock.items, '--factors', '8', '--epochs', '2'];

describe('feedback', () => {
  let folder: Folder;
  const one = async (args: string[], code = 0): Promise<Record<string, any>> =>
    (await folder.json(args, code))[0]!;
  const write = (name: string, ...lines: string[]): string => {
    const path = join(folder.path, name);
    writeFileSync(path, `${lines.join('\n')}\n`);
    return path;
  };

  beforeEach(async () => {
    folder = makeFolder();
    await prepare(folder, [['train', smallRock.plays, ...training]]);
  });
  afterEach(() => folder.remove());

  it('is added by name, by id, and of artists, and listed the latest first', async () => {
    const added = await one(['feedback', 'add', user, 'Hotel California', '--type', 'ban']);
    expect(added['entry']).toMatchObject({
      ...{ seq: 1, user, item: 'eagles-hotel-california', name: 'Hotel California' },
      ...{ type: 'ban', scope: 'item', weight: 1 },
    });
    const artist = await one(['feedback', 'add', user, 'artist:nirvana', '--type', 'ban']);
    expect(artist['entry']).toMatchObject({ item: 'Nirvana', scope: 'artist' });
    const ofSong = ['feedback', 'add', user, 'Plush', '--type', 'like', '--scope', 'artist'];
    expect((await one(ofSong))['entry']).toMatchObject({ item: 'Stone Temple Pilots', scope: 'artist' });
    await one(['feedback', 'add', user, 'id:not yet known', '--type', 'like', '--time', '2014-06-20']);
    const { entries, of } = await one(['feedback', 'list', user]);
    expect(of).toBe(4);
    expect(entries.map(({ item }: any) => item)).toEqual([
      ...['Stone Temple Pilots', 'Nirvana', 'eagles-hotel-california', 'not yet known'],
    ]);
    expect((await one(['feedback', 'list', user, '-k', '1']))['entries']).toHaveLength(1);
    const { users } = await one(['feedback', 'list']);
    expect(users).toMatchObject([{ user, entries: 4, byType: { ban: 2, like: 2 } }]);
  });

  it('is open to whoever reads the root, and no more', async () => {
    await one(['feedback', 'add', user, 'Plush', '--type', 'like']);
    const modeOf = (...names: string[]): number => statSync(join(folder.path, 'root', ...names)).mode & 0o777;
    expect(modeOf('feedback')).toBe(modeOf());
  });

  it('is taken once for an id, and every time without one', async () => {
    const add = ['feedback', 'add', user, 'Plush', '--type', 'play'];
    expect(await one([...add, '--id', 'p1'])).toMatchObject({ leftOut: null });
    expect(await one([...add, '--id', 'p1'])).toMatchObject({ entry: null, leftOut: 'repeated' });
    await one(add);
    await one(add);
    expect(await one(['feedback', 'list', user])).toMatchObject({ of: 3 });
  });

  it('says whose answer it was a reaction to', async () => {
    const { snapshot } = await one(['snapshots', 'show']);
    const answer = ['--answered-by', snapshot, '--answered-recipe', 'radio', '--answered-rank', '3'];
    await one(['feedback', 'add', user, 'Plush', '--type', 'like', '--source', 'radio', ...answer]);
    const { entries } = await one(['feedback', 'list', user]);
    expect(entries).toMatchObject([{ source: 'radio', answer: { snapshot, recipe: 'radio', rank: 3 } }]);
  });

  it('is undone by id, or by user and item, and what was said before holds again', async () => {
    const liked = await one(['feedback', 'add', user, 'Plush', '--type', 'like']);
    await one(['feedback', 'add', user, 'Plush', '--type', 'dislike']);
    const undone = await one(['feedback', 'undo', user, 'Plush']);
    expect(undone).toMatchObject({ undone: { type: 'dislike' }, holds: { type: 'like' } });
    const again = await one(['feedback', 'undo', liked['entry'].id]);
    expect(again).toMatchObject({ undone: { type: 'like' }, holds: null });
    expect(await one(['feedback', 'list', user])).toMatchObject({ of: 0 });
    for (const twice of [
      ['feedback', 'undo', liked['entry'].id],
      ['feedback', 'undo', user, 'Plush'],
    ])
      expect((await one(twice, 3))['error']).toMatchObject({ code: 'entry-not-found' });
  });

  it('is undone by name of what the snapshot does not know any more', async () => {
    await one(['feedback', 'add', user, 'id:Gone', '--scope', 'artist', '--type', 'ban']);
    await one(['feedback', 'add', user, 'id:gone', '--type', 'ban']);
    for (const query of ['artist:Gone', 'gone'])
      expect(await one(['feedback', 'undo', user, query])).toMatchObject({ undone: { type: 'ban' } });
    expect(await one(['feedback', 'list', user])).toMatchObject({ of: 0 });
  });

  it('is not undone by an id that several users have', async () => {
    for (const each of ['ann', 'ben'])
      await one(['feedback', 'add', each, 'Plush', '--type', 'like', '--id', 'e1']);
    const { error } = await one(['feedback', 'undo', 'e1'], 2);
    expect(error).toMatchObject({ code: 'bad-usage', details: { users: ['ann', 'ben'] } });
    expect(error.suggestions[1]).toContain('segue feedback undo ben stone-temple-pilots-plush');
    await one(['feedback', 'undo', 'ben', 'Plush']);
    expect(await one(['feedback', 'undo', 'e1'])).toMatchObject({ undone: { user: 'ann' } });
  });

  it('refuses what cannot be meant', async () => {
    const add = ['feedback', 'add', user];
    const refused: [string[], number, string][] = [
      [[...add, 'No Such Song', '--type', 'ban'], 3, 'item-not-found'],
      [[...add, 'Plush', '--type', 'like', '--time', '2999-01-01'], 2, 'bad-usage'],
      [[...add, 'Plush', '--type', 'like', '--time', 'soon'], 2, 'bad-usage'],
      [[...add, 'Plush', '--type', 'play', '--weight', '-1'], 2, 'bad-usage'],
      [[...add, 'artist:Nirvana', '--type', 'play'], 2, 'bad-usage'],
      [[...add, 'Plush'], 2, 'bad-usage'],
      [[...add, 'Plush', '--type', 'love'], 2, 'bad-usage'],
      [[...add, 'Plush', '--type', 'like', '--answered-rank', '3'], 2, 'bad-usage'],
      [['feedback', 'export', '--out', join(folder.path, 'x.txt')], 2, 'bad-usage'],
      [['feedback', 'export', '--out', join(folder.path, 'x.csv')], 2, 'empty-input'],
    ];
    for (const [args, code, name] of refused)
      expect((await one(args, code))['error'], args.join(' ')).toMatchObject({ code: name });
    expect(existsSync(join(folder.path, 'x.csv'))).toBe(false);
    expect(await one(['feedback', 'list'])).toMatchObject({ ledger: null, users: [] });
  });

  it('is imported a row an entry, once a file and once an id', async () => {
    const header = 'user,item,type,time,scope,source,id';
    const path = write(
      'said.csv',
      header,
      'ann,nirvana-lithium,like,2014-06-20,,,',
      'ann,nirvana-lithium,play,2014-06-20,,,',
      'ann,nirvana-lithium,play,2014-06-20,,,',
      'ben,Nirvana,ban,2014-06-20,artist,radio,e1',
      'ben,no such song,skip,2014-06-20,,,e2',
    );
    const rows = { rows: 5, skippedRows: 0 };
    expect(await one(['feedback', 'import', path])).toMatchObject({ ...rows, added: 5, unknownItems: 1 });
    expect(await one(['feedback', 'import', path])).toMatchObject({ ...rows, added: 0, repeated: 5 });
    const more = write('more.csv', header, 'ben,no such song,skip,2014-06-20,,,e2');
    expect(await one(['feedback', 'import', more])).toMatchObject({ added: 0, repeated: 1 });
    const rest = ['ben,nirvana-lithium,like,2014-06-21,,,e3', 'ben,nirvana-lithium,like,2014-06-21,,,e2'];
    const other = write('other.csv', header, ...rest);
    const { error } = await one(['feedback', 'import', other], 2);
    expect(error).toMatchObject({
      code: 'id-conflict',
      details: { line: 3, id: 'e2', conflicts: 1, added: 1 },
    });
    expect(error.message).toMatch(/other.csv line 3 has the id "e2".*"type":"skip".*, not .*"type":"like"/);
    const without = { rows: 2, added: 0, repeated: 1, skippedRows: 1 };
    expect(await one(['feedback', 'import', other, '--skip-bad-rows'])).toMatchObject(without);
    expect(await one(['feedback', 'list', 'ben'])).toMatchObject({
      entries: expect.arrayContaining([expect.objectContaining({ scope: 'artist', source: 'radio' })]),
    });
    const lines = write(
      'said.jsonl',
      '{"user":"cy","item":"pearl-jam-black","type":"unban","time":1403000000}',
      '{"user":"cy","item":"pearl-jam-black","type":"ban","time":1403000001,"source":"app"}',
    );
    expect(await one(['feedback', 'import', lines, '--source', 'web'])).toMatchObject({ added: 2 });
    const { entries } = await one(['feedback', 'list', 'cy']);
    expect(entries.map(({ type, source }: any) => [type, source])).toEqual([
      ['ban', 'app'],
      ['unban', 'web'],
    ]);
    const undo = '"type":"undo","time":1403000002,"undoes"';
    const taken = write(
      'taken.jsonl',
      `{"user_id":"ben",${undo}:"e3"}`,
      `{"user_id":"ben",${undo}:"","item":"x"}`,
    );
    const { error: unnamed } = await one(['feedback', 'import', taken], 2);
    expect(unnamed.message).toMatch(/taken.jsonl line 2: undoes is 0 bytes/);
    expect(await one(['feedback', 'import', taken, '--skip-bad-rows'])).toMatchObject({ added: 1 });
    const left = (await one(['feedback', 'list', 'ben'])).entries;
    expect(left.map(({ id }: any) => id)).toEqual(['e1', 'e2']);
  });

  it('is imported as expressions, a filter, types and a profile say, in whatever file', async () => {
    const said = (kind: string, ms: number): object => {
      return { who: { id: 'dan' }, item: 'x', kind, ms, when: 1_700_000_000 + ms, source: 'app' };
    };
    const path = write(
      'said.json',
      JSON.stringify([said('Heart', 5), said('view', 6), said('view', 1)], null, 1),
    );
    const asked = ['--columns', "user=who.id,type=kind,time=when,item=item + '!'", '--filter', 'ms > 1'];
    const types = ['--types', 'like=heart,skip=view'];
    expect(await one(['feedback', 'import', path, ...asked, ...types])).toMatchObject({ rows: 2, added: 2 });
    // The same rows are known again.
    expect(await one(['feedback', 'import', path, ...asked, ...types])).toMatchObject({
      added: 0,
      repeated: 2,
    });
    const { entries } = await one(['feedback', 'list', 'dan']);
    expect(entries.map(({ item, type, source }: any) => [item, type, source])).toEqual([
      ['x!', 'skip', 'app'],
      ['x!', 'like', 'app'],
    ]);
    const { error } = await one(['feedback', 'import', path, ...asked], 2);
    expect(error.suggestions[0]).toBe('Say what it means: --types play=Heart');
    const listen = {
      listened_at: 1_594_257_201,
      user_name: 'lb',
      track_metadata: { artist_name: 'a', track_name: 't' },
    };
    const listens = write('listens.jsonl', JSON.stringify(listen));
    const { stderr } = await folder.segue(['feedback', 'import', listens, '--format', 'listenbrainz']);
    expect(stderr).toContain('listens.jsonl is read as listenbrainz');
    expect((await one(['feedback', 'list', 'lb'])).entries).toHaveLength(1);
  });

  it('is imported row by row where a file grew, from text, lines of JSON and Parquet, also after an upgrade', async () => {
    const rows = ['ann,x,play,1700000000', 'ann,x,play,1700000000', 'ann,y,play,1700000001'];
    const more = 'ann,z,play,1700000002';
    const header = 'user,item,type,time';
    const table = (name: string, ...of: string[]): string => write(name, header, ...of);
    const counts = async (path: string, ...args: string[]): Promise<number[]> => {
      const { added, repeated } = await one([
        'feedback',
        'import',
        path,
        ...args,
        '--root',
        join(folder.path, 'new'),
      ]);
      return [added, repeated];
    };
    // Without a line feed at its end, which comes when it grows.
    const day = join(folder.path, 'day.csv');
    writeFileSync(day, [header, ...rows].join('\n'));
    expect(await counts(day)).toEqual([3, 0]);
    expect(await counts(table('day.csv', ...rows, more))).toEqual([1, 3]);
    expect(await counts(table('other.csv', more, ...rows))).toEqual([4, 0]);
    const json = (of: readonly string[]): string[] =>
      of
        .map((row) => row.split(','))
        .map(([user, item, type, time]) => JSON.stringify({ user, item, type, time }));
    expect(await counts(write('day.jsonl', ...json(rows)))).toEqual([3, 0]);
    expect(await counts(write('day.jsonl', ...json([...rows, more])))).toEqual([1, 3]);

    const parquet = async (name: string, of: readonly string[], columns = '*'): Promise<string> => {
      const path = join(folder.path, name);
      const from = `read_csv('${table('rows.csv', ...of)}')`;
      await writeParquet(path, `SELECT ${columns} FROM ${from}`);
      return path;
    };
    expect(await counts(await parquet('day.parquet', rows))).toEqual([3, 0]);
    expect(await counts(await parquet('day.parquet', [more, ...rows]))).toEqual([1, 3]);
    expect(await counts(await parquet('copy.parquet', rows))).toEqual([0, 3]);
    // Without a time only the file tells that it is the same.
    const timeless = 'user, item, type';
    expect(await counts(await parquet('one.parquet', rows, timeless))).toEqual([3, 0]);
    expect(await counts(await parquet('one.parquet', [more, ...rows], timeless))).toEqual([1, 3]);
    expect(await counts(await parquet('two.parquet', rows, timeless))).toEqual([3, 0]);

    // What an earlier version imported has the digest of its file, and its line.
    const were = rows.map((row) => row.replace('ann', 'bea'));
    const old = table('old.csv', ...were);
    const digest = createHash('sha256').update(readFileSync(old)).digest('hex').slice(0, 16);
    const named = were.map((row, at) => `${row},${digest}:${at + 2}`);
    expect(await counts(write('before.csv', `${header},id`, ...named))).toEqual([3, 0]);
    expect(await counts(old)).toEqual([0, 3]);
  });

  it('holds as the latest was said, also after a ban by a clock that was ahead; in a file the dislike or ban holds', async () => {
    const given = ['feedback', 'add', user, 'Plush', '--type'];
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 86_400_000 });
    try {
      await one([...given, 'ban']);
    } finally {
      vi.useRealTimers();
    }
    const { entry } = await one([...given, 'unban']);
    expect(Date.parse(entry.at)).toBeGreaterThan(Date.now() + 80_000_000);
    const whyNot = await one(['recommend', user, '--why-not', 'Plush', '-k', '1']);
    expect(JSON.stringify(whyNot['whyNot'])).not.toContain('banned');
    const ahead = new Date(Date.now() + 3_600_000).toISOString();
    const header = 'user,item,type,time';
    const twice = ['ban', 'unban', 'dislike', 'like'].map(
      (type) => `cy,stone-temple-pilots-plush,${type},${ahead}`,
    );
    await one(['feedback', 'import', write('ahead.csv', header, ...twice)]);
    const said = async (): Promise<string[]> =>
      (await one(['feedback', 'list', 'cy'])).entries.map(({ type }: { type: string }) => type).reverse();
    expect(await said()).toEqual(['unban', 'like', 'ban', 'dislike']);
    await one([
      'feedback',
      'import',
      write('plain.csv', 'user,item,type', 'cy,stone-temple-pilots-plush,like'),
    ]);
    await one(['feedback', 'add', 'cy', 'Plush', '--type', 'unban']);
    expect((await said()).slice(-2)).toEqual(['like', 'unban']);
  });

  it('names the bad row of a file and adds none of it, or leaves bad rows out', async () => {
    const goodRows = (length: number): string[] =>
      Array.from({ length }, (_, n) => `ann,song-${n},like,2014-06-20,,`);
    const bad = [
      [
        'ann,nirvana-lithium,love,2014-06-20,,',
        'type "love" is not a type; play, like, dislike, ban, skip, unban or undo',
      ],
      ['ann,nirvana-lithium,like,2999-06-20,,', 'time is in the future'],
      ['ann,nirvana-lithium,like,2014-06-20,song,', 'scope is "song"'],
      ['ann,nirvana-lithium,play,2014-06-20,artist,', 'a play is of an item'],
      [',nirvana-lithium,play,2014-06-20,,', 'user is empty'],
      [`ann,nirvana-lithium,like,2014-06-20,,${'x'.repeat(129)}`, 'id is 129 bytes; wanted 1 to 128'],
    ] as const;
    const header = 'user,item,type,time,scope,id';
    const whole = write('good.csv', header, 'ben,nirvana-lithium,like,2014-06-20,,');
    for (const [at, [row, problem]] of bad.entries()) {
      // The first is far down: more than is read, or added, at once.
      const good = goodRows(at === 0 ? 9000 : 20);
      const path = write('bad.csv', header, ...good, row);
      const { error } = await one(['feedback', 'import', whole, path], 2);
      expect(error).toMatchObject({
        code: 'bad-row',
        suggestions: expect.arrayContaining([expect.stringContaining('--skip-bad-rows')]),
      });
      expect(error.message).toContain(`bad.csv line ${good.length + 2}`);
      expect(error.message).toContain(problem);
      // What would be kept would be added twice: the digest of the mended file is another.
      expect(await one(['feedback', 'list'])).toMatchObject({ watermark: 0, of: 0 });
    }
    const path = write('bad.csv', header, ...bad.map(([row]) => row), ...goodRows(1));
    expect(await one(['feedback', 'import', path, '--skip-bad-rows'])).toMatchObject({
      ...{ rows: bad.length + 1, added: 1, skippedRows: bad.length },
    });
  });

  it('is not added again from an export of its own, undone since or not, and once to another ledger', async () => {
    for (const item of ['Plush', 'Lithium']) await one(['feedback', 'add', user, item, '--type', 'play']);
    const out = join(folder.path, 'all.csv');
    await one(['feedback', 'export', '--out', out]);
    await one(['feedback', 'undo', user, 'Plush']);
    expect(await one(['feedback', 'import', out])).toMatchObject({ rows: 2, added: 0, repeated: 2 });
    expect(await one(['feedback', 'list', user])).toMatchObject({ of: 1 });
    // A later export has other rows as well: no row is told by the file's digest.
    const other = ['--root', join(folder.path, 'other')];
    expect(await one(['feedback', 'import', out, ...other])).toMatchObject({ added: 2 });
    await one(['feedback', 'add', user, 'Lithium', '--type', 'play']);
    await one(['feedback', 'export', '--out', out, '--force']);
    expect(await one(['feedback', 'import', out, ...other])).toMatchObject({ added: 1, repeated: 1 });
  });

  it.each(['csv', 'jsonl', 'parquet'])(
    'goes into a training by way of %s, which knows how far',
    async (as) => {
      const path = write(
        'said.csv',
        'user,item,type,time,weight',
        'ann,nirvana-lithium,like,2014-06-20,1',
        'ann,pearl-jam-black,play,2014-06-20,0.25',
        'ann,eagles-hotel-california,ban,2014-06-20,1',
        'ben,eagles-hotel-california,ban,2014-06-20,1',
        'ben,eagles-hotel-california,unban,2014-06-21,1',
        'ben,pearl-jam-black,skip,2014-06-21,1',
      );
      await one(['feedback', 'import', path]);
      await one(['feedback', 'add', 'ben', 'artist:Nirvana', '--type', 'ban']);
      const out = join(folder.path, `out.${as}`);
      const exported = await one(['feedback', 'export', '--out', out]);
      expect(exported).toMatchObject({ events: 3, users: 1, wholeArtistsAndAlbums: 1, watermark: 7 });
      const { snapshot } = await one(['train', smallRock.plays, out, ...training]);
      const manifest = JSON.parse(
        readFileSync(join(folder.path, 'root', 'snapshots', snapshot, 'manifest.json'), 'utf8'),
      );
      // The last event that was exported; what is beyond it is not of training.
      expect(manifest.inputs.feedback).toEqual({ ledger: exported['ledger'], seq: 3 });
      const shown = await one(['users', 'show', 'ann', '--snapshot', snapshot]);
      expect(shown).toMatchObject({ of: 3, banned: 1 });
      expect((await one(['feedback', 'export', '--out', out], 2))['error'].message).toContain(
        'is there already',
      );
      await one(['feedback', 'export', '--out', out, '--force']);
    },
  );

  it('is exported to stdout as text', async () => {
    await one(words`feedback add ann Plush --type like --time 2014-06-20 --weight 0.5`);
    const { stdout } = await folder.segue(['feedback', 'export']);
    expect(stdout).toMatch(
      /^user,item,weight,time,type,ledger_entry\nann,\S+plush,0\.5,2014-06-20T00:00:00\.000Z,like,[0-9a-f]{16}:0{15}1\n$/,
    );
    expect((await one(['feedback', 'export'], 2))['error']).toMatchObject({ code: 'bad-usage' });
  });

  it.each(['csv', 'jsonl', 'parquet'])(
    'is exported by the answers that led to it as %s: what holds, of every type',
    async (as) => {
      const add = (item: string, type: string, ...more: string[]): Promise<unknown> =>
        one(['feedback', 'add', 'ann', item, '--type', type, '--time', '2014-06-20', ...more]);
      const by = ['--answered-by', '0123456789abcdef'];
      await add(
        'Plush',
        'play',
        ...by,
        '--answered-recipe',
        'feed',
        '--answered-rank',
        '5',
        '--source',
        'app',
      );
      await add('Lithium', 'skip', ...by, '--answered-rank', '2');
      await add('artist:Nirvana', 'ban', ...by);
      await add('Black', 'like');
      await add('id:pearl-jam-alive', 'play', ...by);
      await one(['feedback', 'undo', 'ann', 'id:pearl-jam-alive']);
      const out = join(folder.path, `answered.${as}`);
      const exported = await one(['feedback', 'export', '--answered', '--out', out]);
      expect(exported).toMatchObject({ events: 3, users: 1, wholeArtistsAndAlbums: 0, watermark: 6 });
      const time = '2014-06-20T00:00:00.000Z';
      const answered = { user: 'ann', time, snapshot: '0123456789abcdef' };
      const none = { source: null, recipe: null, rank: null };
      const wanted = [
        {
          ...{ ...answered, item: 'stone-temple-pilots-plush', scope: 'item', type: 'play' },
          ...{ source: 'app', recipe: 'feed', rank: 5 },
        },
        { ...answered, ...none, item: 'nirvana-lithium', scope: 'item', type: 'skip', rank: 2 },
        { ...answered, ...none, item: 'Nirvana', scope: 'artist', type: 'ban' },
      ];
      const text = readFileSync(out, 'utf8');
      if (as === 'csv') {
        expect(text).toBe(
          `user,item,scope,type,time,source,snapshot,recipe,rank
ann,stone-temple-pilots-plush,item,play,${time},app,0123456789abcdef,feed,5
ann,nirvana-lithium,item,skip,${time},,0123456789abcdef,,2
ann,Nirvana,artist,ban,${time},,0123456789abcdef,,
`,
        );
        expect((await folder.segue(['feedback', 'export', '--answered'])).stdout).toBe(text);
        const { stdout } = await folder.segue(['feedback', 'export', '--answered', '--out', out, '--force']);
        expect(stdout).toMatch(/Exported 3 reactions to answers to .+answered\.csv/);
        expect(stdout).not.toContain('segue train');
      } else if (as === 'jsonl') {
        const lines = text
          .trimEnd()
          .split('\n')
          .map((line): unknown => JSON.parse(line));
        const without = (row: object): object =>
          Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));
        expect(lines).toEqual(wanted.map(without));
      } else {
        const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
        const connection = await instance.connect();
        const rows = (await connection.runAndReadAll(`SELECT * FROM '${out}'`)).getRowObjectsJson();
        connection.closeSync();
        instance.closeSync();
        expect(rows).toEqual(
          wanted.map((row) => ({ ...row, rank: row.rank === null ? null : String(row.rank) })),
        );
      }
    },
  );

  it('needs no snapshot for an id, and says so for a name', async () => {
    const empty = join(folder.path, 'empty');
    const add = (item: string): string[] => words`feedback add ann ${item} --type ban --root ${empty}`;
    const { error } = await one(add('Plush'), 3);
    expect(error).toMatchObject({ code: 'snapshot-not-found' });
    expect(error.suggestions[0]).toContain('id:Plush');
    expect((await one(add('id:plush')))['entry']).toMatchObject({ item: 'plush' });
  });

  it('is compacted and verified, and nothing changes by it', async () => {
    for (const args of [['compact'], ['verify']])
      expect((await one(['feedback', ...args], 2))['error']).toMatchObject({ code: 'empty-input' });
    await one(['feedback', 'import', classicRock.feedback]);
    const before = await one(['feedback', 'list', user]);
    const compacted = await one(['feedback', 'compact']);
    expect(compacted).toMatchObject({ ledger: before['ledger'], entries: 7, users: 2 });
    expect(await one(['feedback', 'list', user])).toEqual(before);
    expect(await one(['feedback', 'import', classicRock.feedback])).toMatchObject({ repeated: 7 });
    expect(await one(['feedback', 'verify'])).toMatchObject({ entries: 7, watermark: 7, leftOver: [] });
  });

  it('of a user is forgotten, with the snapshots that hold a history, and older events stay refused', async () => {
    await one(['feedback', 'import', classicRock.feedback]);
    const { snapshot } = await one(['snapshots', 'show']);
    const forget = ['feedback', 'forget', user];
    const asked = { user, entries: 4, snapshots: [{ id: snapshot, isCurrent: false }], unreadable: [] };
    expect(await one([...forget, '--dry-run'])).toMatchObject({ ...asked, dryRun: true, ledger: null });
    expect(await one(['feedback', 'list', user])).toMatchObject({ of: 4 });
    expect(await one(forget)).toMatchObject({ ...asked, deleted: true });
    expect(await one(['feedback', 'list', user])).toMatchObject({ of: 0 });
    expect(await one(['feedback', 'import', classicRock.feedback])).toMatchObject({
      forgotten: 4,
      repeated: 3,
    });
    const older = ['feedback', 'add', user, 'Plush', '--type', 'like', '--time', '2014-06-22'];
    expect(await one(older)).toMatchObject({ entry: null, leftOut: 'forgotten' });
    const { code, stdout } = await new Promise<{ code: number; stdout: string }>((resolve) => {
      execFile('grep', ['-r', 'KGLK', join(folder.path, 'root', 'feedback')], (error, stdout) => {
        resolve({ code: Number(error?.code ?? 0), stdout });
      });
    });
    expect(stdout).toBe('');
    expect(code).toBe(1);
    expect(await one(forget)).toMatchObject({ entries: 0, deleted: true });
    const typo = await one(['feedback', 'forget', 'KGLK/2014-06-61'], 3);
    expect(typo['error']).toMatchObject({ code: 'user-not-found' });
    expect(typo['error'].suggestions[0]).toMatch(/^did you mean KGLK\/2014-06-\d\d\?$/);
    expect(typo['error'].suggestions).not.toContain(`did you mean ${user}?`);
    expect((await one(['feedback', 'forget', 'nobody', '--dry-run'], 3))['error'].code).toBe(
      'user-not-found',
    );
  });
});
