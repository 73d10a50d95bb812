/** Reading where little is allowed: another user's root, read-only media. */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
import { useCanaryHere } from '../helpers/canary-here.js';
import { idA, listening, makeSnapshot } from '../helpers/snapshots.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';
import { classicRock, makeFolder } from '../helpers/trained-root.js';
import type { Folder } from '../helpers/trained-root.js';
import { words } from '../helpers/words.js';

useCanaryHere();

const temporaryDirectory = temporaryDirectories();

const prelude = `
  import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
  import { beginSnapshot } from '#dist/core/snapshot/writing/write-snapshot.js';
  import { publish } from '#dist/core/tasks/publish.js';
  const root = process.argv[1];
  const context = { signal: new AbortController().signal, onProgress: () => undefined };
  const read = async () => {
    const snapshot = await openForReading(root, '${idA}', context);
    process.stdout.write(snapshot.id);
    snapshot.close();
  };`;

interface Outcome {
  readonly stdout: string;
  readonly error: { readonly code?: string; readonly exitCode?: number; readonly message?: string };
}

/** Runs a statement in a process, by another user where a uid is given, and returns what it printed or threw. */
async function run(root: string, statement: string, uid?: number): Promise<Outcome> {
  const program = `${prelude}
    const error = await (async () => { ${statement} })().then(() => ({}), ({ code, exitCode, message }) => ({ code, exitCode, message }));
    process.stderr.write(JSON.stringify(error));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, root], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (text) => (texts[name] += String(text)));
  await new Promise((resolve) => child.once('close', resolve));
  try {
    return { stdout: texts.stdout, error: JSON.parse(texts.stderr) as Outcome['error'] };
  } catch {
    throw new Error(`not an answer: ${texts.stderr}`);
  }
}

const nobody = 65_534;

describe("another user's root", { tags: ['root'] }, () => {
  let root: string;

  beforeEach(async () => {
    const parent = temporaryDirectory();
    chmodSync(parent, 0o755);
    root = join(parent, 'root');
    await makeSnapshot(root, idA);
  });

  it('can be read, without a stamp, and not written', async () => {
    expect(await run(root, 'await read();', nobody)).toEqual({ stdout: idA, error: {} });
    expect(existsSync(rootPath.stamp(root, idA))).toBe(false);
    const denied = {
      code: 'permission-denied',
      exitCode: 7,
      message: expect.stringContaining('permission denied'),
    };
    const publishing = `await publish({ root, require: [], dryRun: false }, context);`;
    expect((await run(root, publishing, nobody)).error).toMatchObject(denied);
    expect(
      (await run(root, `beginSnapshot(root, { estimatedBytes: 1 }, context);`, nobody)).error,
    ).toMatchObject(denied);
    expect(readdirSync(root).sort()).toEqual(['latest', 'lock', 'snapshots']);
  });
});

function mount(...args: string[]): boolean {
  return spawnSync('mount', args).status === 0;
}

describe('read-only media', { tags: ['mount'] }, () => {
  let disk: string;
  beforeEach(() => {
    disk = temporaryDirectory();
    expect(mount('-t', 'tmpfs', 'tmpfs', disk)).toBe(true);
  });
  afterEach(() => spawnSync('umount', ['-l', disk]));

  it('can be read, verified each time, and not published from', async () => {
    const root = join(disk, 'root');
    mkdirSync(root);
    await makeSnapshot(root, idA);
    expect(mount('-o', 'remount,ro', disk)).toBe(true);
    for (let time = 0; time < 2; time++) {
      const context = listening();
      (await openForReading(root, idA, context)).close();
      expect(context.told).not.toEqual([]);
    }
    const { error } = await run(root, `await publish({ root, require: [], dryRun: false }, context);`);
    expect(error).toMatchObject({ code: 'permission-denied', message: expect.stringContaining('read-only') });
    const tagged = await run(
      root,
      `const { tag } = await import('#dist/core/tasks/snapshots/tag.js');
       await tag({ root, snapshot: '${idA}', tag: 'good' }, context);`,
    );
    expect(tagged.error.message).toContain('the file system is read-only');
    const dryRun = await run(root, `await publish({ root, require: [], dryRun: true }, context);`);
    expect(dryRun.error).toEqual({});
  });
});

describe('a model on read-only media', { tags: ['mount'] }, () => {
  let folder: Folder;
  beforeAll(async () => {
    folder = makeFolder();
    mkdirSync(join(folder.path, 'root'));
    expect(mount('-t', 'tmpfs', 'tmpfs', join(folder.path, 'root'))).toBe(true);
    const train = words`train ${classicRock.plays} --items ${classicRock.items} --factors 8 --epochs 1`;
    await folder.segue(train);
    await folder.segue(['build-index']);
    await folder.segue(['publish']);
    rmSync(rootPath.stamps(join(folder.path, 'root')), { recursive: true });
    expect(mount('-o', 'remount,ro', join(folder.path, 'root'))).toBe(true);
  });
  afterAll(() => {
    spawnSync('umount', ['-l', join(folder.path, 'root')]);
    folder.remove();
  });

  it.each([
    [['similar', 'Plush']],
    [['recommend', '--like', 'Plush']],
    [['recommend', 'KGLK/2014-06-16']],
    [['user-vector', 'KGLK/2014-06-16']],
    [['diff-snapshots', 'current', 'latest']],
    [['evaluate', '--snapshot', 'current', '--test', classicRock.plays, '--bootstrap', '0']],
    [['snapshots', 'list']],
    [['publish', '--dry-run', '--require', 'overlap@10>=1', '--require', 'coverage@10>0']],
  ])('is asked as anywhere: segue $0.0 $0.1', async (args) => {
    await folder.segue(args);
  });

  it.each([
    [['publish']],
    [['rollback', 'latest']],
    [['build-index']],
    [['user-vector', '--all']],
    [['train', classicRock.plays, '--factors', '8', '--epochs', '1']],
  ])('is not written to, and it is said that the media is read-only: segue $0.0', async (args) => {
    const { stderr } = await folder.segue(args, 7);
    expect(stderr).toMatch(/^Error: could not .*: the file system is read-only$/m);
  });
});
