import { spawn } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tryLock } from '#dist/core/files/kernel-lock.js';
import { findHolder } from '#dist/core/files/lock-holders.js';
import { untilStopped } from '../../helpers/signals.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();

/** A process that takes the lock, says so, and holds it until it is killed; it does so without an event loop. */
async function holder(
  path: string,
): Promise<{ pid: number; kill: (signal: NodeJS.Signals) => Promise<void> }> {
  const program = `
    import { tryLock } from '#dist/core/files/kernel-lock.js';
    const silent = new Int32Array(new SharedArrayBuffer(4));
    const block = () => Atomics.wait(silent, 0, 0);
    if (tryLock(process.argv[1], { create: true })) process.stdout.write('held', block);`;
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
      // Elsewhere nobody says whether it has stopped.
      else if (process.platform === 'linux') await untilStopped(child);
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
    expect(findHolder(path)).toBeUndefined();
    const lock = tryLock(path, { create: true, doing: 'testing' });
    expect(findHolder(path)).toEqual({ pid: process.pid, host: hostname(), doing: 'testing' });
    lock?.release();
    expect(readFileSync(path, 'utf8')).toBe('');
    expect(findHolder(path)).toBeUndefined();
    writeFileSync(path, '{"pid":"x"}');
    expect(findHolder(path)).toBeUndefined();
  });

  it(
    'names nobody who noted himself and is dead, or does not hold it, but who does',
    { tags: ['linux'] },
    async () => {
      const path = join(temporaryDirectory(), 'lock');
      const dead = await holder(path);
      await dead.kill('SIGKILL');
      const note = readFileSync(path, 'utf8');
      expect(JSON.parse(note)).toMatchObject({ pid: dead.pid });
      const lock = tryLock(path, { shared: true });
      expect(findHolder(path)).toBeUndefined();
      // A later process that was given the dead one's pid.
      writeFileSync(path, note.replace(String(dead.pid), String(process.pid)));
      expect(findHolder(path)).toBeUndefined();
      lock?.release();
      const other = await holder(path);
      writeFileSync(path, note);
      expect(findHolder(path)).toEqual({ pid: other.pid, host: hostname() });
      await other.kill('SIGKILL');
    },
  );

  it('is made for nobody else to open, who could keep it away by a shared lock; so is one that was there', () => {
    const path = join(temporaryDirectory(), 'lock');
    const mode = (): number => statSync(path).mode & 0o777;
    tryLock(path, { create: true })?.release();
    expect(mode()).toBe(0o600);
    chmodSync(path, 0o644);
    tryLock(path, { create: true })?.release();
    expect(mode()).toBe(0o600);
  });

  it('is free at once when its holder is killed', async () => {
    const path = join(temporaryDirectory(), 'lock');
    const other = await holder(path);
    expect(tryLock(path, { create: true })).toBeUndefined();
    expect(findHolder(path)?.pid).toBe(other.pid);
    await other.kill('SIGKILL');
    expect(tryLock(path, { create: true })).toBeDefined();
  });

  it('is never taken from a holder that is stopped, or blocks its event loop', async () => {
    const path = join(temporaryDirectory(), 'lock');
    const other = await holder(path);
    await other.kill('SIGSTOP');
    expect(tryLock(path, { create: true })).toBeUndefined();
    await other.kill('SIGKILL');
  });
});
