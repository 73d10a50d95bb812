/** The reader's lease as docs/reference/formats.md writes it in Python: the very lines, beside segue's collector. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { gc } from '#dist/core/tasks/gc.js';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { takeExclusiveLease } from '#dist/core/snapshot/lease.js';
import type { Lock } from '#dist/core/files/kernel-lock.js';
import { python } from '../helpers/python.js';
import { idA, listening, plantLink, plantSnapshot } from '../helpers/snapshots.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();
const page = readFileSync(fileURLToPath(new URL('../../docs/reference/formats.md', import.meta.url)), 'utf8');
const [, lines = ''] = /```python\n(import fcntl[^]*?\n)```/.exec(page) ?? [];

/** Why each snapshot of the root stays or goes while a process of these lines has a lease on one. */
async function collectBeside(program: string): Promise<readonly (readonly string[])[]> {
  const root = temporaryDirectory();
  const other = 'b'.repeat(16);
  const directory = plantSnapshot(root, idA);
  plantSnapshot(root, other);
  plantLink(root, 'current', other);
  const child = spawn(
    'python3',
    [
      '-c',
      `${program}\nfd = lease(sys.argv[1])\nprint(fd is not None, flush=True)\nsys.stdin.read()`,
      directory,
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  try {
    expect(String(((await once(child.stdout, 'data')) as [Buffer])[0])).toMatch(/^True/);
    const collected = await gc({ root, keep: 0, dryRun: false }, listening());
    return collected.snapshots.filter(({ snapshot }) => snapshot === idA).map(({ why }) => why);
  } finally {
    child.stdin.end();
    await once(child, 'exit');
  }
}

describe('the lease in Python', { tags: ['python'] }, () => {
  it('keeps a snapshot from being collected', async () => {
    expect(await collectBeside(lines)).toEqual([['leased']]);
  });

  it('would not with flock', { tags: ['linux'] }, async () => {
    const wrong = lines.replace('sys.platform == "linux"', 'False');
    expect(await collectBeside(wrong)).toEqual([['spare']]);
  });

  it('is not given while the snapshot is moved away', () => {
    const root = temporaryDirectory();
    const directory = plantSnapshot(root, idA);
    const lock = takeExclusiveLease(rootPath.snapshot(root, idA)) as Lock;
    const asking = `${lines}\nprint(lease(sys.argv[1]))`;
    expect(python(asking, [directory])).toBe('None\n');
    lock.release();
    expect(python(asking, [directory])).toMatch(/^\d+\n$/);
  });
});
