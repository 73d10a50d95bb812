import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { isLeased } from '#dist/core/snapshot/lease.js';
import { findSnapshot } from '#dist/core/snapshot/find-snapshot.js';
import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
import { verifyFiles } from '#dist/core/snapshot/verify.js';
import { beginSnapshot } from '#dist/core/snapshot/writing/write-snapshot.js';
import { contentOf, idA, idB, listening, makeSnapshot, modelFiles, npy } from '../../../helpers/snapshots.js';
import { temporaryDirectories } from '../../../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();
const estimate = { estimatedBytes: 1000 };
const rows = npy('<u4', [3], new Uint32Array([2, 0, 1]));

describe('beginSnapshot', () => {
  it('makes the root, and a draft that only its owner may read', () => {
    const root = join(temporaryDirectory(), 'a', 'root');
    const draft = beginSnapshot(root, estimate, listening());
    expect(statSync(draft.directory).mode & 0o777).toBe(0o700);
    expect(readdirSync(rootPath.snapshots(root))).toEqual([expect.stringMatching(/^\.tmp-/)]);
    draft.abandon();
    draft.abandon();
    expect(readdirSync(rootPath.snapshots(root))).toEqual([]);
    expect(readdirSync(rootPath.locks(root))).toEqual([]);
  });

  it('refuses at once where the disk has no room', () => {
    const root = join(temporaryDirectory(), 'root');
    expect(() => beginSnapshot(root, { estimatedBytes: 2 ** 60 }, listening())).toThrow(
      expect.objectContaining({ code: 'disk-full' }) as Error,
    );
    expect(readdirSync(rootPath.snapshots(root))).toEqual([]);
  });
});

describe('a draft', () => {
  it('becomes a snapshot that verifies, read-only, with latest and the tag pointing to it', async () => {
    const root = temporaryDirectory();
    const made = await makeSnapshot(root, idA, { tag: 'best' });
    expect(made).toMatchObject({ id: idA, path: rootPath.snapshot(root, idA), existed: false });
    expect(readlinkSync(rootPath.latest(root))).toBe(`snapshots/${idA}`);
    expect(readlinkSync(rootPath.tag(root, 'best'))).toBe(`../snapshots/${idA}`);
    expect(existsSync(rootPath.current(root))).toBe(false);
    const snapshot = await openForReading(root, 'best', listening());
    expect(snapshot.manifest).toEqual(made.manifest);
    expect(Object.keys(snapshot.manifest.files)).toEqual(['model/eigenvalues.npy', 'model/item.npy']);
    for (const file of ['manifest.json', ...Object.keys(snapshot.manifest.files)]) {
      expect(statSync(join(made.path, file)).mode & 0o777).toBe(0o444);
    }
    for (const directory of ['.', 'model'])
      expect(statSync(join(made.path, directory)).mode & 0o777).toBe(0o755);
    expect(readdirSync(rootPath.snapshots(root))).toEqual([idA]);
    expect(readdirSync(rootPath.locks(root))).toEqual([]);
    snapshot.close();
  });

  it('has the same bytes wherever it is made', async () => {
    const manifests: string[] = [];
    for (let time = 0; time < 2; time++) {
      const { path } = await makeSnapshot(temporaryDirectory(), idA);
      manifests.push(readFileSync(join(path, 'manifest.json'), 'utf8'));
    }
    expect(manifests[0]).toBe(manifests[1]);
    expect(manifests[0]).not.toMatch(/segue-test|20\d\d-(?!06-16)|"\/|\/tmp/);
  });

  it('takes in files that something else wrote', async () => {
    const root = temporaryDirectory();
    const draft = beginSnapshot(root, estimate, listening());
    writeFileSync(draft.path('index/item.rows.npy'), rows);
    expect(draft.seal('index/item.rows.npy').bytes).toBe(rows.length);
    await draft.commit(contentOf(idA));
    expect(statSync(join(rootPath.snapshot(root, idA), 'index/item.rows.npy')).mode & 0o777).toBe(0o444);
  });

  it('shares the files of its parent, whose own files stay as they are', async () => {
    const root = temporaryDirectory();
    await makeSnapshot(root, idA);
    const parent = await openForReading(root, idA, listening());
    const draft = beginSnapshot(root, estimate, listening());
    draft.inherit(parent, ['model']);
    draft.write('index/item.rows.npy', [rows]);
    const { path } = await draft.commit(contentOf(idB, { basis: idA, parent: idA }));
    for (const name of modelFiles().keys()) {
      expect(lstatSync(join(path, name)).ino).toBe(lstatSync(parent.file(name)).ino);
    }
    // A hard link changes the ctime of the parent's files, which is no reason to hash them again.
    const told = listening();
    (await openForReading(root, idA, told)).close();
    expect(told.told).toEqual([]);
    parent.close();
    rmSync(parent.path, { recursive: true });
    await expect(
      verifyFiles(path, (await openForReading(root, idB, listening())).manifest, listening()),
    ).resolves.toBeDefined();
  });

  it('says that someone else made the same thing, and drops its own', async () => {
    const root = temporaryDirectory();
    await makeSnapshot(root, idA);
    const first = lstatSync(rootPath.snapshot(root, idA)).ino;
    expect(await makeSnapshot(root, idA, { tag: 'again' })).toMatchObject({ existed: true });
    expect(lstatSync(rootPath.snapshot(root, idA)).ino).toBe(first);
    expect(readlinkSync(rootPath.tag(root, 'again'))).toBe(`../snapshots/${idA}`);
    expect(readdirSync(rootPath.snapshots(root))).toEqual([idA]);
  });

  it('can be made twice at the same time: both succeed', async () => {
    const root = temporaryDirectory();
    const made = await Promise.all(Array.from({ length: 4 }, () => makeSnapshot(root, idA)));
    expect(made.filter(({ existed }) => !existed)).toHaveLength(1);
    expect(readdirSync(rootPath.snapshots(root))).toEqual([idA]);
  });

  it('takes the place of a damaged one that nobody uses', async () => {
    const root = temporaryDirectory();
    const { path } = await makeSnapshot(root, idA);
    rmSync(join(path, 'model/item.npy'));
    expect(await findSnapshot(root, idA, listening())).toBeUndefined();
    expect(await makeSnapshot(root, idA)).toMatchObject({ existed: false });
    (await openForReading(root, idA, listening())).close();
    expect(readdirSync(rootPath.trash(root))).toEqual([expect.stringMatching(`^${idA}\\.`)]);
  });

  it.each([
    ['is published', (root: string) => (symlinkSync(`snapshots/${idA}`, rootPath.current(root)), undefined)],
    ['is being read', (root: string) => openForReading(root, idA, listening())],
  ])('refuses to take the place of a damaged one that %s', async (_what, use) => {
    const root = temporaryDirectory();
    const { path } = await makeSnapshot(root, idA);
    const reader = await use(root);
    rmSync(join(path, 'model/item.npy'));
    await expect(makeSnapshot(root, idA)).rejects.toMatchObject({ code: 'damaged-snapshot', exitCode: 4 });
    await expect(findSnapshot(root, idA, listening())).rejects.toThrow('model/item.npy');
    reader?.close();
    expect(readdirSync(rootPath.snapshots(root))).toEqual([idA]);
  });

  it('leaves nothing where its maker fails or is interrupted', async () => {
    const root = temporaryDirectory();
    const abort = new AbortController();
    const draft = beginSnapshot(root, estimate, listening(abort.signal));
    for (const [name, bytes] of modelFiles()) draft.write(name, [bytes]);
    abort.abort();
    expect(() => draft.write('index/item.rows.npy', [rows])).toThrow('interrupted');
    await expect(draft.commit(contentOf(idA))).rejects.toThrow('interrupted');
    expect(readdirSync(rootPath.snapshots(root))).toEqual([]);
    expect(existsSync(rootPath.latest(root))).toBe(false);
  });

  it('refuses a file twice, and an end twice', async () => {
    const root = temporaryDirectory();
    const draft = beginSnapshot(root, estimate, listening());
    draft.write('model/item.npy', [modelFiles().get('model/item.npy')!]);
    expect(() => draft.write('model/item.npy', [])).toThrow('it exists already');
    expect(() => draft.seal('model/item.npy')).toThrow('written twice');
    await draft.commit(contentOf(idA));
    await expect(draft.commit(contentOf(idA))).rejects.toThrow('committed already');
  });

  it('says so where latest is a directory; the snapshot itself is made', async () => {
    const root = temporaryDirectory();
    mkdirSync(rootPath.latest(root));
    await expect(makeSnapshot(root, idA)).rejects.toMatchObject({ code: 'damaged-root' });
    expect(readdirSync(rootPath.snapshots(root))).toEqual([idA]);
  });
});

describe('the draft of a process that was killed', () => {
  const program = `
    import { beginSnapshot } from '#dist/core/snapshot/writing/write-snapshot.js';
    const draft = beginSnapshot(process.argv[1], { estimatedBytes: 1000 },
      { signal: new AbortController().signal, onProgress: () => undefined });
    draft.write('model/item.npy', [Buffer.alloc(100)]);
    process.stdout.write('writing');
    setInterval(() => undefined, 1000);`;

  async function writer(root: string): Promise<ReturnType<typeof spawn>> {
    const child = spawn(process.execPath, ['--input-type=module', '-e', program, root], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    return child;
  }

  it('is invisible, and removed by the next one; that of a living process is not', async () => {
    const root = temporaryDirectory();
    const [dead, living] = [await writer(root), await writer(root)];
    dead.kill('SIGKILL');
    await once(dead, 'close');
    symlinkSync('x', join(root, `.latest.${dead.pid}.0123456789ab`));
    expect(readdirSync(rootPath.snapshots(root))).toHaveLength(2);
    await expect(openForReading(root, undefined, listening())).rejects.toMatchObject({
      code: 'snapshot-not-found',
    });

    const draft = beginSnapshot(root, estimate, listening());
    expect(readdirSync(rootPath.snapshots(root))).toHaveLength(2);
    expect(readdirSync(rootPath.locks(root))).toHaveLength(2);
    expect(readdirSync(root).filter((name) => name.startsWith('.'))).toEqual([]);
    draft.abandon();

    living.kill('SIGKILL');
    await once(living, 'close');
    await makeSnapshot(root, idA);
    expect(readdirSync(rootPath.snapshots(root))).toEqual([idA]);
    expect(readdirSync(rootPath.locks(root))).toEqual([]);
  });
});

it('committing holds a lease on what it made from before it has its name', async () => {
  const root = temporaryDirectory();
  await makeSnapshot(root, idA);
  // The same again: it is found, and verified for want of a stamp, which takes some turns.
  rmSync(rootPath.stamps(root), { recursive: true, force: true });
  const draft = beginSnapshot(root, { estimatedBytes: 1000 }, listening());
  for (const [name, bytes] of modelFiles()) draft.write(name, [bytes]);
  const work = { isDone: false };
  const committing = draft.commit(contentOf(idA)).finally(() => (work.isDone = true));
  const seen: boolean[] = [];
  while (!work.isDone) {
    await new Promise((resolve) => setImmediate(resolve));
    if (existsSync(join(draft.directory, 'manifest.json'))) seen.push(isLeased(draft.directory));
  }
  await committing;
  expect(seen.length).toBeGreaterThan(0);
  expect(seen).not.toContain(false);
});
