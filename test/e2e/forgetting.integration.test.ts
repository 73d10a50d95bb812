import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tryLock } from '#dist/core/files/kernel-lock.js';
import { useCanaryHere } from '../helpers/canary-here.js';
import { prepare } from '../helpers/prepared.js';
import { binPath, cleanEnv } from '../helpers/run-segue.js';
import { smallRock } from '../helpers/small-rock.js';
import { makeFolder, type Folder } from '../helpers/trained-root.js';

useCanaryHere();

/** Of the training; the others are known by events alone. */
const user = 'KGLK/2014-06-16';
const item = 'fleetwood-mac-rhiannon';

let folder: Folder;
const below = (...names: string[]): string => join(folder.path, ...names);
const one = async (args: readonly string[], code = 0): Promise<Record<string, any>> =>
  (await folder.json(args, code))[0]!;

beforeEach(async () => {
  folder = makeFolder();
  await prepare(folder, [
    ['train', smallRock.plays, '--items', smallRock.items, '--factors', '8', '--epochs', '2'],
    ['publish'],
  ]);
});
afterEach(() => folder.remove());

/** The files below a directory that hold a text anywhere, by path below it. */
function filesWith(text: string, directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(directory, name)).isFile())
    .filter((name) => readFileSync(join(directory, name)).includes(text))
    .sort();
}

const event = (of: string, more: object = {}): string => `${JSON.stringify({ user: of, item, ...more })}\n`;

/** Lines of users, by whom. */
async function followed(...args: string[]): Promise<string[]> {
  const { stdout } = await folder.segue(['follow', '--state', below('listeners'), ...args]);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { user: string }).user);
}

/** A follower that goes on; what it has printed, by user. */
function startFollower(file: string): { readonly child: ChildProcess; readonly users: string[] } {
  const args = ['follow', file, '--state', below('listeners'), '--root', below('root')];
  const child = spawn(process.execPath, [binPath, ...args], { cwd: folder.path, env: cleanEnv() });
  const users: string[] = [];
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) users.push((JSON.parse(line) as { user: string }).user);
  });
  return { child, users };
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await wait(50);
}

describe('forgetting a user', () => {
  it('leaves not a byte of them below the root and in a state, once what it names is done', async () => {
    const { snapshot } = await one(['snapshots', 'show']);
    const id = snapshot as string;
    const plays = below('plays.ndjson');
    writeFileSync(plays, event(user) + event(user, { type: 'shout' }) + `${user},${item}\n` + event('other'));
    expect(await followed('--once', plays)).toEqual([user, 'other']);
    await folder.segue(['feedback', 'add', user, item, '--type', 'ban']);
    for (const [name, file] of [
      [`trash/${id}.0123456789ab`, undefined],
      ['snapshots/.tmp-0123456789abcdef', undefined],
      ['snapshots/.unchecked-0123456789abcdef', undefined],
      ['checkpoints/0123456789abcdef', `1.${'0'.repeat(64)}`],
    ] as const) {
      if (file === undefined)
        cpSync(below('root', 'snapshots', id), below('root', name), { recursive: true });
      else {
        mkdirSync(below('root', name), { recursive: true });
        writeFileSync(below('root', name, file), user);
      }
    }
    const forget = ['feedback', 'forget', user, '--state', below('listeners')];
    const held = { state: below('listeners'), entries: 1, letters: 2, byFollower: false };
    expect(await one([...forget, '--dry-run'])).toMatchObject({ entries: 1, deleted: false, states: [held] });
    expect(filesWith(user, below('listeners'))).toContain('dead-letters.jsonl');

    expect(await one(forget)).toMatchObject({
      ...{ entries: 1, deleted: true, states: [held], snapshots: [{ id, isCurrent: true }] },
      removed: [`trash/${id}.0123456789ab`, 'snapshots/.tmp-0123456789abcdef'],
      mayHold: ['snapshots/.unchecked-0123456789abcdef', 'checkpoints/0123456789abcdef'],
    });
    expect(filesWith(user, below('listeners'))).toEqual([]);
    // Whoever counts the users of a snapshot that still holds them counts without them.
    const { users, of } = await one(['users', '-k', '1000']);
    expect(users).toHaveLength((of as number) - 1);
    expect((users as { id: string }[]).map(({ id: each }) => each)).not.toContain(user);
    expect(await one([...forget, '--unfinished'])).toMatchObject({
      ...{ entries: 0, mayHold: [] },
      removed: ['snapshots/.unchecked-0123456789abcdef', 'checkpoints/0123456789abcdef'],
    });
    const still = filesWith(user, below('root'));
    expect(still.length).toBeGreaterThan(0);
    expect(still.filter((path) => !/^(snapshots.*|current|latest).users./.test(path))).toEqual([]);

    // As `next` says.
    const made = await one(['user-vector', '--all']);
    await folder.segue(['publish', made['snapshot'] as string]);
    await folder.segue(['snapshots', 'delete', id, '--force']);
    expect(filesWith(user, below('root'))).toEqual([]);
    expect(await one(['feedback', 'forget', user])).toMatchObject({ snapshots: [], mayHold: [] });
    // The others are as they were.
    expect(filesWith('"other"', below('listeners'))).not.toEqual([]);
  });

  it('is obeyed by a follower that runs, by itself: no line, no event, no dead letter of before', async () => {
    const plays = below('plays.ndjson');
    // A clock that is ahead.
    writeFileSync(plays, event(user, { time: Date.now() + 300_000 }) + event('other') + `${user},\n`);
    const { child, users } = startFollower(plays);
    try {
      await until(() => users.includes('other') && filesWith(user, below('listeners')).length > 1);
      const forgotten = await one(['feedback', 'forget', user, '--state', below('listeners')]);
      expect(forgotten['states']).toMatchObject([{ entries: 1, letters: 1, byFollower: true }]);
      expect(filesWith(user, below('listeners'))).toEqual([]);
      // Only the follower knows them.
      expect(await one(['feedback', 'forget', 'other'], 3)).toMatchObject({
        error: { code: 'user-not-found' },
      });
      const ofState = ['--state', below('listeners')];
      expect(await one(['feedback', 'forget', 'other', ...ofState])).toMatchObject({ deleted: true });
      expect(await one(['feedback', 'forget', 'other'])).toMatchObject({ entries: 0 });
      await until(() => filesWith('"other"', below('listeners')).length === 0);

      users.length = 0;
      const before = { time: Date.parse(forgotten['forgottenAt'] as string) - 5000 };
      appendFileSync(
        plays,
        event(user, before) + event(user, { ...before, type: 'shout' }) + event('third', before),
      );
      await until(() => users.includes('third'));
      expect(users).toEqual(['third']);
      expect(filesWith(user, below('listeners'))).toEqual([]);
      // Whoever comes back, after the latest that was forgotten, is someone new.
      appendFileSync(plays, event(user, { time: Date.now() + 400_000 }));
      await until(() => users.includes(user));
    } finally {
      child.kill('SIGKILL');
      await once(child, 'close');
    }
    const again = await followed('--once', plays);
    expect(again).not.toContain('other');
    expect(filesWith('"other"', below('listeners'))).toEqual([]);
  });

  it('is obeyed by a follower that did not run, before it reads on, and by what it reads again', async () => {
    const plays = below('plays.ndjson');
    const time = Date.now() - 1000;
    writeFileSync(plays, event(user, { time }) + event('other', { time }) + 'no event\n');
    await followed('--once', plays);
    await folder.segue(['feedback', 'forget', user]);
    expect(filesWith(user, below('listeners'))).not.toEqual([]);
    writeFileSync(below('empty.ndjson'), '');
    expect(await followed('--once', below('empty.ndjson'))).toEqual([]);
    expect(filesWith(user, below('listeners'))).toEqual([]);
    writeFileSync(below('replayed.ndjson'), event(user, { time }) + event('third', { time }));
    expect(await followed('--once', below('replayed.ndjson'))).toEqual(['third']);
    expect(filesWith(user, below('listeners'))).toEqual([]);
    // What others sent that is no event stays.
    expect(filesWith('no event', below('listeners'))).toEqual(['dead-letters.jsonl']);
    // A user of whom the state knew nothing.
    await folder.segue(['feedback', 'add', 'never', item, '--type', 'like']);
    await folder.segue(['feedback', 'forget', 'never']);
    expect(await followed('--add-events', below('plays.ndjson'))).toEqual(['other']);
    writeFileSync(below('more.ndjson'), event('never', { time }));
    expect(await followed('--once', below('more.ndjson'))).toEqual([]);
    expect(filesWith('"never"', below('listeners'))).toEqual([]);
  });

  it('leaves no line to print of what a follower had stored when it was killed', async () => {
    const [plays, note] = [below('plays.ndjson'), below('listeners', 'follower.json')];
    writeFileSync(plays, event('other'));
    await followed('--once', plays);
    const before = readFileSync(note);
    appendFileSync(plays, event(user) + event('third'));
    expect(await followed('--once', plays)).toEqual([user, 'third']);
    rmSync(note);
    writeFileSync(note, before);
    await folder.segue(['feedback', 'forget', user]);
    expect(await followed('--once', plays)).toEqual(['third']);
  });

  it('says of a state that another process owns that its follower does it, and of what is no state that it is none', async () => {
    writeFileSync(below('plays.ndjson'), event('one') + event('other'));
    await followed('--once', below('plays.ndjson'));
    const forget = ['feedback', 'forget', 'one', '--state', below('listeners')];
    const refused = await one([...forget.slice(0, -1), folder.path], 2);
    expect(refused['error']).toMatchObject({ code: 'bad-usage' });
    expect(refused['error'].message).toContain('is not the state of a follower');
    const lock = tryLock(below('listeners', 'lock-follow'), { create: true, doing: 'following events' })!;
    try {
      const { error } = await one(forget, 5);
      expect(error.code).toBe('busy');
      expect(error.suggestions.join()).toContain('a follower of this root forgets the user by itself');
    } finally {
      lock.release();
    }
    expect(await one(forget)).toMatchObject({ states: [{ entries: 1, byFollower: false }] });
  });

  it('is refused where there is no such root, and begins none', async () => {
    const { error } = await one(['feedback', 'forget', user, '--root', below('rot')], 3);
    expect(error).toMatchObject({
      code: 'snapshot-not-found',
      message: `there is no directory ${below('rot')}`,
    });
    expect(readdirSync(folder.path)).not.toContain('rot');
  });
});
