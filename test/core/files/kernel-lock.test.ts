import { spawn } from 'node:child_process';
import { chmodSync, existsSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readHolder, tryLock } from '#dist/core/files/kernel-lock.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();

/** A process that takes the lock, says so, and holds it until it is killed; it does so without an event loop. */
async function holder(
  path: string,
): Promise<{ pid: number; kill: (signal: NodeJS.Signals) => Promise<void> }> {
  const program = `
    import { tryLock } from '#dist/core/files/kernel-lock.js';
    if (tryLock(process.argv[1], { create: true })) process.stdout.write('held');
    const silent = new Int32Array(new SharedArrayBuffer(4));
    setTimeout(() => Atomics.wait(silent, 0, 0), 100);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return {
    pid: child.pid!,
    kill: async (signal) => {
      child.kill(signal);
      if (signal === 'SIGKILL') await ended;
    },
  };
}

describe('tryLock', () => {
  it('gives an exclusive lock to one at a time', () => {
    const path = join(temporaryDirectory(), 'lock');
    const first = tryLock(path, { create: true })!;
    expect(tryLock(path, { create: true })).toBeUndefined();
    expect(tryLock(path, { shared: true })).toBeUndefined();
    first.release();
    first.release();
    expect(tryLock(path)).toBeDefined();
  });

  it('gives shared locks together, on a file that nobody may write', () => {
    const path = join(temporaryDirectory(), 'file');
    writeFileSync(path, '');
    chmodSync(path, 0o444);
    const first = tryLock(path, { shared: true })!;
    const second = tryLock(path, { shared: true })!;
    chmodSync(path, 0o644);
    expect(tryLock(path)).toBeUndefined();
    first.release();
    expect(tryLock(path)).toBeUndefined();
    second.release();
    expect(tryLock(path)).toBeDefined();
  });

  it('makes no file unless asked to, and follows no link', () => {
    const directory = temporaryDirectory();
    expect(() => tryLock(join(directory, 'lock'))).toThrow('ENOENT');
    symlinkSync('elsewhere', join(directory, 'link'));
    expect(() => tryLock(join(directory, 'link'), { create: true })).toThrow('is a symbolic link');
    expect(existsSync(join(directory, 'elsewhere'))).toBe(false);
  });

  it('says who holds it', () => {
    const path = join(temporaryDirectory(), 'lock');
    expect(readHolder(path)).toBeUndefined();
    const lock = tryLock(path, { create: true });
    expect(readHolder(path)).toEqual({ pid: process.pid, host: hostname() });
    lock?.release();
    writeFileSync(path, '{"pid":"x"}');
    expect(readHolder(path)).toBeUndefined();
  });

  it('is free at once when its holder is killed', async () => {
    const path = join(temporaryDirectory(), 'lock');
    const other = await holder(path);
    expect(tryLock(path, { create: true })).toBeUndefined();
    expect(readHolder(path)?.pid).toBe(other.pid);
    await other.kill('SIGKILL');
    expect(tryLock(path, { create: true })).toBeDefined();
  });

  it('is never taken from a holder that is stopped, or blocks its event loop', async () => {
    const path = join(temporaryDirectory(), 'lock');
    const other = await holder(path);
    await other.kill('SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(tryLock(path, { create: true })).toBeUndefined();
    await other.kill('SIGKILL');
  });
});
