/** Processes that open and close the same store all the time, ours and LMDB's own: none is in the way of another. */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, it } from 'vitest';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { isThere, idA } from '../helpers/snapshots.js';
import { makeSmallSnapshot } from '../helpers/small-snapshot.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();

const untilTheEnd = `
  const counts = { opens: 0, errors: [] };
  const end = Date.now() + 5000;
  // On a slow machine until it has been done often.
  while (Date.now() < end || counts.opens + counts.errors.length < 200) {
    try {
      for (let time = 0; time < 20; time++) await once();
      counts.opens += 20;
    } catch (error) {
      counts.errors.push(String(error));
    }
  }
  process.stdout.write(JSON.stringify(counts));
  process.exit();`;

/** Opens current as commands do, asks its store, and closes both. */
const ours = `
  import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
  import { openCatalogue } from '#dist/core/store/catalogue.js';
  const [root, id] = process.argv.slice(1);
  const context = { signal: new AbortController().signal, onProgress: () => undefined };
  const once = async () => {
    const snapshot = await openForReading(root, id, context);
    const catalogue = openCatalogue(snapshot.file('model/store.mdb'));
    if (catalogue.find('item', 'name:PLUSH') !== 1) throw new Error('another row');
    catalogue.close();
    snapshot.close();
  };
  ${untilTheEnd}`;

const lmdb = `
  import { open } from 'lmdb';
  const path = process.argv[1];
  const options = { path, readOnly: true, noSubdir: true, encoding: 'binary', keyEncoding: 'binary' };
  const once = async () => {
    const store = open(options);
    if (store.getStats().entryCount === 0) throw new Error('no entries');
    await store.close();
  };
  ${untilTheEnd}`;

async function run(program: string, args: readonly string[]): Promise<{ opens: number; errors: string[] }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk) => (text += String(chunk)));
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => {
    child.once('close', (...end) => resolve(end));
  });
  expect([code, signal]).toEqual([0, null]);
  return JSON.parse(text) as { opens: number; errors: string[] };
}

it('opens and closes a store in three processes for 5 s, beside LMDB itself, without an error', async () => {
  const root = temporaryDirectory();
  await makeSmallSnapshot(root, idA, {
    items: [
      ['come', 1, 0],
      ['plush', 0, 1],
    ],
  });
  const store = `${rootPath.snapshot(root, idA)}/model/store.mdb`;
  const readers = Array.from({ length: 3 }, () => run(ours, [root, idA]));
  const [beside, ...counts] = await Promise.all([run(lmdb, [store]), ...readers]);
  for (const { opens, errors } of counts) {
    expect(errors).toEqual([]);
    expect(opens).toBeGreaterThanOrEqual(200);
  }
  expect(beside.opens).toBeGreaterThanOrEqual(200);
  // We leave nothing beside the store; what LMDB leaves does not damage the snapshot.
  expect(readdirSync(dirname(store)).filter((name) => name.startsWith('store'))).toEqual([
    'store.mdb',
    'store.mdb-lock',
  ]);
  expect(await isThere(root, idA)).toBe(true);
});
