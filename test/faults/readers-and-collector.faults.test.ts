/** Readers beside a collector that keeps only what is current: a lease, once held, keeps every file. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { replaceSymlink } from '#dist/core/files/durable-write.js';
import { linkTarget, rootPath } from '#dist/core/snapshot/layout.js';
import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
import { readManifest } from '#dist/core/snapshot/read-manifest.js';
import { verifyFiles } from '#dist/core/snapshot/verify.js';
import { writeStamp } from '#dist/core/snapshot/stamp.js';
import { gc } from '#dist/core/tasks/gc.js';
import { listening, modelFiles, plantSnapshot } from '../helpers/snapshots.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();

/** Opens current, waits, and only then opens the files, as a slow reader would. */
const reader = `
  import { readFileSync } from 'node:fs';
  import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
  const root = process.argv[1];
  const context = { signal: new AbortController().signal, onProgress: () => undefined };
  const counts = { reads: 0, failed: 0, lastError: '' };
  let open = true;
  process.stdin.on('end', () => (open = false)).resume();
  process.stdout.write('ready');
  while (open) {
    try {
      const snapshot = await openForReading(root, 'current', context);
      await new Promise((resolve) => setTimeout(resolve, 2));
      for (const name of ['manifest.json', 'model/item.npy', 'model/eigenvalues.npy']) readFileSync(snapshot.path + '/' + name);
      snapshot.close();
      counts.reads++;
      process.stdout.write('.');
    } catch (error) {
      counts.failed++;
      counts.lastError = error.message;
    }
  }
  process.stdout.write(JSON.stringify(counts));`;

it('loses no file under a lease while hundreds of snapshots come and go', async () => {
  const root = temporaryDirectory();
  const idOf = (at: number): string => at.toString(16).padStart(16, 'f');
  const publishNext = async (at: number): Promise<void> => {
    const path = plantSnapshot(root, idOf(at), modelFiles(at));
    const manifest = readManifest(join(path, 'manifest.json'));
    writeStamp(root, manifest, await verifyFiles(path, manifest, listening()));
    replaceSymlink(linkTarget(idOf(at)), rootPath.current(root));
  };
  await publishNext(0);
  const readers = await Promise.all(Array.from({ length: 3 }, () => startReader(root)));

  let collected = 0;
  const leasedBeside = async (): Promise<string[]> => {
    const { snapshots } = await gc({ root, keep: 0, dryRun: false }, listening());
    collected += snapshots.filter((snapshot) => snapshot.collected).length;
    return snapshots.filter(({ why }) => why.includes('leased')).map(({ snapshot }) => snapshot);
  };
  for (let at = 1; at <= 300; at++) {
    // Every so often one of them is surely read while it is replaced and collected.
    const held = at % 20 === 0 ? await openForReading(root, 'current', listening()) : undefined;
    await publishNext(at);
    const leased = await leasedBeside();
    if (held === undefined) continue;
    expect(leased).toContain(held.id);
    readFileSync(join(held.path, 'model/item.npy'));
    held.close();
  }
  // All of them read on until each has read often beside this.
  await Promise.all(readers.map((reader) => reader.untilReads(20)));
  for (const counts of await Promise.all(readers.map((reader) => reader.stop()))) {
    expect(counts).toMatchObject({ failed: 0, lastError: '' });
    expect(counts.reads).toBeGreaterThanOrEqual(20);
  }
  expect(await leasedBeside()).toEqual([]);
  // All went but what is current.
  expect(collected).toBe(300);
  expect(readdirSync(rootPath.trash(root))).toEqual([]);
});

interface Reader {
  untilReads(reads: number): Promise<void>;
  stop(): Promise<{ reads: number; failed: number; lastError: string }>;
}

async function startReader(root: string): Promise<Reader> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', reader, root], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk) => (text += String(chunk)));
  const closed = new Promise((resolve) => child.once('close', resolve));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return {
    async untilReads(reads) {
      while (text.length < 'ready'.length + reads) await once(child.stdout, 'data');
    },
    async stop() {
      child.stdin.end();
      await closed;
      return JSON.parse(text.slice(text.indexOf('{'))) as {
        reads: number;
        failed: number;
        lastError: string;
      };
    },
  };
}
