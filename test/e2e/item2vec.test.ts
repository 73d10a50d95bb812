import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useCanaryHere } from '../helpers/canary-here.js';
import { makeFolder, type Folder } from '../helpers/trained-root.js';
import { words } from '../helpers/words.js';

useCanaryHere();

/** Playlists of three styles, in order: item a3 is followed by a4, and so on. */
function playlists(): string {
  const lines = ['playlist,track'];
  for (let p = 0; p < 60; p++) {
    const style = 'abc'[p % 3]!;
    for (let e = 0; e < 10; e++) lines.push(`p${p},${style}${(p * 7 + e) % 12}`);
  }
  return `${lines.join('\n')}\n`;
}

describe('item2vec on the command line', () => {
  let folder: Folder;
  const answer = async (args: string[]): Promise<Record<string, any>> => (await folder.json(args))[0]!;
  beforeAll(() => {
    folder = makeFolder();
    writeFileSync(join(folder.path, 'lists.csv'), playlists());
  });
  afterAll(() => folder.remove());

  const train = words`train lists.csv --model item2vec --factors 16 --epochs 30 --window 3`;

  it('trains on playlists, the loss falling; the same bytes at any number of threads', async () => {
    const made = await answer([...train, '--threads', '1']);
    expect(made).toMatchObject({ model: 'item2vec', dim: 16, users: 60, items: 36, existed: false });
    const losses = made['epochs'].map(({ loss }: { loss: number }) => loss);
    expect(losses).toHaveLength(30);
    expect(losses.at(-1)).toBeLessThan(0.7 * losses[0]);
    const other = makeFolder();
    try {
      writeFileSync(join(other.path, 'lists.csv'), playlists());
      const [again] = (await other.json([...train, '--threads', '3'])) as [Record<string, any>];
      expect(again['snapshot']).toBe(made['snapshot']);
      const manifest = (root: string): Buffer =>
        readFileSync(join(root, 'root/snapshots', made['snapshot'], 'manifest.json'));
      expect(manifest(other.path)).toEqual(manifest(folder.path));
    } finally {
      other.remove();
    }
  });

  it('names another order of the same rows another snapshot, where als does not', async () => {
    const rows = playlists().trim().split('\n');
    writeFileSync(join(folder.path, 'turned.csv'), `${[rows[0], ...rows.slice(1).reverse()].join('\n')}\n`);
    const idOf = async (file: string, model: string): Promise<string> =>
      (await answer(['train', file, '--model', model, '--dry-run']))['snapshot'] as string;
    expect(await idOf('lists.csv', 'als')).toBe(await idOf('turned.csv', 'als'));
    expect(await idOf('lists.csv', 'item2vec')).not.toBe(await idOf('turned.csv', 'item2vec'));
  });

  it('finds items of the same style near, and recommends them to known and new listeners', async () => {
    const { neighbours } = await answer(['similar', 'a5', '-k', '5']);
    for (const { id } of neighbours) expect(id).toMatch(/^a/);
    const known = await answer(['recommend', 'p1', '-k', '2']);
    for (const { id } of known['recommendations']) expect(id).toMatch(/^b/);
    const fresh = await answer(['recommend', '--like', 'c1', '--like', 'c2', '-k', '3']);
    for (const { id } of fresh['recommendations']) expect(id).toMatch(/^c/);
  });

  it('gives one user the vector that --all stores', async () => {
    const one = await answer(['user-vector', 'p5']);
    expect(one).toMatchObject({ user: 'p5', dim: 16, events: 10, converged: true });
    const events = ['user,item', 'p5,a1', 'p5,a2', 'p5,nothing'].join('\n');
    writeFileSync(join(folder.path, 'more.csv'), `${events}\n`);
    const all = await answer(['user-vector', '--all', '--events', 'more.csv']);
    expect(all).toMatchObject({ users: 60, unconverged: 0, existed: false });
    const changed = await answer(['user-vector', 'p5', '--snapshot', 'latest']);
    expect(changed['vector']).not.toEqual(one['vector']);
    const other = await answer(['user-vector', 'p6', '--snapshot', 'latest']);
    const path = join(folder.path, 'root/snapshots', all['snapshot'], 'users/users.npy');
    const stored = readFileSync(path).subarray(-4 * 16 * 60);
    const values = new Float32Array(Uint8Array.from(stored).buffer);
    const rows = Array.from({ length: 60 }, (_, u) => [...values.subarray(16 * u, 16 * u + 16)]);
    expect(rows).toContainEqual(other['vector']);
    expect(rows).toContainEqual(changed['vector']);
  });

  it('is indexed, published, compared and measured as any model of vectors is', async () => {
    const indexed = await answer(['build-index']);
    expect(indexed['recallAt10']).toBeGreaterThanOrEqual(0.95);
    const published = await answer(['publish']);
    expect(published['published']).toBe(indexed['snapshot']);
    const other = await answer([...train, '--seed', '1', '--holdout', '0.2']);
    expect(other['metrics']['ndcg@100']).toBeGreaterThan(0.3);
    const difference = await answer(['diff-snapshots', published['published'], other['snapshot']]);
    expect(difference['items']).toMatchObject({ added: 0, removed: 0 });
    const evaluated = await folder.json(words`evaluate lists.csv --split leave-last-out --model item2vec
      --factors 8 --epochs 20 --bootstrap 0`);
    const { results } = evaluated[0] as { results: { name: string; metrics: Record<string, number> }[] };
    expect(results.map(({ name }) => name)).toEqual(['item2vec', 'popularity']);
    expect(results[0]!.metrics['hit-rate@10']).toBeGreaterThan(0.5);
    const test = [
      'playlist,track',
      ...Array.from({ length: 60 }, (_, p) => `p${p},${'abc'[p % 3]!}${(p * 7 + 10) % 12}`),
    ];
    writeFileSync(join(folder.path, 'test.csv'), `${test.join('\n')}\n`);
    const [stored] = await folder.json([
      ...['evaluate', '--snapshot', published['published'], '--test', 'test.csv', '--bootstrap', '0'],
    ]);
    expect(stored!['results'][0].metrics['hit-rate@10']).toBeGreaterThan(0.5);
  });

  it('counts what came last for more with --recency, in the order of rows of --events too', async () => {
    const { snapshot } = await answer([...train, '--recency', '1']);
    const vectorOf = async (rows: string[]): Promise<number[]> => {
      writeFileSync(join(folder.path, 'someone.csv'), `user,item\n${rows.join('\n')}\n`);
      const args = ['user-vector', '--events', 'someone.csv', '--snapshot', snapshot];
      return (await answer(args))['vector'] as number[];
    };
    const [ab, ba, a, b] = [
      await vectorOf(['new,a1', 'new,b1']),
      await vectorOf(['new,b1', 'new,a1']),
      await vectorOf(['new,a1']),
      await vectorOf(['new,b1']),
    ];
    ab.forEach((value, f) => {
      expect(value).toBeCloseTo((a[f]! + 2 * b[f]!) / 3, 5);
      expect(ba[f]).toBeCloseTo((2 * a[f]! + b[f]!) / 3, 5);
    });
  });

  it('refuses options of other models, and says which models they are for', async () => {
    const { stdout } = await folder.segue([...train, '--reg', '1', '--json'], 2);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: 'bad-usage', details: { flag: 'reg', model: 'item2vec' } },
    });
  });
});
