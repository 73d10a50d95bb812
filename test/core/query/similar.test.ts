import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '#dist/core/numeric/random.js';
import { buildIndex, type BuildIndexResult } from '#dist/core/tasks/build-index.js';
import { openReader, similar, type SimilarOptions, type SimilarResult } from '#dist/core/library.js';
import { changeManifest } from '../../helpers/golden-root.js';
import { makeMatrixSnapshot } from '../../helpers/matrix-snapshot.js';
import { makeSmallSnapshot } from '../../helpers/small-snapshot.js';
import { idA, idB, listening } from '../../helpers/snapshots.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';
import { randomRows, type Rows } from '../../helpers/vectors.js';

const keptDirectory = temporaryDirectories('file');
const rows: Rows = [...randomRows(11, 50, 6, 5), [0, 0, 0, 0, 0, 0]];
const zeroRow = 50;
const idOf = (row: number): string => `song-${row}`;
let root: string;

beforeAll(async () => {
  root = keptDirectory();
  const items = rows.map((row, i) => [idOf(i), ...row] as const);
  await makeSmallSnapshot(root, idA, { items, unplayed: ['never'] });
});

function ask(items: readonly string[], options: Partial<SimilarOptions> = {}): Promise<SimilarResult> {
  return similar({ root, items, ...options }, listening());
}

const failsWith = (code: string, text: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(text) });

describe('similar', () => {
  it('gives fewer than k only where fewer are left, and never an item without direction', async () => {
    const { neighbours } = await ask([idOf(0)], { k: 1000 });
    expect(neighbours).toHaveLength(49);
    expect(neighbours.map(({ id }) => id)).not.toContain(idOf(zeroRow));
    expect(neighbours.every(({ similarity }) => Number.isFinite(similarity))).toBe(true);
  });

  it('refuses what has no vector, or none that points anywhere', async () => {
    await expect(ask(['never'])).rejects.toEqual(failsWith('item-without-vector', 'nobody played it'));
    await expect(ask([idOf(zeroRow)])).rejects.toEqual(
      failsWith('item-without-vector', 'its vector is zero'),
    );
    await expect(ask(['song-1'], { minus: [idOf(zeroRow)] })).rejects.toEqual(
      failsWith('item-without-vector', '"SONG-50"'),
    );
    await expect(ask(['song-1', 'song-2'], { minus: ['song-2', 'song-1'] })).rejects.toEqual(
      failsWith('bad-usage', 'cancel the others'),
    );
  });
});

it('similar beside an index reads all vectors of a small catalogue, and says so', async () => {
  const folder = keptDirectory();
  const items = rows.map((row, i) => [idOf(i), ...row] as const);
  await makeSmallSnapshot(folder, idA, { items });
  await buildIndex({ root: folder, targetRecall: 0.9, seed: 1, threads: 1 }, listening());
  const { search } = await ask(['song-1'], { root: folder });
  expect(search).toEqual({ method: 'exact' });
});

/** So large that its index is worth reading, by few items of many dimensions: an index of many takes long. */
describe('a catalogue that is searched by its index', () => {
  const numItems = 520;
  let folder: string;
  let built: BuildIndexResult;
  const eventsOf = (item: number): number => (item % 3 === 0 ? 7 : 9);
  beforeAll(async () => {
    folder = keptDirectory();
    await makeMatrixSnapshot(folder, idA, { numItems, dim: 16_384, clusters: 20, counts: eventsOf });
    const options = { root: folder, targetRecall: 0.8, lists: 8, seed: 1, threads: 1 };
    built = await buildIndex(options, listening());
  });

  it('gives the bits of the exact search', async () => {
    const approximate = await ask(['item-5'], { root: folder });
    expect(approximate.search).toEqual({
      method: 'ivf',
      probes: built.probes,
      recallAt10: built.recallAt10,
      recallInterval: built.recallInterval,
      recallAt100: built.at100.recall,
    });
    const exact = await ask(['item-5'], { root: folder, exact: true });
    expect(exact.search).toEqual({ method: 'exact' });
    const similarities = new Map(exact.neighbours.map(({ id, similarity }) => [id, similarity]));
    const common = approximate.neighbours.filter(({ id }) => similarities.has(id));
    expect(common.length).toBeGreaterThanOrEqual(5);
    for (const { id, similarity } of common) expect(similarity).toBe(similarities.get(id));
    // k beyond the lists that were tuned: the same k answers.
    expect((await ask(['item-5'], { root: folder, k: 500 })).neighbours).toHaveLength(500);
  });

  it('finds k of so many events where there are k, and is measured against the exact list of the same rule', async () => {
    let [hits, all] = [0, 0];
    for (const item of ['item-5', 'item-6', 'item-100', 'item-333']) {
      const found = await ask([item], { root: folder, minEvents: 8 });
      expect(found.search.method).toBe('ivf');
      const exact = await ask([item], { root: folder, minEvents: 8, exact: true });
      const wanted = new Set(exact.neighbours.map(({ id }) => id));
      expect([wanted.size, found.neighbours.length]).toEqual([10, 10]);
      for (const { id } of found.neighbours) expect(eventsOf(Number(id.slice(5)))).toBe(9);
      hits += found.neighbours.filter(({ id }) => wanted.has(id)).length;
      all += wanted.size;
    }
    expect(hits / all).toBeGreaterThanOrEqual(0.7);
    const every = await ask(['item-6'], { root: folder, minEvents: 8, k: 500 });
    const numEnough = Array.from({ length: numItems }, (_, item) => eventsOf(item)).filter(
      (n) => n >= 8,
    ).length;
    expect(every.neighbours).toHaveLength(numEnough);
  });

  it('gives a reader the same in memory and in files, on its threads too', async () => {
    const reader = await openReader(folder, 'latest', listening());
    const pooled = await openReader(folder, 'latest', listening(), { workers: 2 });
    const random = seededRandom(3);
    for (let at = 0; at < 6; at++) {
      const item = (): string => `item-${random.nextBelow(numItems)}`;
      const question = {
        ...{ items: at % 3 === 0 ? [item(), item()] : [item()], minus: at % 4 === 1 ? [item()] : [] },
        ...{ k: [1, 10, 150][at % 3]!, kind: 'item', exact: at % 5 === 4 },
      };
      const wanted = await similar({ ...question, root: folder, snapshot: 'latest' }, listening());
      expect(wanted.search.method).toBe(question.exact ? 'exact' : 'ivf');
      expect(await reader.similar(question)).toEqual(wanted);
      // Both workers.
      const both = await Promise.all([pooled.similar(question), pooled.similar(question)]);
      expect(both).toEqual([wanted, wanted]);
    }
    await Promise.all([reader.close(), pooled.close()]);
    await expect(openReader(folder, idB, listening())).rejects.toMatchObject({ code: 'snapshot-not-found' });
  });

  it('compares everything where the index is one that is not read, and says what makes it fast', async () => {
    changeManifest(join(folder, 'snapshots', idA), (manifest) => {
      const measured = { targetRecall: 0.9, recallAt10: 0.95, sampled: 100, options: {} };
      manifest['index'] = { item: { kind: 'ivf', encoding: 'f32', lists: 90, probes: 3, ...measured } };
    });
    const context = listening();
    const asked = { items: ['item-5'] };
    const place = { root: folder, snapshot: idA };
    const { search, neighbours } = await similar({ ...asked, ...place }, context);
    expect(search).toEqual({ method: 'exact' });
    expect(context.told).toContainEqual({
      kind: 'warning',
      message: expect.stringContaining('has a form that this version does not read (ivf, f32)'),
      suggestions: [`segue build-index ${idA}`],
    });
    const exactly = listening();
    expect((await similar({ ...asked, ...place, exact: true }, exactly)).neighbours).toEqual(neighbours);
    expect(JSON.stringify(exactly.told)).not.toContain('index');
    // A reader that stays open says it once.
    const held = listening();
    const reader = await openReader(folder, idA, held);
    for (let at = 0; at < 3; at++) expect((await reader.similar(asked)).neighbours).toEqual(neighbours);
    await reader.close();
    expect(held.told).toHaveLength(1);
  });
});
