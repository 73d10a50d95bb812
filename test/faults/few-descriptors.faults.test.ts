/** A process that may open only so many files: it is told so, exit 7, and never takes that for a damaged snapshot. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { isNightly } from '../helpers/full-tests.js';
import { binPath, cleanEnv } from '../helpers/run-segue.js';
import { isThere } from '../helpers/snapshots.js';
import { classicRock, makeFolder } from '../helpers/trained-root.js';
import type { Folder } from '../helpers/trained-root.js';

let folder: Folder;
let root: string;
let id: string;

beforeAll(async () => {
  folder = makeFolder();
  root = join(folder.path, 'root');
  const train = ['train', classicRock.plays, '--items', classicRock.items, '--factors', '8', '--epochs', '1'];
  await folder.segue(train);
  const [built] = await folder.json(['build-index']);
  id = String(built!['snapshot']);
  await folder.segue(['publish']);
});
afterAll(() => folder.remove());

interface Limited {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly text: string;
}

/** Runs segue in a shell that lowered its limit of open files. */
function limited(files: number, args: readonly string[]): Promise<Limited> {
  return new Promise((resolve, reject) => {
    const script = `ulimit -n ${files}; exec "$0" "$@"`;
    const child = spawn('sh', ['-c', script, process.execPath, binPath, ...args], {
      env: cleanEnv({ SEGUE_ROOT: root }),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    for (const name of ['stdout', 'stderr'] as const)
      child[name].on('data', (more) => (text += String(more)));
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, text }));
  });
}

/** Below 24 Node itself does not start. */
const limits = isNightly ? [24, 32, 40, 52, 60, 68, 80, 94] : [24, 40, 60];

describe('with few descriptors', { tags: ['linux'] }, () => {
  it.each<[string, string[]]>([
    ['publish', ['publish', '--require', 'items>=1', '--require', 'overlap@10>=0']],
    ['similar', ['similar', 'Plush']],
    ['build-index, of what was built already', ['build-index', 'previous']],
    ['diff-snapshots', ['diff-snapshots', 'current', 'latest']],
  ])('%s says that too many files are open, and calls nothing damaged', async (_what, given) => {
    const parent = readdirSync(rootPath.snapshots(root)).find((name) => name !== id)!;
    const args = given.map((arg) => (arg === 'previous' ? parent : arg));
    let refused = 0;
    for (const files of limits) {
      // Without stamps everything is verified, by a process of its own too.
      rmSync(rootPath.stamps(root), { recursive: true, force: true });
      const { code, signal, text } = await limited(files, args);
      expect(signal, `${files}: ${text}`).toBeNull();
      expect([0, 7], `${files}: ${text}`).toContain(code);
      if (code === 0) continue;
      expect(text, String(files)).toContain('too many files are open (EMFILE)');
      expect(text, String(files)).toContain('ulimit -n');
      expect(text, String(files)).not.toMatch(/problem|rollback/);
      refused++;
    }
    expect(refused).toBeGreaterThan(1);
    expect((await limited(1024, args)).code).toBe(0);
    expect(existsSync(rootPath.trash(root))).toBe(false);
    expect(await isThere(root, id)).toBe(true);
    expect(await isThere(root, parent)).toBe(true);
  });
});
