import { spawn } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { needsOtherStart } from '#dist/cli/start-again.js';
import { addressLimit } from '#dist/core/errors.js';
import { describeInSmokeTest, inFullTest, inSmokeTest } from '../helpers/full-tests.js';
import { binPath, cleanEnv } from '../helpers/run-segue.js';
import { makeFolder } from '../helpers/trained-root.js';
import type { Folder } from '../helpers/trained-root.js';

const quickly = inSmokeTest();
const quickDescribe = describeInSmokeTest();

const flag = '--disable-wasm-trap-handler';
const gigabytes = 2 ** 30;

quickDescribe('addressLimit', () => {
  quickly.each([
    ['Max address space         unlimited            unlimited            bytes     ', Infinity],
    ['Max address space         3072000000           unlimited            bytes     ', 3_072_000_000],
    ['Max address space         3072000000           4096000000           bytes     ', 3_072_000_000],
    ['Max open files            20000                20000                files     ', Infinity],
    ['', Infinity],
  ])('of %j is %d', (line, bytes) => {
    expect(addressLimit(`Limit  Soft Limit  Hard Limit  Units\n${line}\nMax file locks  unlimited\n`)).toBe(
      bytes,
    );
  });
});

quickDescribe('needsOtherStart', () => {
  const start = { execArgv: [], nodeOptions: undefined, limitBytes: 4 * gigabytes, knowsFlag: true };

  quickly('is so where addresses are few, and V8 was not told', () => {
    expect(needsOtherStart(start)).toBe(true);
    expect(needsOtherStart({ ...start, nodeOptions: '--max-old-space-size=4000' })).toBe(true);
  });

  quickly.each([
    ['there is no limit', { limitBytes: Infinity }],
    ['the limit is far', { limitBytes: 64 * gigabytes }],
    ['it was started so', { execArgv: [flag] }],
    ['the environment says so', { nodeOptions: `--enable-source-maps ${flag}` }],
    ['Node does not know how', { knowsFlag: false }],
  ])('is not so where %s', (_what, more) => expect(needsOtherStart({ ...start, ...more })).toBe(false));
});

describe('under ulimit -v', { tags: ['linux'] }, () => {
  let folder: Folder;
  beforeAll(() => {
    folder = makeFolder();
    const rows = Array.from({ length: 60 }, (_, row) => `u${row % 10},i${(row * 7) % 12}`);
    writeFileSync(join(folder.path, 'events.csv'), `user,item\n${rows.join('\n')}\n`);
  });
  afterAll(() => folder.remove());

  interface End {
    readonly code: number | null;
    readonly signal: NodeJS.Signals | null;
    readonly text: string;
  }

  /** A shell with addresses for 4 GB, which Node needs most of, whatever the program; or for so many KiB. */
  function limited(
    args: readonly string[],
    stop?: { readonly signal: NodeJS.Signals; readonly once: () => boolean },
    kibibytes = 4_000_000,
  ): Promise<End> {
    return new Promise((resolve, reject) => {
      const child = spawn(
        'sh',
        ['-c', `ulimit -v ${kibibytes}; exec "$0" "$@"`, process.execPath, binPath, ...args],
        {
          cwd: folder.path,
          env: cleanEnv({ SEGUE_ROOT: join(folder.path, 'root') }),
          stdio: ['ignore', 'pipe', 'pipe'],
        },
      );
      let text = '';
      for (const name of ['stdout', 'stderr'] as const)
        child[name].on('data', (more) => (text += String(more)));
      // Only once: a second one ends a command in the middle of its cleaning up.
      const looking = setInterval(() => {
        if (stop?.once() !== true) return;
        clearInterval(looking);
        child.kill(stop.signal);
      }, 20);
      child.once('error', reject);
      child.once('close', (code, signal) => {
        clearInterval(looking);
        resolve({ code, signal, text });
      });
    });
  }

  inFullTest()('trains, indexes, publishes (so its canary too) and searches', async () => {
    for (const args of [
      ['train', 'events.csv', '--factors', '4', '--epochs', '2', '--threads', '2'],
      ['build-index'],
      ['publish'],
    ]) {
      const { code, text } = await limited(args);
      expect(code, text).toBe(0);
    }
    rmSync(join(folder.path, 'root', 'stamps'), { recursive: true });
    expect(await limited(['similar', 'i1'])).toMatchObject({ code: 0 });
  });

  quickly('ends with the exit code of what it started', async () => {
    expect(await limited(['similar', 'nobody', '--root', 'none'])).toMatchObject({ code: 3, signal: null });
  });

  inFullTest()('passes termination on', async () => {
    const args = ['train', 'events.csv', '--epochs', '10000', '--checkpoint', '1', '--root', 'long'];
    const isTraining = (): boolean => existsSync(join(folder.path, 'long/checkpoints'));
    const { code, signal, text } = await limited(args, { signal: 'SIGTERM', once: isTraining }, 20_000_000);
    expect({ code, signal }, text).toEqual({ code: 143, signal: null });
  });
});
