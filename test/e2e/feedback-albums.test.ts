import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useCanaryHere } from '../helpers/canary-here.js';
import { makeFolder, type Folder } from '../helpers/trained-root.js';

useCanaryHere();

/** Three artists with an album of the same name each, and a table whose columns are called as tagging programs do. */
describe('feedback on an album whose name others have', () => {
  let folder: Folder;
  const one = async (args: string[], code = 0): Promise<Record<string, any>> =>
    (await folder.json(args, code))[0]!;
  const bannedOf = async (user: string, ...more: string[]): Promise<string[]> =>
    (await one(['users', 'show', user, '-k', '100', ...more]))['items']
      .filter(({ opinion }: any) => opinion === 'banned')
      .map(({ id }: any) => id)
      .sort();

  beforeAll(async () => {
    folder = makeFolder();
    const songs = ['Queen', 'Abba', 'Blur'].flatMap((artist) =>
      [0, 1, 2].map((n) => ({ id: `${artist}-${n}`, artist })),
    );
    const rows = songs.map(({ id, artist }) => `${id},Song ${id},${artist},Greatest Hits`);
    writeFileSync(join(folder.path, 'items.csv'), ['ID,Title,Artist,Album', ...rows, ''].join('\n'));
    const plays = [0, 1, 2, 3, 4, 5].flatMap((user) =>
      songs.filter((_, at) => (at + user) % 3 !== 0).map(({ id }) => `user-${user},${id}`),
    );
    writeFileSync(join(folder.path, 'plays.csv'), ['user,item', ...plays, ''].join('\n'));
    for (const model of ['als', 'ease'])
      await folder.segue(['train', 'plays.csv', '--items', 'items.csv', '--model', model, '--tag', model]);
  });
  afterAll(() => folder.remove());

  it.each([
    ['named by one of its songs', ['Queen-1', '--scope', 'album']],
    ['named by its id', ['album:Queen / Greatest Hits']],
  ])('holds for that one alone: %s', async (how, item) => {
    const user = `of ${how}`;
    const { entry } = await one(['feedback', 'add', user, ...item, '--type', 'ban', '--snapshot', 'als']);
    expect(entry).toMatchObject({ scope: 'album', item: 'Queen / Greatest Hits' });
    // A model without vectors has no albums of its own.
    for (const snapshot of ['als', 'ease'])
      expect(await bannedOf(user, '--snapshot', snapshot)).toEqual(['Queen-0', 'Queen-1', 'Queen-2']);
    const undone = ['feedback', 'undo', user, 'album:Queen / Greatest Hits', '--snapshot', 'als'];
    expect(await one(undone)).toMatchObject({ undone: { type: 'ban' }, holds: null });
  });

  it('finds the artist in a column of another spelling', async () => {
    const add = ['feedback', 'add', 'eve', 'Blur-0', '--scope', 'artist', '--type', 'ban'];
    expect((await one([...add, '--snapshot', 'ease']))['entry']).toMatchObject({ item: 'Blur' });
    expect(await bannedOf('eve', '--snapshot', 'als')).toEqual(['Blur-0', 'Blur-1', 'Blur-2']);
  });
});
