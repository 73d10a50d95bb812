import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { buildIndex } from '#dist/core/tasks/build-index.js';
import type { BuildIndexOptions, BuildIndexResult } from '#dist/core/tasks/build-index.js';
import { makeSmallSnapshot } from '../../helpers/small-snapshot.js';
import { idA, listening } from '../../helpers/snapshots.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';
import { hashesBelow } from '../../helpers/trained-root.js';
import { randomRows } from '../../helpers/vectors.js';

const newDirectory = temporaryDirectories('test');
const items = randomRows(5, 400, 7, 40).map((row, i) => [`song-${i}`, ...row] as const);
const users = new Map([
  ['ann', [0, 5]],
  ['bob', [7]],
]);
let root: string;

beforeEach(async () => {
  root = newDirectory();
  await makeSmallSnapshot(root, idA, { items, users });
});

function build(options: Partial<BuildIndexOptions> = {}, context = listening()): Promise<BuildIndexResult> {
  return buildIndex({ root, targetRecall: 0.9, seed: 42, threads: 1, ...options }, context);
}

const manifestOf = (id: string) =>
  JSON.parse(readFileSync(join(rootPath.snapshot(root, id), 'manifest.json'), 'utf8'));
const latest = (): string => readlinkSync(rootPath.latest(root)).slice(-16);

describe('build-index', () => {
  it('makes a snapshot that shares its parent’s files and says what was measured', async () => {
    const result = await build({ tag: 'nightly' });
    expect(result).toMatchObject({
      parent: idA,
      basis: idA,
      kind: 'item',
      lists: 8,
      targetRecall: 0.9,
      sampled: 400,
      existed: false,
      tag: 'nightly',
      path: rootPath.snapshot(root, result.snapshot),
    });
    expect(result.recallAt10).toBeGreaterThanOrEqual(0.9);
    expect(result.probes).toBeLessThan(8);
    // All 400 were looked at: nothing is left to chance.
    expect(result.recallInterval).toEqual([result.recallAt10, result.recallAt10]);
    expect(result.at100.recall).toBeGreaterThanOrEqual(0.9);
    expect(result.at100.probes).toBeGreaterThanOrEqual(result.probes);
    expect(latest()).toBe(result.snapshot);

    const manifest = manifestOf(result.snapshot);
    expect(manifest.index.item).toEqual({
      kind: 'ivf',
      encoding: 'int8',
      lists: 8,
      probes: result.probes,
      regionGap: expect.any(Number),
      targetRecall: 0.9,
      recallAt10: result.recallAt10,
      recallInterval: result.recallInterval,
      sampled: 400,
      at100: {
        probes: result.at100.probes,
        regionGap: expect.any(Number),
        recall: result.at100.recall,
        recallInterval: expect.any(Array),
        sampled: 400,
      },
      options: { lists: 8, seed: 42, 'algorithm-version': 4, order: 'int8-by-norm-1' },
    });
    const parent = manifestOf(idA);
    expect({ ...manifest.inputs, ...manifest.metrics }).toEqual({ ...parent.inputs, ...parent.metrics });
    for (const name of Object.keys(parent.files)) {
      const inode = (id: string): number => statSync(join(rootPath.snapshot(root, id), name)).ino;
      expect([name, inode(result.snapshot)]).toEqual([name, inode(idA)]);
    }
    const own = Object.entries<{ bytes: number }>(manifest.files).filter(([name]) =>
      name.startsWith('index/'),
    );
    expect(own).toHaveLength(10);
    expect(result.orderBytes).toBeGreaterThan(400 * (8 + 4 + 12));
    expect(result.bytes).toBe(own.reduce((sum, [, { bytes }]) => sum + bytes, 0));
  });

  it('finds what was built before, from whichever snapshot it starts', async () => {
    const first = await build();
    const again = await build();
    expect(again).toEqual({ ...first, existed: true, seconds: again.seconds });
    const fromParent = await build({ snapshot: idA, threads: 2, tag: 'again' });
    expect(fromParent).toEqual({ ...again, tag: 'again', seconds: fromParent.seconds });
    expect(readdirSync(rootPath.snapshots(root)).sort()).toEqual([idA, first.snapshot].sort());
  });

  it('has an id of its own for every option, and replaces an index by another', async () => {
    const results = [
      await build(),
      await build({ targetRecall: 0.95 }),
      await build({ lists: 20 }),
      await build({ seed: 43 }),
    ];
    expect(new Set(results.map(({ snapshot }) => snapshot)).size).toBe(4);
    // Each started from the one before, which had an index already.
    expect(results.map(({ parent }) => parent)).toEqual([
      idA,
      ...results.slice(0, 3).map(({ snapshot }) => snapshot),
    ]);
    expect(results[2]!.lists).toBe(20);
  });

  it('makes the same files at 1 and 3 threads', async () => {
    const hashes: Record<string, string>[] = [];
    for (const threads of [1, 3]) {
      const folder = newDirectory();
      await makeSmallSnapshot(folder, idA, { items, users });
      const { path } = await build({ root: folder, threads });
      hashes.push(hashesBelow(path));
    }
    expect(Object.keys(hashes[0]!)).toContain('index/item.lists.npy');
    expect(hashes[1]).toEqual(hashes[0]);
  });

  it('tells how far it is', async () => {
    const context = listening();
    await build({}, context);
    const phases = context.told.flatMap((progress) => (progress.kind === 'step' ? [progress.phase] : []));
    expect([...new Set(phases)]).toEqual(expect.arrayContaining(['clustering', 'measuring recall']));
  });

  it('leaves nothing behind when it is interrupted', async () => {
    const stopping = new AbortController();
    const context = listening(stopping.signal);
    const onProgress = (): void => {
      stopping.abort();
    };
    await expect(build({}, { ...context, onProgress })).rejects.toEqual(
      expect.objectContaining({ code: 'interrupted' }),
    );
    expect(readdirSync(rootPath.snapshots(root))).toEqual([idA]);
    expect(latest()).toBe(idA);
  });

  it.each([
    [{ targetRecall: 0 }, '`targetRecall` 0'],
    [{ targetRecall: 1.5 }, '`targetRecall` 1.5'],
    [{ targetRecall: NaN }, '`targetRecall` NaN'],
    [{ lists: 0 }, '`lists` 0'],
    [{ lists: 2.5 }, '`lists` 2.5'],
    [{ tag: 'current' }, 'reserved'],
  ])('refuses %j', async (options, message) => {
    await expect(build(options)).rejects.toEqual(
      expect.objectContaining({ code: 'bad-usage', message: expect.stringContaining(message) }),
    );
  });

  it('takes a catalogue of one item', async () => {
    const folder = newDirectory();
    await makeSmallSnapshot(folder, idA, { items: [['only', 1, 2]] });
    const result = await build({ root: folder, lists: 500 });
    expect(result).toMatchObject({ lists: 1, probes: 1, recallAt10: 1, sampled: 1 });
  });

  it('leaves items whose vectors are zero out of the lists', async () => {
    const folder = newDirectory();
    await makeSmallSnapshot(folder, idA, {
      items: items.map(([id, ...row], i) => [id, ...(i % 2 === 0 ? row : row.map(() => 0))]),
    });
    const { snapshot, sampled } = await build({ root: folder, lists: 10 });
    expect(sampled).toBe(200);
    const path = join(rootPath.snapshot(folder, snapshot), 'index/item.rows.npy');
    expect(statSync(path).size).toBe(128 + 200 * 4);
  });
});
