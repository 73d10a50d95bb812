/**
 * Links, FIFOs, devices and whatever else someone puts where segue keeps its own: said by name, not waited for, and what
 * lies outside the root is neither read nor changed nor removed.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, linkSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { useCanaryHere } from '../helpers/canary-here.js';
import { makeOutside } from '../helpers/damage/outside.js';
import type { Outside } from '../helpers/damage/outside.js';
import { inFullTest, inSmokeTest, isFullTest } from '../helpers/full-tests.js';
import { runHere } from '../helpers/run-here.js';
import { runSegue, type RunResult } from '../helpers/run-segue.js';
import { makeSmallSnapshot } from '../helpers/small-snapshot.js';
import { idA, idB, idC, plantLink } from '../helpers/snapshots.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';
import { words } from '../helpers/words.js';

const quickly = inSmokeTest();

useCanaryHere();

const keptDirectory = temporaryDirectories('file');
let folder: string;
let pristine: string;
let outside: Outside;
let untouched: unknown;

beforeAll(async () => {
  folder = keptDirectory();
  pristine = join(folder, 'pristine');
  for (const id of [idA, idB]) {
    const items = [
      ['one', 1, 0],
      ['two', 0, 1],
      ['three', 1, 1],
    ] as const;
    await makeSmallSnapshot(pristine, id, { items, users: new Map([['ann', [0, 1]]]) });
  }
  plantLink(pristine, 'current', idB);
  plantLink(pristine, 'latest', idB);
  writeFileSync(join(folder, 'events.csv'), 'user,item\nann,one\nann,two\nben,one\nben,three\n');
  outside = makeOutside(folder);
  // Whole snapshots out there would be read, if anything followed a link to them.
  cpSync(rootPath.snapshot(pristine, idA), join(outside.path, 'snapshots', idA), { recursive: true });
  outside.state();
  untouched = outside.state();
});

afterAll(() => {
  // No test of this file, in whatever order they ran, has touched what is outside.
  expect(outside.state()).toEqual(untouched);
});

let roots = 0;

/** A root of its own in the folder, after `plant` has put something into it. */
async function rootWith(plant: (root: string) => unknown): Promise<string> {
  const root = join(folder, `root-${++roots}`);
  cpSync(pristine, root, { recursive: true, verbatimSymlinks: true });
  await plant(root);
  return root;
}

/** Puts something in the place of an entry, which is taken away. */
function instead(path: string, put: (path: string) => unknown): unknown {
  rmSync(path, { recursive: true, force: true });
  mkdirSync(dirname(path), { recursive: true });
  return put(path);
}

interface Ended {
  readonly code: number | null;
  readonly message: string;
}

/** In a process of its own where a test would never end if what is planted were waited for. */
async function run(root: string, ...args: string[]): Promise<Ended> {
  return ended(await runHere([...args, '--root', root, '--json'], { cwd: folder }));
}

async function runApart(root: string, ...args: string[]): Promise<Ended> {
  return ended(await runSegue([...args, '--root', root, '--json'], { cwd: folder }));
}

function ended({ code, signal, stdout }: RunResult): Ended {
  expect(signal).toBe(null);
  const [first = '{}'] = stdout.split('\n');
  const { error } = JSON.parse(first === '' ? '{}' : first) as { error?: { message: string } };
  return { code, message: error?.message ?? '' };
}

const kinds: Readonly<Record<string, readonly [string, (path: string) => unknown]>> = {
  'a link to a file outside': ['a symbolic link', (path) => symlinkSync(join(outside.path, 'secret'), path)],
  'a link to /etc/passwd': ['a symbolic link', (path) => symlinkSync('/etc/passwd', path)],
  'a link to /dev/zero': ['a symbolic link', (path) => symlinkSync('/dev/zero', path)],
  'a FIFO': ['a FIFO', (path) => execFileSync('mkfifo', [path])],
  'a directory': ['', (path) => mkdirSync(path)],
  'a socket': [
    'a socket',
    (path) =>
      new Promise((resolve) => {
        createServer()
          .listen(path, () => resolve(undefined))
          .unref();
      }),
  ],
  // Another name of a file that is somebody else's: its bytes are not those that the manifest states.
  'a hard link to a file outside': ['bytes', (path) => linkSync(join(outside.path, 'model/item.npy'), path)],
};

/** Whoever waits for them waits for ever. */
const isEndless = (kind: string): boolean => /FIFO|zero|socket|device/.test(kind);

describe('in the place of a file of a snapshot', () => {
  it.each(Object.entries(kinds).filter(([kind]) => isFullTest() || !isEndless(kind)))(
    '%s is refused by name',
    async (kind, [said, put]) => {
      for (const [at, name] of ['model/item.npy', 'model/store.mdb', 'users/history/item.npy'].entries()) {
        const root = await rootWith((made) => instead(join(rootPath.snapshot(made, idA), name), put));
        const reading = ['similar', 'one', '--snapshot', idA];
        const publishing = ['publish', idA];
        // What is endless takes a process: each file once, the first by both.
        for (const args of isEndless(kind) && at > 0 ? [publishing] : [reading, publishing]) {
          const { code, message } = await (isEndless(kind) ? runApart : run)(root, ...args);
          expect([args[0], code]).toEqual([args[0], 4]);
          expect(message).toContain(name);
          expect(message).toContain(said);
        }
      }
    },
  );

  inFullTest()('a device is refused by name', { tags: ['root'] }, async () => {
    const put = (path: string): unknown => execFileSync('mknod', [path, 'c', '1', '5']);
    const root = await rootWith((made) => instead(join(rootPath.snapshot(made, idA), 'model/item.npy'), put));
    expect(await runApart(root, 'recommend', 'ann', '--snapshot', idA)).toMatchObject({
      code: 4,
      message: expect.stringContaining('model/item.npy: it is a device'),
    });
  });
});

describe('a directory that is a link', () => {
  const reading = [
    ['similar', 'one', '--snapshot', idA],
    ['recommend', 'ann', '--snapshot', idA],
    ['publish', idA],
    ['build-index', idA],
  ];

  it.each([
    ['model/ of a snapshot', 'model', (root: string) => join(rootPath.snapshot(root, idA), 'model')],
    ['users/ of a snapshot', 'users', (root: string) => join(rootPath.snapshot(root, idA), 'users')],
    ['a snapshot itself', idA, (root: string) => rootPath.snapshot(root, idA)],
    ['snapshots/', 'snapshots', (root: string) => rootPath.snapshots(root)],
  ])('is refused in the place of %s', async (_, said, pathIn) => {
    const target = said === idA ? join('snapshots', idA) : said;
    const root = await rootWith((made) =>
      instead(pathIn(made), (path) => symlinkSync(join(outside.path, target), path)),
    );
    for (const args of reading) {
      const { code, message } = await run(root, ...args);
      expect([args[0], code, message]).toEqual([args[0], 4, expect.stringContaining(said)]);
    }
    // Looking around and collecting follow nothing either.
    for (const args of [
      ['snapshots', 'list'],
      ['gc', '--keep', '0'],
    ]) {
      expect([0, 4]).toContain((await run(root, ...args)).code);
    }
  });

  it.each(['lock', 'stamps', 'tags', 'trash', 'checkpoints', 'tuning'])(
    'is not written through in the place of %s/',
    async (name) => {
      const root = await rootWith((made) =>
        instead(join(made, name), (path) => symlinkSync(outside.path, path)),
      );
      const before = outside.state();
      // A damaged snapshot that is made anew goes to the trash.
      const item = join(rootPath.snapshot(root, idA), 'model/item.npy');
      instead(item, (path) => writeFileSync(path, 'damaged'));
      for (const args of [
        ['similar', 'one', '--snapshot', idB],
        ['publish', idB, '--why', 'to see'],
        words`train events.csv --factors 2 --epochs 1 --threads 1 --tag mine --checkpoint 1`,
        ['gc', '--keep', '0'],
      ]) {
        const { code, message } = await run(root, ...args);
        // What needs the directory says so; the rest goes on.
        if (code !== 0)
          expect([args[0], code, message]).toEqual([
            args[0],
            4,
            expect.stringContaining(`${name} is a symbolic link`),
          ]);
        expect([args[0], outside.state()]).toEqual([args[0], before]);
      }
    },
  );

  quickly('is followed where it is the root itself', async () => {
    const root = await rootWith(() => undefined);
    symlinkSync(root, `${root}-link`);
    expect((await run(`${root}-link`, 'publish', idA)).code).toBe(0);
    expect((await run(`${root}-link`, 'similar', 'one')).code).toBe(0);
    expect((await run(root, 'rollback', idB)).code).toBe(0);
  });
});

describe('what lies about in a root', () => {
  quickly('is not followed by gc, and not removed where it is not ours', async () => {
    const root = await rootWith((made) => {
      mkdirSync(rootPath.trash(made), { recursive: true });
      for (const path of [
        join(rootPath.trash(made), `${idC}.0123456789ab`),
        join(rootPath.trash(made), 'notes'),
        rootPath.draft(made, '0123456789abcdef'),
        rootPath.snapshot(made, idC),
        join(rootPath.trash(made), `${idA}.ba9876543210`),
      ]) {
        symlinkSync(outside.path, path);
      }
      // A snapshot that is collected, with links inside.
      symlinkSync(outside.path, join(rootPath.snapshot(made, idA), 'model/elsewhere'));
      linkSync(join(outside.path, 'secret'), join(rootPath.snapshot(made, idA), 'model/other-name'));
    });
    const before = outside.state();
    expect((await run(root, 'gc', '--keep', '0')).code).toBe(0);
    expect(outside.state()).toEqual(before);
    expect((await run(root, 'similar', 'one')).code).toBe(0);
  });

  quickly('a lock file with another name outside is locked, and keeps its bytes', async () => {
    const root = await rootWith((made) =>
      instead(rootPath.publishLock(made), (path) => linkSync(join(outside.path, 'publish'), path)),
    );
    const before = outside.state();
    expect((await run(root, 'publish', idA)).code).toBe(0);
    expect(outside.state()).toEqual(before);
  });

  it.each(['history.jsonl', 'lock/publish'])(
    '%s as a link is refused, and not written through',
    async (name) => {
      const root = await rootWith((made) =>
        instead(join(made, name), (path) => symlinkSync(join(outside.path, 'secret'), path)),
      );
      const { code, message } = await run(root, 'publish', idA);
      expect([4, 7]).toContain(code);
      expect(message).toContain(`${name} is a symbolic link`);
    },
  );

  quickly('a snapshot moved away while current names it is said to be gone', async () => {
    const root = await rootWith((made) => renameSync(rootPath.snapshot(made, idB), join(made, 'elsewhere')));
    const { code, message } = await run(root, 'similar', 'one');
    expect([code, message]).toEqual([4, expect.stringContaining('which is not there')]);
  });
});
