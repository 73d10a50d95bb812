import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { journalLine, parseJournalLine } from '#dist/core/files/journal.js';
import { tryLock } from '#dist/core/files/kernel-lock.js';
import { followEvents } from '#dist/core/library.js';
import { prepare } from '../helpers/prepared.js';
import { smallRock } from '../helpers/small-rock.js';
import { makeFolder } from '../helpers/trained-root.js';

const folder = makeFolder();
const at = (name: string): string => join(folder.path, name);
const training = ['train', smallRock.plays, '--items', smallRock.items, '--factors', '16'];
const songs = ['fleetwood-mac-rhiannon', 'eagles-heartache-tonight', 'ac-dc-you-shook-me-all-night-long'];

interface Line {
  readonly user: string;
  readonly snapshot: string;
  readonly basis: string;
  readonly position: { readonly partition: string; readonly offset: number } | null;
  readonly vector: readonly number[];
}

async function linesOf(args: readonly string[]): Promise<Line[]> {
  const { stdout } = await folder.segue(['follow', ...args]);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}

const event = (user: string, song: number, more: object = {}): string =>
  `${JSON.stringify({ user, item: songs[song], ...more })}\n`;

beforeAll(async () => {
  await prepare(folder, [[...training, '--epochs', '3'], ['publish']]);
});
afterAll(() => folder.remove());

describe('events that are followed', () => {
  it('give the vectors that the same events give as a file, to the bit', async () => {
    writeFileSync(
      at('plays.csv'),
      `user,item,weight\nann,${songs[0]},2\nann,${songs[1]},1\nben,${songs[2]},1\n`,
    );
    writeFileSync(at('plays.ndjson'), event('ann', 0) + event('ben', 2) + event('ann', 1) + event('ann', 0));
    const wanted = await folder.json(['user-vector', '--events', at('plays.csv')]);
    const lines = await linesOf([at('plays.ndjson'), '--once', '--state', at('same')]);
    expect(lines.map(({ user }) => user).toSorted()).toEqual(['ann', 'ben']);
    for (const { user, vector, basis } of lines)
      expect({ basis, vector }, user).toEqual(
        (({ basis, vector }) => ({ basis, vector }))(
          wanted.find((each) => each['user'] === user) as unknown as Line,
        ),
      );
    // A file in another format, into a state of its own.
    const added = await linesOf(['--add-events', at('plays.csv'), '--state', at('added')]);
    for (const { user, vector } of added)
      expect(vector).toEqual(lines.find((each) => each.user === user)?.vector);
  });

  it('come again where they were stored, and no line was noted, before the file was rotated away', async () => {
    const args = [at('killed.ndjson'), '--once', '--state', at('killed')];
    writeFileSync(at('killed.ndjson'), event('ann', 0));
    const [ann] = await linesOf(args);
    const note = join(at('killed'), 'follower.json');
    const { fields } = parseJournalLine(readFileSync(note, 'utf8').trimEnd())!;
    const { version, snapshot } = fields;
    // As after a kill between the first store of a file and the first note of it.
    rmSync(note);
    writeFileSync(note, journalLine({ version, done: {}, snapshot }));
    renameSync(at('killed.ndjson'), at('killed.ndjson.1'));
    writeFileSync(at('killed.ndjson'), event('ben', 1));
    const lines = await linesOf(args);
    expect(lines.map(({ user }) => user)).toEqual(['ann', 'ben']);
    expect(lines[0]).toEqual(ann);
    expect(await linesOf(args)).toEqual([]);
  });

  it('are read to the end of a file that was rotated away, though nothing is in the one in its place', async () => {
    const args = [at('nightly.ndjson'), '--once', '--state', at('nightly')];
    writeFileSync(at('nightly.ndjson'), event('ann', 0));
    expect((await linesOf(args)).map(({ user }) => user)).toEqual(['ann']);
    appendFileSync(at('nightly.ndjson'), event('ben', 1));
    renameSync(at('nightly.ndjson'), at('nightly.ndjson.1'));
    writeFileSync(at('nightly.ndjson'), '');
    expect((await linesOf(args)).map(({ user }) => user)).toEqual(['ben']);
    expect(await linesOf(args)).toEqual([]);
  });

  it('come once, whatever is read again, and what is no event is kept', async () => {
    const args = [at('twice.ndjson'), '--once', '--state', at('twice')];
    writeFileSync(at('twice.ndjson'), event('ann', 0, { id: 'x' }) + 'no event\n');
    const [first] = await linesOf(args);
    expect(await linesOf(args)).toEqual([]);
    appendFileSync(at('twice.ndjson'), event('ann', 0, { id: 'x' }) + event('ann', 1, { type: 'rate' }));
    expect(await linesOf(args)).toEqual([]);
    appendFileSync(
      at('twice.ndjson'),
      event('ann', 0, { id: 'y' }) +
        event('ann', 1, { time: '2001-01-01' }) +
        `{"user": true, "item": "${songs[0]}"}\n` +
        event('ann', 2, { id: 'x' }) +
        event('ann', 0, { id: 'x' }),
    );
    const [second] = await linesOf(args);
    expect(second?.vector).not.toEqual(first?.vector);
    expect(second!.position!.offset).toBeGreaterThan(first!.position!.offset);
    const reasons = readFileSync(join(at('twice'), 'dead-letters.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((letter) => (JSON.parse(letter) as { reason: string }).reason);
    expect(reasons).toEqual([
      'is not a JSON object',
      expect.stringMatching(/^has the type "rate"/),
      expect.stringMatching(/^is of 2001-01-01T00:00:00.000Z, older/),
      'has as its user true; text or a number is wanted',
      // The same id with other content.
      expect.stringMatching(/^has the id "x", under which its user has another: .*fleetwood.*, not .*ac-dc/),
    ]);
  });

  it('are taken back by an undo, as if they had not been', async () => {
    const args = [at('undo.ndjson'), '--once', '--state', at('undo')];
    writeFileSync(at('undo.ndjson'), event('ann', 0));
    const [before] = await linesOf(args);
    appendFileSync(at('undo.ndjson'), event('ann', 1, { id: 'wrong', type: 'like' }));
    const [between] = await linesOf(args);
    appendFileSync(at('undo.ndjson'), '{"user": "ann", "type": "undo", "undoes": "wrong"}\n');
    const [after] = await linesOf(args);
    expect(between?.vector).not.toEqual(before?.vector);
    expect(after?.vector).toEqual(before?.vector);
  });

  it('are one sequence by time with what the ledger of the root says', async () => {
    const [early, late] = [Date.now() - 60_000, Date.now() - 30_000].map((ms) => new Date(ms).toISOString());
    const opinion = (user: string, type: string, time: string | undefined): string =>
      event(user, 0, { type, time }) + event(user, 1, { time: early });
    // What was said here and there, what it is the same as, and what it is not.
    for (const [user, first, second] of [
      ['fond', 'dislike', 'like'],
      ['tired', 'like', 'dislike'],
    ] as const) {
      const only = `${user}-only`;
      for (const [there, here, times] of [
        [first, second, [early, late]],
        [second, first, [late, early]],
      ] as const) {
        const both = `${user}-${there}`;
        await folder.segue(['feedback', 'add', both, songs[0]!, '--type', there, '--time', times[0]!]);
        writeFileSync(
          at(`${both}.ndjson`),
          opinion(both, here, times[1]) +
            opinion(only, first, early) +
            event(only, 0, { type: second, time: late }),
        );
        const lines = await linesOf([at(`${both}.ndjson`), '--once', '--state', at(`${both}-state`)]);
        const [merged, alone] = [both, only].map((id) => lines.find((line) => line.user === id)?.vector);
        expect(merged, both).toEqual(alone);
      }
    }
  });

  it('move everyone to another snapshot, and to other options, once', async () => {
    const args = [at('moved.ndjson'), '--once', '--state', at('moved')];
    writeFileSync(at('moved.ndjson'), event('ann', 0) + event('ben', 1));
    const lines = await linesOf(args);
    const blended = await linesOf([...args, '--blend', 'lifetime=0.5,recent=0.5']);
    expect(blended.map(({ user, position }) => [user, position])).toEqual([
      ['ann', null],
      ['ben', null],
    ]);
    expect((await linesOf(args)).map(({ vector }) => vector)).toEqual(lines.map(({ vector }) => vector));
    await folder.segue([...training, '--epochs', '4']);
    await folder.segue(['publish']);
    const moved = await linesOf(args);
    expect(moved.map(({ user }) => user)).toEqual(['ann', 'ben']);
    expect(new Set(moved.map(({ snapshot, basis }) => `${snapshot} ${basis}`)).size).toBe(1);
    expect(moved[0]?.basis).not.toBe(lines[0]?.basis);
    expect(await linesOf(args)).toEqual([]);
  });

  it('have the keys that --columns names, or that train knows, and are of the time that they say', async () => {
    const rows = [
      `{"who":"ann","track":"${songs[0]}","ts":1594257201,"session":"s"}`,
      `{"who":"ben","track":"${songs[1]}","ts":1594257202}`,
    ];
    writeFileSync(at('named.ndjson'), `${rows.join('\n')}\n`);
    const args = ['follow', at('named.ndjson'), '--once', '--state', at('named-state')];
    const old = ['--dedupe-for', '9999d'];
    const { stdout, stderr } = await folder.segue([...args, ...old, '--columns', 'user=who,weight=n']);
    expect(stdout.match(/"user":"\w+"/g)).toEqual(['"user":"ann"', '"user":"ben"']);
    expect(stderr).toContain(`named.ndjson has keys that are not read: "session"`);
    expect(stderr).toContain(
      `--columns or --filter names "n", which no line has that ${at('named.ndjson')} begins with`,
    );
    const late = await folder.segue([...args.slice(0, -1), at('late'), '--columns', 'user=who']);
    expect(readFileSync(join(at('late'), 'dead-letters.jsonl'), 'utf8')).toContain('is of 2020-07-09');
    expect(late.stderr).toContain('2 lines are not events');
  });

  it('have what expressions, filters and profiles say of them, and the same again after a restart', async () => {
    const listen = (user: string, song: string, ms: unknown = 40_000.5): string =>
      `${JSON.stringify({ listened_at: 1_594_257_201, ms, who: { name: user }, track_metadata: { artist_name: 'A - B', track_name: song } })}\n`;
    const path = at('listens.ndjson');
    writeFileSync(path, listen('ann', 'x') + listen('ben', 'y', 5) + listen('eve', 'z', '5'));
    const old = ['--dedupe-for', '9999d', '--once'];
    const columns = ['--columns', 'user=who.name,item=track_metadata.track_name', '--filter', 'ms >= 30000'];
    const args = ['follow', path, ...old, '--state', at('listens')];
    const first = await folder.segue([...args, ...columns]);
    expect(first.stdout.match(/"user":"\w+"/g)).toEqual(['"user":"ann"']);
    expect(first.stderr).toContain('left out: rows that do not match --filter (1)');
    expect(readFileSync(join(at('listens'), 'dead-letters.jsonl'), 'utf8')).toContain('ms holds texts');
    appendFileSync(path, listen('zoe', 'x'));
    const second = await folder.segue([...args, ...columns]);
    expect(second.stdout.match(/"user":"\w+"/g)).toEqual(['"user":"zoe"']);
    // Nobody says what they are: their keys do, also where reading goes on in the middle.
    const named = ['follow', path, ...old, '--state', at('recognised'), '--types', 'play=x'];
    expect((await folder.segue(named)).stderr).toContain('listens.ndjson is read as listenbrainz');
    appendFileSync(path, listen('zoe', 'x'));
    const third = await folder.segue(named);
    expect(third.stderr).toContain('listens.ndjson is read as listenbrainz');
    expect(third.stdout.match(/"user":"[^"]+"/g)).toHaveLength(1);
    const sql = await folder.segue(['follow', path, '--state', at('sql'), '--format', 'million-playlist'], 2);
    expect(sql.stderr).toContain('--format million-playlist is SQL over a whole file');
  });

  it('are read from a whole file by SQL too, and by the options that it was read by before', async () => {
    const playlists = [{ pid: 1, tracks: [{ track_uri: songs[0] }, { track_uri: songs[1] }] }];
    writeFileSync(at('slice.json'), JSON.stringify({ info: {}, playlists }, null, 2));
    const args = ['follow', '--add-events', at('slice.json'), '--state', at('slices')];
    const { stdout, stderr } = await folder.segue(args);
    expect(stderr).toContain('slice.json is read as million-playlist');
    expect(stdout.match(/"user":"1"/g)).toHaveLength(1);
    expect((await folder.segue(args, 2)).stderr).toContain('its sha256 is known');
    const other = await folder.segue([...args, '--filter', 'item != "x"'], 2);
    expect(other.stderr).toContain('were read before, by other options');
  });

  it('are refused as a table where they are followed, and read by its header where it is whole', async () => {
    const text = `user_id,track,ts,type\nann,${songs[0]},1594257201,skip\nann,${songs[1]},,play\n`;
    writeFileSync(at('live.csv'), text);
    writeFileSync(at('live.json'), '[\n{"user":"ann","item":"x"}\n]\n');
    for (const name of ['live.csv', 'live.json']) {
      const follow = ['follow', at(name), '--state', at('table')];
      const { stderr } = await folder.segue(follow, 2);
      expect(stderr).toContain(
        `${at(name)} begins with ${JSON.stringify(readFileSync(at(name), 'utf8').split('\n')[0])}; JSON Lines is wanted`,
      );
      expect(stderr).toContain('--once');
    }
    expect(readFileSync(join(at('table'), 'dead-letters.jsonl'), 'utf8')).toBe('');
    const once = [at('live.csv'), '--once', '--dedupe-for', '9999d', '--state', at('table')];
    expect(await linesOf(once)).toHaveLength(1);
    const { stderr } = await folder.segue(
      ['follow', ...once.filter((word) => word !== '--once'), '--delimiter', ';'],
      2,
    );
    expect(stderr).toContain('add --once');
  });

  it('are refused where another process follows into the same directory', async () => {
    const args = ['follow', at('owned.ndjson'), '--once', '--state', at('owned')];
    writeFileSync(at('owned.ndjson'), event('ann', 0));
    await folder.segue(args);
    const lock = tryLock(join(at('owned'), 'lock-follow'), { create: true, doing: 'following events' });
    const { stderr } = await folder.segue(args, 5);
    lock?.release();
    expect(stderr).toContain(`follows events into ${at('owned')}`);
    await folder.segue(args);
  });

  it('are refused in a root, in its ledger, and where a newer segue followed', async () => {
    writeFileSync(at('place.ndjson'), event('ann', 0));
    const args = ['follow', at('place.ndjson'), '--once', '--state'];
    await folder.segue(['feedback', 'add', 'zoe', songs[0]!, '--type', 'like']);
    expect((await folder.segue([...args, at('root')], 2)).stderr).toContain('is a root, and no directory');
    expect((await folder.segue([...args, at('root/feedback')], 2)).stderr).toContain(
      'is the ledger of a root',
    );
    await folder.segue([...args, at('newer')]);
    const note = join(at('newer'), 'follower.json');
    rmSync(note);
    writeFileSync(note, journalLine({ version: 2, done: {}, snapshot: 'x' }));
    expect((await folder.segue([...args, at('newer')], 4)).stderr).toContain('has format version 2');
  });

  it('need one file, a directory, and a name for stdin', async () => {
    const refused = async (...args: string[]): Promise<string> =>
      (await folder.segue(['follow', ...args], 2)).stderr;
    expect(await refused('x.ndjson')).toContain('--state DIR');
    expect(await refused('-', '--state', at('named'))).toContain('--stream NAME');
    expect(await refused('x.ndjson', 'ann', '--state', at('named'))).toContain('unexpected argument: ann');
    expect(await refused('--state', at('named'))).toContain('no file of events is named');
    const both = ['x.ndjson', '--add-events', 'y.ndjson', '--state', at('named')];
    expect(await refused(...both)).toContain('one of them at a time');
  });
});

describe('the state of a follower', () => {
  it('that was written before files had marks goes on at its place', async () => {
    const golden = new URL('../golden/follower-v1', import.meta.url);
    cpSync(golden, at('old'), { recursive: true });
    // Files that were there before, and never read.
    writeFileSync(at('old/plays.ndjson.2'), event('dee', 0));
    for (const [n, name] of ['plays.ndjson.2', 'plays.ndjson.1', 'plays.ndjson'].entries())
      utimesSync(at(`old/${name}`), n + 1, n + 1);
    renameSync(at('old/plays.ndjson'), at('old/plays.ndjson.0'));
    appendFileSync(at('old/plays.ndjson.0'), event('eve', 1));
    writeFileSync(at('old/plays.ndjson'), event('flo', 2));
    const args = [at('old/plays.ndjson'), '--once', '--state', at('old/state')];
    const usersOf = async (): Promise<string[]> => {
      const lines = await linesOf(args);
      return lines.filter(({ position }) => position !== null).map(({ user }) => user);
    };
    expect(await usersOf()).toEqual(['eve', 'flo']);
    // Now there are marks.
    renameSync(at('old/plays.ndjson'), at('old/moved'));
    cpSync(at('old/moved'), at('old/plays.ndjson.20990101'));
    writeFileSync(at('old/plays.ndjson'), event('gus', 0));
    expect(await usersOf()).toEqual(['gus']);
  });

  it('whose journal lost its end reads again what stands, and says so', async () => {
    const args = [at('lost.ndjson'), '--once', '--state', at('lost')];
    writeFileSync(at('lost.ndjson'), event('ann', 0) + 'no event\n');
    await linesOf(args);
    const { size } = statSync(join(at('lost'), 'journal-1'));
    appendFileSync(at('lost.ndjson'), event('ben', 1) + 'nor this\n' + event('cy', 2));
    expect((await linesOf(args)).map(({ user }) => user)).toEqual(['ben', 'cy']);
    truncateSync(join(at('lost'), 'journal-1'), size);
    const damaged = await folder.segue(['follow', ...args], 4);
    expect(damaged.stderr).toContain('its entries end at 1, and 3 was acknowledged');
    expect(damaged.stderr).toContain(`${at('lost')}, the state of a follower: journal-1 of the ledger`);
    const forget = await folder.segue(['feedback', 'forget', 'ann', '--state', at('lost')], 4);
    expect(forget.stderr).toContain(`${at('lost')}, the state of a follower: journal-1 of the ledger`);
    // As its hint says.
    rmSync(join(at('lost'), 'acknowledged'));
    const { stdout, stderr } = await folder.segue(['follow', ...args]);
    expect(stderr).toContain(`the journal of ${at('lost')} ends at entry 1, and 3 were stored`);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as Line).user),
    ).toEqual(['ben', 'cy']);
    expect(
      readFileSync(join(at('lost'), 'dead-letters.jsonl'), 'utf8')
        .trimEnd()
        .split('\n'),
    ).toHaveLength(2);
    expect((await folder.segue(['follow', ...args])).stderr).not.toContain('the journal');
  });

  it('gives no line to whose only event was refused before a kill', async () => {
    const args = [at('ghost.ndjson'), '--once', '--state', at('ghost')];
    writeFileSync(at('ghost.ndjson'), event('ben', 1));
    await linesOf(args);
    const note = join(at('ghost'), 'follower.json');
    const before = readFileSync(note);
    appendFileSync(at('ghost.ndjson'), event('ann', 0, { time: '2001-01-01' }) + event('ben', 0));
    const lines = await linesOf(args);
    rmSync(note);
    writeFileSync(note, before);
    expect(await linesOf(args)).toEqual(lines);
    expect(lines.map(({ user }) => user)).toEqual(['ben']);
  });

  it.each(['follower.json', 'forgotten.json', 'dead-letters.jsonl', 'live.json', 'journal-1'])(
    'with a FIFO as %s is refused at once',
    async (name) => {
      writeFileSync(at('fifo.ndjson'), event('ann', 0));
      const args = [at('fifo.ndjson'), '--once', '--state', at('fifo')];
      await linesOf(args);
      rmSync(join(at('fifo'), name), { force: true });
      execFileSync('mkfifo', [join(at('fifo'), name)]);
      expect((await folder.segue(['follow', ...args], 7)).stderr).toContain(`${name} is a FIFO`);
      rmSync(at('fifo'), { recursive: true });
    },
  );
});

describe('lines that are written to a file', () => {
  it('come again whole where the file could not be put in its place', async () => {
    const root = at('root');
    for (const [name, given] of [
      ['follow', { follow: at('whole.ndjson'), once: true }],
      ['add', { addEvents: at('whole.ndjson') }],
    ] as const) {
      writeFileSync(at('whole.ndjson'), event('ann', 0) + event('ben', 1));
      const out = at(`${name}.out`);
      const options = { ...given, root, state: at(`state-${name}`), out };
      const isTaken = (): void => writeFileSync(out, 'another file');
      await expect(followEvents(options, { onProgress: isTaken })).rejects.toThrow('is there already');
      rmSync(out);
      expect(await followEvents(options)).toMatchObject({ events: 0, lines: 2, out });
      const users = readFileSync(out, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as Line).user);
      expect(users).toEqual(['ann', 'ben']);
    }
  });

  it('are taken by a function of a program, or there is none to take them', async () => {
    writeFileSync(at('program.ndjson'), event('ann', 0));
    const options = { follow: at('program.ndjson'), once: true, root: at('root'), state: at('program') };
    await expect(followEvents(options)).rejects.toThrow('nothing takes them');
    const lines: string[] = [];
    const write = (text: string): Promise<void> => Promise.resolve(void lines.push(text));
    expect(await followEvents({ ...options, write })).toMatchObject({ events: 1, lines: 1, out: null });
    expect((JSON.parse(lines.join('')) as Line).user).toBe('ann');
  });
});

it('a follower whose lines nobody takes ends where it is told to, and its lines come in the next run', async () => {
  writeFileSync(at('stuck.ndjson'), event('ann', 0));
  const options = { follow: at('stuck.ndjson'), root: at('root'), state: at('stuck'), once: true };
  const stopping = new AbortController();
  const write = (): Promise<void> => {
    setImmediate(() => stopping.abort());
    return new Promise(() => undefined);
  };
  await expect(followEvents({ ...options, write }, { signal: stopping.signal })).rejects.toThrow();
  const [ann] = await linesOf([at('stuck.ndjson'), '--once', '--state', at('stuck')]);
  expect(ann?.user).toBe('ann');
});

it('a file of events that is added is refused when it was added before, whatever it is called now', async () => {
  const text = `user,item,time\nann,${songs[0]},2001-01-01\nben,${songs[1]},2024-01-01\n`;
  writeFileSync(at('old.csv'), text);
  const out = at('vectors.ndjson');
  await folder.segue(['follow', '--add-events', at('old.csv'), '--state', at('seen'), '--out', out]);
  expect(readFileSync(out, 'utf8').trimEnd().split('\n')).toHaveLength(2);
  writeFileSync(at('other.csv'), text);
  const again = ['follow', '--add-events', at('other.csv'), '--state', at('seen')];
  expect((await folder.segue(again, 2)).stderr).toContain('were added before');
});
