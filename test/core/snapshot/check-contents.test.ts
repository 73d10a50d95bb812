import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkContents } from '#dist/core/snapshot/check-contents.js';
import { readManifest } from '#dist/core/snapshot/read-manifest.js';
import type { Manifest } from '#dist/core/snapshot/manifest.js';
import { writeCatalogue } from '#dist/core/store/catalogue-writer.js';
import { writeUserDirectory } from '#dist/core/store/user-directory.js';
import { itemTableChunks, userTableChunks } from '#dist/core/tables/snapshot-tables.js';
import { packStrings } from '#dist/core/tables/string-column.js';
import { buildIvfFiles, ivfBytesOf } from '../../helpers/ivf.js';
import { contentOf, idA, npy, plantSnapshot } from '../../helpers/snapshots.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const keptDirectory = temporaryDirectories('file');
const temporaryDirectory = temporaryDirectories();

/** Every kind of file that a snapshot can have: three items, two users with two pairs each, two lists. */
let files: Map<string, Uint8Array>;
let index: Awaited<ReturnType<typeof buildIvfFiles>>;

async function storeOf(ids: readonly string[]): Promise<Uint8Array> {
  const path = join(keptDirectory(), 'store.mdb');
  await writeCatalogue(path, 'item', { ids: packStrings(ids), columns: [] });
  return readFileSync(path);
}

async function userStoreOf(ids: readonly string[]): Promise<Uint8Array> {
  const path = join(keptDirectory(), 'store.mdb');
  await writeUserDirectory(path, packStrings(ids));
  return readFileSync(path);
}

async function itemTableOf(ids: readonly string[]): Promise<Uint8Array> {
  const counts = new Uint32Array(ids.length);
  return Buffer.concat(await itemTableChunks({ ids: packStrings(ids), counts, columns: [] }));
}

async function userTableOf(ids: readonly string[]): Promise<Uint8Array> {
  return Buffer.concat(await userTableChunks({ ids: packStrings(ids), counts: new Uint32Array(ids.length) }));
}

beforeAll(async () => {
  const vectors = [
    [1, 2],
    [3, 4],
    [5, 6],
  ];
  index = await buildIvfFiles(keptDirectory(), vectors, { lists: 2, threads: 1 });
  const { regions, centroids, lists, scales, regionOffsets, offsets, rows } = ivfBytesOf(index.paths);
  files = new Map<string, Uint8Array>([
    ['model/item.npy', npy('<f4', [3, 2], new Float32Array([1, 2, 3, 4, 5, 6]))],
    ['model/eigenvalues.npy', npy('<f8', [2], new Float64Array([2, 1]))],
    ['model/store.mdb', await storeOf(['a', 'b', 'c', 'never played'])],
    ['model/item.arrow', await itemTableOf(['a', 'b', 'c', 'never played'])],
    ['users/users.arrow', await userTableOf(['u', 'v'])],
    ['users/store.mdb', await userStoreOf(['u', 'v'])],
    ['users/users.npy', npy('<f4', [2, 2], new Float32Array(4))],
    ['users/history/indptr.npy', npy('<u4', [3], new Uint32Array([0, 2, 4]))],
    ['users/history/item.npy', npy('<u4', [4], new Uint32Array([0, 2, 0, 1]))],
    ['users/history/weight.npy', npy('<i8', [4], new BigInt64Array(4))],
    ['users/history/count.npy', npy('<u4', [4], new Uint32Array(4))],
    ['users/history/last.npy', npy('<M8[ms]', [4], new BigInt64Array(4))],
    ['users/history/flags.npy', npy('|u1', [4], new Uint8Array(4))],
    ['index/item.regions.npy', regions!],
    ['index/item.centroids.npy', centroids!],
    ['index/item.lists.npy', lists!],
    ['index/item.scales.npy', scales!],
    ['index/item.region-offsets.npy', regionOffsets!],
    ['index/item.offsets.npy', offsets!],
    ['index/item.rows.npy', rows!],
  ]);
});

function check(
  change: Readonly<Record<string, Uint8Array | undefined>>,
  fields: Partial<Manifest> = {},
): Promise<void> {
  const changed = new Map(files);
  for (const [name, bytes] of Object.entries(change)) {
    if (bytes === undefined) changed.delete(name);
    else changed.set(name, bytes);
  }
  const path = plantSnapshot(temporaryDirectory(), idA, changed);
  const manifest = readManifest(join(path, 'manifest.json'));
  const item = {
    ...{ kind: 'ivf', encoding: 'int8', lists: 2, probes: 1, targetRecall: 0.9 },
    ...{ recallAt10: 1, sampled: 3, options: {} },
  };
  const users = { rows: 2, unconverged: 0, options: {} };
  return checkContents(path, { ...manifest, users, index: { item }, ...fields });
}

describe('checkContents', () => {
  it('finds nothing wrong in a whole snapshot, and in one without users or index', async () => {
    await check({});
    const modelOnly = Object.fromEntries(
      [...files.keys()].filter((name) => !name.startsWith('model')).map((name) => [name, undefined]),
    );
    await check(modelOnly, { users: null, index: null });
  });

  it.each<[string, string, () => Uint8Array | Promise<Uint8Array> | undefined]>([
    ['vectors of other items', 'model/item.npy', () => npy('<f4', [2, 2], new Float32Array(4))],
    ['vectors of another dim', 'model/item.npy', () => npy('<f4', [3, 3], new Float32Array(9))],
    ['vectors of f64', 'model/item.npy', () => npy('<f8', [3, 2], new Float64Array(6))],
    ['no vectors at all, only zeros', 'model/item.npy', () => new Uint8Array(128)],
    ['an empty file', 'model/eigenvalues.npy', () => new Uint8Array(0)],
    ['a store of other items', 'model/store.mdb', () => storeOf(['a', 'b', 'x', 'never played'])],
    ['a store of too few items', 'model/store.mdb', () => storeOf(['a', 'b'])],
    ['a table of too few items', 'model/item.arrow', () => itemTableOf(['a', 'b'])],
    ['a table that is zeros', 'model/item.arrow', () => Buffer.alloc(4096)],
    ['a table that was cut', 'model/item.arrow', () => files.get('model/item.arrow')!.subarray(0, -8)],
    ['a table of other users', 'users/users.arrow', () => userTableOf(['u'])],
    ['a store of other users', 'users/store.mdb', () => userStoreOf(['u', 'w'])],
    ['a store that is zeros', 'model/store.mdb', () => Buffer.alloc(8192)],
    ['users without vectors', 'users/users.npy', () => undefined],
    ['vectors of other users', 'users/users.npy', () => npy('<f4', [3, 2], new Float32Array(6))],
    ['histories of other users', 'users/history/indptr.npy', () => npy('<u4', [2], new Uint32Array([0, 4]))],
    ['a history without times', 'users/history/last.npy', () => undefined],
    ['times of another dtype', 'users/history/last.npy', () => npy('<i8', [4], new BigInt64Array(4))],
    [
      'items that do not exist',
      'users/history/item.npy',
      () => npy('<u4', [4], new Uint32Array([0, 2, 0, 3])),
    ],
    ['items out of order', 'users/history/item.npy', () => npy('<u4', [4], new Uint32Array([2, 0, 0, 1]))],
    ['an index without lists', 'index/item.lists.npy', () => undefined],
    ['other centroids', 'index/item.centroids.npy', () => npy('|i1', [2, 4, 8, 2], new Int8Array(128))],
    ['no scales', 'index/item.scales.npy', () => undefined],
    ['other scales', 'index/item.scales.npy', () => npy('<f4', [3, 2], new Float32Array(6))],
    ['a row twice', 'index/item.rows.npy', () => npy('<u4', [3], new Uint32Array([2, 0, 2]))],
    ['a row that does not exist', 'index/item.rows.npy', () => npy('<u4', [3], new Uint32Array([2, 0, 3]))],
    ['lists that end early', 'index/item.offsets.npy', () => npy('<u4', [3], new Uint32Array([0, 1, 2]))],
    ['lists that start late', 'index/item.offsets.npy', () => npy('<u4', [3], new Uint32Array([1, 1, 3]))],
    ['lists that run backwards', 'index/item.offsets.npy', () => npy('<u4', [3], new Uint32Array([0, 4, 3]))],
  ])('names the file: %s', async (_what, name, bytes) => {
    await expect(check({ [name]: await bytes() })).rejects.toMatchObject({
      code: 'damaged-snapshot',
      message: expect.stringContaining(name),
    });
  });

  it('finds an index that was built from other vectors', async () => {
    const { rows, offsets } = index;
    // One of the longer list and the only one of the other change places: neither is found by its own vector.
    const [alone, one] = offsets[1] === 1 ? [0, 1] : [2, 0];
    const changed = Uint32Array.from(rows);
    [changed[alone], changed[one]] = [rows[one]!, rows[alone]!];
    await expect(check({ 'index/item.rows.npy': npy('<u4', [3], changed) })).rejects.toMatchObject({
      code: 'damaged-snapshot',
      message: expect.stringContaining('2 of 3 items do not find themselves in it'),
    });
  });

  describe('of a model without vectors', () => {
    const users = { rows: 2, unconverged: 0, options: {} };
    const without = {
      'model/item.npy': undefined,
      'model/eigenvalues.npy': undefined,
      'users/users.npy': undefined,
    };
    const noIndex = Object.fromEntries(
      [...'centroids lists rows offsets'.split(' ')].map((name) => [`index/item.${name}.npy`, undefined]),
    );
    const as = (scorer: string, file: string, bytes: Uint8Array | undefined): Promise<void> =>
      check({ ...without, ...noIndex, [file]: bytes }, { users, index: null, model: modelOf(scorer) });
    const modelOf = (scorer: string): Manifest['model'] => ({
      ...contentOf(idA).model,
      ...{ scorer, fold: 'history', dim: 0 },
    });

    it.each([
      ['item-item', 'model/similarity.npy', npy('<f4', [3, 3], new Float32Array(9))],
      ['constant', 'model/score.npy', npy('<f4', [3], new Float32Array(3))],
    ])('asks for what its scorer reads and for no vectors: %s', async (scorer, name, bytes) => {
      await as(scorer, name, bytes);
    });

    const [indptr, idx, weight] = ['indptr', 'idx', 'weight'].map((part) => `model/similarity.${part}.npy`);
    /** Item 0 gives to 1 and 2, item 2 to 1. */
    const sparse = {
      [indptr!]: npy('<u4', [4], new Uint32Array([0, 2, 2, 3])),
      [idx!]: npy('<u4', [3], new Uint32Array([1, 2, 1])),
      [weight!]: npy('<f4', [3], new Float32Array(3)),
    };
    const asSparse = (changed: Record<string, Uint8Array | undefined>): Promise<void> =>
      check(
        { ...without, ...noIndex, ...sparse, ...changed },
        { users, index: null, model: modelOf('sparse-item-item') },
      );

    it('asks for a sparse matrix and for no vectors', async () => {
      await asSparse({});
    });

    it.each([
      ['no rows', indptr!, undefined],
      ['no numbers', weight!, undefined],
      ['rows of other items', indptr!, npy('<u4', [3], new Uint32Array([0, 2, 3]))],
      ['rows that run backwards', indptr!, npy('<u4', [4], new Uint32Array([0, 3, 2, 3]))],
      ['rows that end early', indptr!, npy('<u4', [4], new Uint32Array([0, 1, 1, 2]))],
      ['an item that does not exist', idx!, npy('<u4', [3], new Uint32Array([1, 3, 1]))],
      ['items out of order', idx!, npy('<u4', [3], new Uint32Array([2, 1, 1]))],
      ['numbers that were cut', weight!, npy('<f4', [3], new Float32Array(2))],
      ['numbers of f64', weight!, npy('<f8', [3], new Float64Array(3))],
    ])('names the file of a sparse matrix: %s', async (_what, name, bytes) => {
      await expect(asSparse({ [name]: bytes })).rejects.toMatchObject({
        code: 'damaged-snapshot',
        message: expect.stringContaining(name),
      });
    });

    it.each([
      ['no matrix', 'item-item', 'model/similarity.npy', undefined],
      ['other items', 'item-item', 'model/similarity.npy', npy('<f4', [2, 2], new Float32Array(4))],
      [
        'a matrix that is not square',
        'item-item',
        'model/similarity.npy',
        npy('<f4', [3, 2], new Float32Array(6)),
      ],
      ['a matrix of f64', 'item-item', 'model/similarity.npy', npy('<f8', [3, 3], new Float64Array(9))],
      ['a matrix that was cut', 'item-item', 'model/similarity.npy', npy('<f4', [3, 3], new Float32Array(8))],
      ['no scores', 'constant', 'model/score.npy', undefined],
      ['scores of other items', 'constant', 'model/score.npy', npy('<f4', [4], new Float32Array(4))],
      ['scores in two axes', 'constant', 'model/score.npy', npy('<f4', [3, 1], new Float32Array(3))],
    ])('names the file: %s', async (_what, scorer, name, bytes) => {
      await expect(as(scorer, name, bytes)).rejects.toMatchObject({
        code: 'damaged-snapshot',
        message: expect.stringContaining(name),
      });
    });
  });

  it('says of a scorer that it does not know who does', async () => {
    const model = { ...contentOf(idA).model, scorer: 'transformer' };
    await expect(check({}, { model })).rejects.toMatchObject({
      code: 'newer-format',
      message: expect.stringContaining(
        'the scorer of its model als is "transformer"; this segue knows inner-product',
      ),
    });
  });

  it('does not need the tables or the stores', async () => {
    await check({ 'model/item.arrow': undefined, 'users/users.arrow': undefined });
    await check({ 'model/store.mdb': undefined, 'users/store.mdb': undefined });
  });
});
