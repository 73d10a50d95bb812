/** Processes that open and close the same store all the time, ours and LMDB's own: none is in the way of another. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { isThere, idA } from '../helpers/snapshots.js';
import { makeSmallSnapshot } from '../helpers/small-snapshot.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();

/** Twenty opens a line on stdout, from when stdin says so until it ends. */
const untilTheEnd = `
  const counts = { opens: 0, errors: [] };
  let goesOn = true;
  process.stdout.write('ready\\n');
  await new Promise((resolve) => process.stdin.once('data', resolve));
  process.stdin.once('end', () => (goesOn = false)).resume();
  while (goesOn) {
    try {
      for (let time = 0; time < 20; time++) await once();
      counts.opens += 20;
    } catch (error) {
      counts.errors.push(String(error));
    }
    process.stdout.write('more\\n');
    // So that the end of stdin is heard.
    await new Promise((resolve) => setImmediate(resolve));
  }
  process.stdout.write(JSON.stringify(counts) + '\\n', () => process.exit());`;

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

interface Opener {
  /** Begins; resolves when it has opened and closed the store 200 times. */
  begin(): Promise<void>;
  end(): Promise<{ readonly opens: number; readonly errors: readonly string[] }>;
}

async function start(program: string, args: readonly string[]): Promise<Opener> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const closed = once(child, 'close');
  let last = '';
  lines.on('line', (line) => (last = line));
  await once(lines, 'line');
  return {
    async begin() {
      child.stdin.write('go');
      for (let batch = 0; batch < 10; batch++) await once(lines, 'line');
    },
    async end() {
      child.stdin.end();
      expect(await closed).toEqual([0, null]);
      return JSON.parse(last) as { opens: number; errors: string[] };
    },
  };
}

it('opens and closes a store in three processes, each 200 times, beside LMDB itself, without an error', async () => {
  const root = temporaryDirectory();
  await makeSmallSnapshot(root, idA, {
    items: [
      ['come', 1, 0],
      ['plush', 0, 1],
    ],
  });
  const store = `${rootPath.snapshot(root, idA)}/model/store.mdb`;
  const openers = await Promise.all([
    start(lmdb, [store]),
    ...Array.from({ length: 3 }, () => start(ours, [root, idA])),
  ]);
  // All go on until the last has done enough: each of the opens of any is beside those of the others.
  await Promise.all(openers.map((each) => each.begin()));
  for (const { opens, errors } of await Promise.all(openers.map((each) => each.end()))) {
    expect(errors).toEqual([]);
    expect(opens).toBeGreaterThanOrEqual(200);
  }
  // We leave nothing beside the store; what LMDB leaves does not damage the snapshot.
  expect(readdirSync(dirname(store)).filter((name) => name.startsWith('store'))).toEqual([
    'store.mdb',
    'store.mdb-lock',
  ]);
  expect(await isThere(root, idA)).toBe(true);
});
