import { spawn } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { lockHolders } from '#dist/core/files/lock-holders.js';
import { tryLock } from '#dist/core/files/kernel-lock.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();
const locks = fileURLToPath(new URL('../../../dist/core/files/kernel-lock.js', import.meta.url));

/** A process that locks one file, and only opens another, until it is killed. */
const program = `
  import { openSync } from 'node:fs';
  const [locked, opened] = process.argv.slice(1);
  const { tryLock } = await import(${JSON.stringify(locks)});
  const lock = tryLock(locked, { shared: true });
  const fd = openSync(opened, 'r');
  console.log(lock.fd, fd);
  setInterval(() => {}, 1000);
`;

it('who holds a lock is told, and not who only has the file open', { tags: ['linux'] }, async () => {
  const directory = temporaryDirectory();
  const [locked, opened] = [join(directory, 'locked'), join(directory, 'opened')];
  for (const path of [locked, opened]) writeFileSync(path, '');
  const args = ['--input-type=module', '-e', program, locked, opened];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await new Promise((resolve) => child.stdout.once('data', resolve));
    symlinkSync(locked, join(directory, 'link'));
    for (const path of [locked, join(directory, 'link')]) {
      expect(lockHolders(path)?.processes).toEqual([
        { pid: child.pid, command: expect.stringContaining('--input-type=module') as string },
      ]);
    }
    expect(lockHolders(opened)?.processes).toEqual([]);
  } finally {
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('close', resolve));
  }
  expect(lockHolders(locked)?.processes).toEqual([]);
});

it('this process is not told of itself', { tags: ['linux'] }, () => {
  const path = join(temporaryDirectory(), 'file');
  writeFileSync(path, '');
  const lock = tryLock(path, { shared: true });
  expect(lockHolders(path)?.processes).toEqual([]);
  lock?.release();
});

it('nothing is told of a file that does not exist', () => {
  expect(lockHolders(join(temporaryDirectory(), 'missing'))).toBeUndefined();
});
