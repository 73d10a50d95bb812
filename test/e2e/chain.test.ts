import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { smallRock } from '../helpers/small-rock.js';
import { makeFolder, type Folder } from '../helpers/trained-root.js';
import { words } from '../helpers/words.js';

/** The whole job on a week of radio, one step after another: each test goes on where the one before ended. */
describe('from listening events to a published snapshot', () => {
  let folder: Folder;
  let trained: Record<string, any>;
  let indexed: Record<string, any>;
  const station = 'KGLK/2014-06-16';
  beforeAll(() => {
    folder = makeFolder();
  });
  afterAll(() => folder.remove());

  it('trains, with a falling loss', async () => {
    [trained] = (await folder.json(words`train ${smallRock.plays} --items ${smallRock.items} --factors
      16`)) as [typeof trained];
    expect(trained).toMatchObject({ model: 'als', dim: 16, existed: false, skippedRows: 0 });
    expect(trained['basis']).toBe(trained['snapshot']);
    const losses = trained['epochs'].map(({ loss }: { loss: number }) => loss);
    expect(losses).toHaveLength(16);
    expect(losses).toEqual(losses.toSorted((a: number, b: number) => b - a));
    expect(trained['metrics'].loss).toBe(losses.at(-1));
    expect(readlinkSync(join(folder.path, 'root/latest'))).toBe(`snapshots/${trained['snapshot']}`);
  });

  it('finds the same training complete, and says so without training', async () => {
    const args = ['train', smallRock.plays, '--items', smallRock.items, '--factors', '16', '--threads', '1'];
    const [again] = await folder.json(args);
    expect(again).toMatchObject({
      snapshot: trained['snapshot'],
      existed: true,
      epochs: [],
      metrics: trained['metrics'],
    });
    expect((await folder.segue(args)).stdout).toMatch(/already|complete|found/i);
  });

  it('says with --dry-run what it would do, and does nothing', async () => {
    const before = readdirSync(join(folder.path, 'root/snapshots'));
    const [plan] = await folder.json(['train', smallRock.plays, '--factors', '24', '--dry-run']);
    expect(plan).toMatchObject({
      dryRun: true,
      existed: false,
      users: trained['users'],
      items: trained['items'],
      dim: 24,
    });
    expect(plan!['memoryBytes']).toBeGreaterThan(0);
    expect(plan!['files'][0].columns).toMatchObject({ user: expect.anything(), item: expect.anything() });
    expect(readdirSync(join(folder.path, 'root/snapshots'))).toEqual(before);
  });

  it('indexes into a new snapshot that shares its parent’s files', async () => {
    [indexed] = (await folder.json(['build-index'])) as [typeof indexed];
    expect(indexed).toMatchObject({ parent: trained['snapshot'], kind: 'item', existed: false });
    expect(indexed['recallAt10']).toBeGreaterThanOrEqual(0.95);
    const inode = (id: string): number =>
      statSync(join(folder.path, 'root/snapshots', id, 'model/item.npy')).ino;
    expect(inode(indexed['snapshot'])).toBe(inode(trained['snapshot']));
    expect((await folder.json(['build-index', trained['snapshot']]))[0]).toMatchObject({
      snapshot: indexed['snapshot'],
      existed: true,
    });
  });

  it('knows what is near "Smells Like Teen Spirit"', async () => {
    const [{ neighbours, query, snapshot }] = (await folder.json(['similar', 'smells like teen SPIRIT'])) as [
      any,
    ];
    expect(snapshot).toBe(indexed['snapshot']);
    expect(query[0]).toMatchObject({
      id: 'nirvana-smells-like-teen-spirit',
      artist: 'Nirvana',
      released: 1991,
    });
    expect(neighbours.map(({ rank }: { rank: number }) => rank)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const artists = neighbours.map(({ artist }: { artist: string }) => artist);
    const nineties = ['Stone Temple Pilots', 'Nirvana'];
    for (const artist of nineties) expect(artists).toContain(artist);
    const similarities = neighbours.map(({ similarity }: { similarity: number }) => similarity);
    expect(similarities).toEqual(similarities.toSorted((a: number, b: number) => b - a));
    expect(neighbours.every(({ id }: { id: string }) => id !== query[0].id)).toBe(true);
  });

  it('answers the same exactly, and by index', async () => {
    const [a] = await folder.json(['similar', 'Come As You Are', '--exact']);
    const [b] = await folder.json(['similar', 'Come As You Are', '--snapshot', trained['snapshot']]);
    expect(a!['neighbours']).toEqual(b!['neighbours']);
  });

  it('gives a stored user the vector that is stored', async () => {
    const [vector] = await folder.json(['user-vector', station]);
    expect(vector).toMatchObject({ basis: trained['basis'], user: station, dim: 16, converged: true });
    const directory = join(folder.path, 'root/snapshots', trained['snapshot'], 'users');
    const stored = readFileSync(join(directory, 'users.npy'));
    const rows = new Float32Array(
      stored.buffer.slice(stored.byteOffset + stored.length - trained['users'] * 64),
    );
    const found = Array.from({ length: trained['users'] }, (_, u) => u).filter((u) =>
      vector!['vector'].every((x: number, f: number) => x === rows[u * 16 + f]),
    );
    expect(found).toHaveLength(1);
  });

  it('recommends what a station did not play that day', async () => {
    const [answer] = await folder.json(['recommend', station, '-k', '20']);
    expect(answer).toMatchObject({ snapshot: indexed['snapshot'], user: station });
    expect(answer!['recommendations']).toHaveLength(20);
    const [heard] = await folder.json(['recommend', station, '-k', '20', '--include-heard']);
    const ids = (result: Record<string, any>): string[] =>
      result['recommendations'].map(({ id }: { id: string }) => id);
    expect(ids(heard!)).not.toEqual(ids(answer!));
    const [one, two] = await folder.json(['recommend', station, 'WXGL/2014-06-16', '-k', '2']);
    expect([one!['user'], two!['user']]).toEqual([station, 'WXGL/2014-06-16']);
    expect(ids(one!)).toEqual(ids(answer!).slice(0, 2));
  });

  it('recommends to a new user, by likes and dislikes', async () => {
    const opinions = ['--like', 'Hotel California', '--dislike', 'Enter Sandman'];
    const [answer] = await folder.json(['recommend', ...opinions]);
    expect(answer!['user']).toBeNull();
    const ids = answer!['recommendations'].map(({ id }: { id: string }) => id);
    expect(ids).not.toContain('eagles-hotel-california');
    expect(ids).not.toContain('metallica-enter-sandman');
    const [excluding] = await folder.json(['recommend', ...opinions, '--exclude', ids[0]]);
    expect(excluding!['recommendations'].map(({ id }: { id: string }) => id)).not.toContain(ids[0]);
  });

  it('publishes by one relative link, and readers follow', async () => {
    const [refused] = await folder.json(['publish', '--require', 'recall@10>=1.5'], 1);
    expect(refused!['error']).toMatchObject({ code: 'does-not-hold' });
    expect(existsSync(join(folder.path, 'root/current'))).toBe(false);
    const [published] = await folder.json(['publish', trained['snapshot'], '--expect', 'none']);
    expect(published).toMatchObject({ published: trained['snapshot'], previous: null });
    expect(readlinkSync(join(folder.path, 'root/current'))).toBe(`snapshots/${trained['snapshot']}`);
    expect((await folder.json(['similar', 'Plush']))[0]!['snapshot']).toBe(trained['snapshot']);
    const [second] = await folder.json(['publish', '--require', 'recall@10>=0.95']);
    expect(second).toMatchObject({ published: indexed['snapshot'], previous: trained['snapshot'] });
    expect(second!['gates']).toMatchObject([{ name: 'recall@10', passed: true }]);
    await folder.json(['publish', trained['snapshot'], '--expect', trained['snapshot']], 5);
  });

  it('shows what changed between two trainings', async () => {
    const args = ['train', smallRock.plays, '--items', smallRock.items, '--factors', '32', '--tag', 'small'];
    await folder.json(args);
    const [diff] = await folder.json(['diff-snapshots', 'current', 'small']);
    expect(diff).toMatchObject({ items: { added: 0, removed: 0, common: trained['items'] } });
    expect(diff!['overlapAt10']).toBeGreaterThan(0.3);
    expect(diff!['overlapAt10']).toBeLessThan(1);
    const [same] = await folder.json(['diff-snapshots', trained['snapshot'], indexed['snapshot']]);
    expect(same!['overlapAt10']).toBe(1);
    await folder.json(['diff-snapshots', 'current', 'small', '--fail-on', 'overlap@10<0.99'], 1);
  });

  it('says what it does not find, and what comes closest', async () => {
    const [item] = await folder.json(['similar', 'Teen Spirit'], 3);
    expect(item!['error'].code).toBe('item-not-found');
    expect(JSON.stringify(item!['error'])).toContain('Smells Like Teen Spirit');
    const [user] = await folder.json(['recommend', 'KGLK/2014-06-99'], 3);
    expect(user!['error'].code).toBe('user-not-found');
    const [snapshot] = await folder.json(['similar', 'Plush', '--snapshot', 'nightly'], 3);
    expect(snapshot!['error'].code).toBe('snapshot-not-found');
  });
});
