import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useCanaryHere } from '../helpers/canary-here.js';
import { smallRock } from '../helpers/small-rock.js';
import { makeFolder, type Folder } from '../helpers/trained-root.js';
import { words } from '../helpers/words.js';

useCanaryHere();

describe('user vectors apart from training', () => {
  let folder: Folder;
  let trained: Record<string, any>;
  const station = 'KGLK/2014-06-16';
  const plays = gunzipSync(readFileSync(smallRock.plays)).toString().trimEnd().split('\n');
  const playsOf = (user: string): string[] => plays.filter((row) => row.startsWith(`${user},`));

  beforeAll(async () => {
    folder = makeFolder();
    [trained] = (await folder.json(['train', smallRock.plays, '--factors', '16', '--epochs', '4'])) as [any];
  });
  afterAll(() => folder.remove());

  it('are the same from stored histories and from the same events in another order', async () => {
    const path = join(folder.path, 'events.csv');
    writeFileSync(path, ['user,item,time', ...playsOf(station).reverse()].join('\n'));
    const [stored] = await folder.json(['user-vector', station]);
    const [read] = await folder.json(['user-vector', '--events', path]);
    expect(read).toEqual(stored);
    expect(stored!['events']).toBe(playsOf(station).length);
  });

  it('can be made of events by people the model never saw, from stdin too', async () => {
    const events = ['user,item', 'me,nirvana-lithium', 'me,pearl-jam-black', 'me,no such song'].join('\n');
    const path = join(folder.path, 'me.csv');
    writeFileSync(path, events);
    const { stdout, stderr } = await folder.segue(['user-vector', 'me', '--events', path, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      user: 'me',
      events: 2,
      basis: trained['basis'],
      converged: true,
    });
    expect(stderr).toContain('1 of 3 items');
    writeFileSync(path, 'user,item\nme,unheard of\n');
    const [error] = await folder.json(['user-vector', '--events', path], 2);
    expect(error!['error']).toMatchObject({ code: 'bad-input-file' });
  });

  it('differ with --half-life, the less the longer it is', async () => {
    const vector = async (...args: string[]): Promise<number[]> =>
      (await folder.json(['user-vector', station, ...args]))[0]!['vector'];
    const plain = await vector();
    expect(await vector('--half-life', '1h')).not.toEqual(plain);
    const hardly = await vector('--half-life', '1000y');
    hardly.forEach((x, f) => expect(x).toBeCloseTo(plain[f]!, 4));
    await folder.segue(['user-vector', station, '--as-of', '2014-06-20'], 2);
  });

  it('of everyone are a snapshot that shares the model, found again when made again', async () => {
    const path = join(folder.path, 'events.csv');
    writeFileSync(
      path,
      ['user,item,time', ...playsOf(station).slice(0, 5), 'new,nirvana-lithium,1403000000'].join('\n'),
    );
    const [made] = await folder.json(words`user-vector --all --events ${path} --snapshot
      ${trained['snapshot']}`);
    expect(made).toMatchObject({
      parent: trained['snapshot'],
      basis: trained['basis'],
      users: trained['users'] + 1,
    });
    const root = join(folder.path, 'root/snapshots');
    const inode = (id: string, file: string): number => statSync(join(root, id, file)).ino;
    expect(inode(made!['snapshot'], 'model/item.npy')).toBe(inode(trained['snapshot'], 'model/item.npy'));
    expect(inode(made!['snapshot'], 'users/users.npy')).not.toBe(
      inode(trained['snapshot'], 'users/users.npy'),
    );

    const [changed, unchanged] = await Promise.all(
      [made!['snapshot'], trained['snapshot']].map((id) =>
        folder.json(['user-vector', station, '--snapshot', id]),
      ),
    );
    expect(changed![0]!['events']).toBe(5);
    expect(unchanged![0]!['events']).toBe(playsOf(station).length);
    expect((await folder.json(['recommend', 'new', '-k', '3']))[0]!['recommendations']).toHaveLength(3);

    const again = words`user-vector --all --events ${path} --snapshot ${trained['snapshot']} --threads 1`;
    expect((await folder.json(again))[0]).toMatchObject({ snapshot: made!['snapshot'], existed: true });
    const same = await folder.json(['user-vector', '--all', '--snapshot', trained['snapshot']]);
    expect(same[0]).toMatchObject({ snapshot: trained['snapshot'], existed: true });
  });

  it('cannot be asked for where a snapshot was made without users', async () => {
    const args = ['train', smallRock.plays, '--factors', '16', '--epochs', '4', '--without-users'];
    const [bare] = await folder.json(args);
    expect(bare).toMatchObject({ basis: trained['basis'] });
    expect(bare!['snapshot']).not.toBe(trained['snapshot']);
    const [error] = await folder.json(['recommend', station, '--snapshot', bare!['snapshot']], 2);
    expect(error!['error']).toMatchObject({ code: 'missing-part' });
    await folder.json(['recommend', '--like', 'nirvana-lithium', '--snapshot', bare!['snapshot']]);
  });
});
