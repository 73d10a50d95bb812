import { existsSync, mkdirSync, readdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { openHashLanes } from '#dist/core/files/hash-lanes.js';
import type { HashLane } from '#dist/core/files/hash-lanes.js';
import { hashFile } from '#dist/core/files/sha256.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();
const turn = 4 << 20;
let lanes: HashLane[] = [];

afterEach(async () => {
  await Promise.all(lanes.map((lane) => lane.close()));
  lanes = [];
});

function fileOf(bytes: number): string {
  const path = join(temporaryDirectory(), 'file');
  writeFileSync(path, Buffer.alloc(bytes, 'a song is played'));
  return path;
}

/** Where a link leads; nothing where it is gone by now. */
function targetOf(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}

describe.each([0, 1])('lane %i', (which) => {
  const open = (): HashLane => {
    lanes = openHashLanes(2);
    return lanes[which]!;
  };

  it.each([0, 1, turn - 1, turn, 2 * turn + 17])(
    'hashes a file of %i bytes, and says how far it is',
    async (bytes) => {
      const path = fileOf(bytes);
      const lane = open();
      const wanted = await hashFile(path);
      for (let time = 0; time < 2; time++) {
        let told = 0;
        expect(await lane.hash(path, { onBytes: (count) => (told += count) })).toEqual(wanted);
        expect(told).toBe(bytes);
      }
    },
  );

  it('says what stands in the place of a file, and goes on with the next one', async () => {
    const lane = open();
    const path = fileOf(10);
    mkdirSync(`${path}.directory`);
    symlinkSync(path, `${path}.link`);
    await expect(lane.hash(`${path}.none`, {})).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(lane.hash(`${path}.directory`, {})).rejects.toThrow('is a directory');
    await expect(lane.hash(`${path}.link`, {})).rejects.toThrow('is a symbolic link');
    expect((await lane.hash(path, {})).bytes).toBe(10);
  });

  it('stops where it is aborted, closes the file, and stays stopped', async () => {
    const lane = open();
    const path = fileOf(20 * turn);
    const abort = new AbortController();
    const onBytes = (): void => {
      abort.abort();
    };
    await expect(lane.hash(path, { signal: abort.signal, onBytes })).rejects.toThrow('interrupted');
    await expect(lane.hash(path, { signal: abort.signal })).rejects.toThrow('interrupted');
    // Only Linux lists what a process has open.
    if (!existsSync('/proc/self/fd')) return;
    const targets = readdirSync('/proc/self/fd').map((fd) => targetOf(`/proc/self/fd/${fd}`));
    expect(targets.length).toBeGreaterThan(3);
    expect(targets).not.toContain(path);
  });
});

it('a lane whose thread is gone hashes on the calling thread', async () => {
  lanes = openHashLanes(2);
  const path = fileOf(1000);
  await lanes[1]!.close();
  expect(await lanes[1]!.hash(path, {})).toEqual(await hashFile(path));
});

it('the hashing thread reports what the system refused, with its errno', async () => {
  const worker = new Worker(
    fileURLToPath(new URL('../../../dist/core/files/hash-worker.js', import.meta.url)),
  );
  worker.postMessage({ fd: 1_000_000 });
  const [report] = (await once(worker, 'message')) as [unknown];
  expect(report).toMatchObject({ errno: 'EBADF' });
  await worker.terminate();
});
