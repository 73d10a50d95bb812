/** What is called a snapshot or a tag can be any text: none of it becomes a path outside of the root. */
import { spawnSync } from 'node:child_process';
import fs, { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as segue from '#dist/core/library.js';
import { idPrefixPattern, isTag } from '#dist/core/snapshot/layout.js';
import { anyCharacter } from '../helpers/any-character.js';
import { useCanaryHere } from '../helpers/canary-here.js';
import { inPairs } from '../helpers/fault-injection.js';
import { describeInFullTest, inSmokeTest, isFullTest } from '../helpers/full-tests.js';
import { binPath, cleanEnv } from '../helpers/run-segue.js';
import { idA, idB, listening, modelFiles, plantLink, plantSnapshot } from '../helpers/snapshots.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';

const quickly = inSmokeTest();

useCanaryHere();

const repository = fileURLToPath(new URL('../..', import.meta.url));
const temporaryDirectory = temporaryDirectories('file');
let root = '';

beforeAll(async () => {
  const directory = temporaryDirectory();
  root = join(directory, 'root');
  // Outside lies what somebody may want to be led to.
  plantSnapshot(join(directory, 'outside'), idA);
  mkdirSync(root);
  plantSnapshot(root, idA);
  plantSnapshot(root, idB, modelFiles(2));
  plantLink(root, 'latest', idB);
  for (const snapshot of [idB, idA]) {
    await segue.publish({ root, snapshot, require: [], dryRun: false }, listening());
  }
});

const newcomer = { like: ['x'] };
const forOne = { all: false, skipBadRows: false, threads: 1 };

/** Everything that takes a reference or a tag, given one. */
const tasks: Record<string, (text: string) => Promise<unknown>> = {
  similar: (snapshot) => segue.similar({ root, snapshot, items: ['x'], k: 1 }, listening()),
  recommend: (snapshot) => segue.recommend({ root, snapshot, ...newcomer, k: 1 }, listening()),
  'user-vector': (snapshot) =>
    segue.userVector({ root, snapshot, users: [], ...newcomer, ...forOne }, listening()),
  'build-index': (snapshot) =>
    segue.buildIndex({ root, snapshot, targetRecall: 0.9, seed: 1, threads: 1 }, listening()),
  publish: (snapshot) =>
    segue.publish({ root, snapshot, require: [], gates: 'none', dryRun: true }, listening()),
  'publish --expect': (text) =>
    segue.publish({ root, expect: text, require: [], gates: 'none', dryRun: true }, listening()),
  rollback: (snapshot) => segue.rollback({ root, snapshot, dryRun: true }, listening()),
  'rollback --expect': (text) => segue.rollback({ root, expect: text, dryRun: true }, listening()),
  'diff-snapshots A': (a) => segue.diffSnapshots({ root, a, b: idB, k: 5, failOn: [] }, listening()),
  'diff-snapshots B': (b) => segue.diffSnapshots({ root, a: idB, b, k: 5, failOn: [] }, listening()),
  'snapshots show': (snapshot) => segue.showSnapshot({ root, snapshot }, listening()),
  'snapshots verify': (text) => segue.verifySnapshots({ root, snapshots: [text] }, listening()),
  'snapshots tag': (snapshot) => segue.tag({ root, snapshot, tag: 'x' }, listening()),
  'snapshots tag NAME': (text) => segue.tag({ root, snapshot: idA, tag: text }, listening()),
  'snapshots untag': (text) => segue.untag({ root, tags: [text] }, listening()),
  'snapshots delete': (text) =>
    segue.deleteSnapshots({ root, snapshots: [text], force: false, dryRun: true }, listening()),
};

const touched: string[] = [];
const restore: (() => void)[] = [];

/** Notes every path that public functions of node:fs are given. */
beforeAll(() => {
  for (const holder of [fs, fs.promises] as unknown as Record<string, unknown>[]) {
    for (const [name, original] of Object.entries(holder)) {
      if (typeof original !== 'function' || !/^[a-z]/.test(name)) continue;
      holder[name] = Object.assign((...args: unknown[]): unknown => {
        touched.push(...args.slice(0, 2).filter((arg) => typeof arg === 'string'));
        return (original as (...all: unknown[]) => unknown).apply(holder, args);
      }, original);
      restore.push(() => (holder[name] = original));
    }
  }
  syncBuiltinESMExports();
});
afterAll(() => {
  for (const undo of restore) undo();
  syncBuiltinESMExports();
});

/** Those that it is given while `run` runs. */
async function pathsTouchedBy(run: () => Promise<unknown>): Promise<string[]> {
  touched.length = 0;
  await run();
  return touched.filter((text) => text.includes('/'));
}

const isReference = (text: string): boolean =>
  idPrefixPattern.test(text) || isTag(text) || ['current', 'latest', 'previous'].includes(text);

const hostile = fc
  .oneof(
    fc.string({ unit: anyCharacter, maxLength: 300 }),
    fc.stringMatching(/^[./a-f0-9~\\-]{0,40}$/),
    fc.constantFrom(
      ...['', '.', '..', '/', '../outside', `../outside/snapshots/${idA}`, `../../snapshots/${idA}`, '/etc'],
      ...['.tmp-x', `${idA}/`, `${idA}/../${idB}`, `./${idA}`, `snapshots/${idA}`, `${idA}\0`, ` ${idA}`],
      ...['a'.repeat(300), idA.toUpperCase(), 'а'.repeat(16), `\u202e${idA}`, 'none ', '-x', '--help'],
      ...['__proto__', 'constructor', '%2e%2e%2fx', '~root', '$HOME', 'a\nb', 'CURRENT', 'tags/x'],
    ),
  )
  .filter((text) => !isReference(text) && text !== 'none');

describe.each(Object.entries(tasks))('%s', (_name, run) => {
  it('refuses what cannot name anything, and looks at nothing by it', async () => {
    // Loads what it needs: modules are read from elsewhere.
    await run(idA).catch(() => undefined);
    await fc.assert(
      fc.asyncProperty(hostile, async (text) => {
        let error: unknown;
        const paths = await pathsTouchedBy(() => run(text).catch((caught: unknown) => (error = caught)));
        expect(error, JSON.stringify(text)).toBeInstanceOf(segue.AppError);
        expect((error as segue.AppError).code, JSON.stringify(text)).toBe('bad-usage');
        const outside = paths
          .map((path) => resolve(path))
          .filter((path) => ![root, repository].some((place) => `${path}/`.startsWith(`${resolve(place)}/`)));
        expect(outside).toEqual([]);
        if (text.length > 3) expect(paths.filter((path) => path.includes(text))).toEqual([]);
      }),
      { numRuns: isFullTest() ? 100 : 10 },
    );
  });
});

quickly('the watch sees what is touched', async () => {
  const paths = await pathsTouchedBy(() => tasks['snapshots show']!(idA));
  expect(paths).toContain(join(root, 'snapshots', idA));
});

/** The same through the program, as the kernel sees it. `x` is refused before anything else could be. */
const lines: Record<string, string[]> = {
  similar: ['similar', 'x', '--snapshot'],
  recommend: ['recommend', '--like', 'x', '--snapshot'],
  'user-vector': ['user-vector', '--like', 'x', '--snapshot'],
  'user-vector --all': ['user-vector', '--all', '--snapshot'],
  'build-index': ['build-index'],
  publish: ['publish'],
  'publish --expect': ['publish', '--dry-run', '--expect'],
  rollback: ['rollback'],
  'rollback --expect': ['rollback', '--dry-run', '--expect'],
  'diff-snapshots A': ['diff-snapshots', 'current', '--k', '5', '--'],
  'snapshots show': ['snapshots', 'show'],
  'snapshots verify': ['snapshots', 'verify'],
  'snapshots tag': ['snapshots', 'tag', 'current'],
  'snapshots untag': ['snapshots', 'untag'],
  'snapshots delete': ['snapshots', 'delete'],
};

describeInFullTest()('no system call is about a path that the user made up', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'segue-strace-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('in any command', { tags: ['strace'] }, async () => {
    await inPairs(Object.entries(lines), async ([name, args]) => {
      const log = join(folder, name.replaceAll(/\W/g, '-'));
      const mark = `../outside/segue-mark-${name.replaceAll(/\W/g, '-')}`;
      const run = [process.execPath, binPath, ...args, mark];
      const { status, stderr } = await new Promise<{ status: number | null; stderr: string }>((done) => {
        const traced = spawnSync('strace', ['-f', '-qq', '-o', log, '-e', 'trace=%file', ...run], {
          env: cleanEnv({ SEGUE_ROOT: root }),
          encoding: 'utf8',
        });
        done(traced);
      });
      expect(status, `${name}: ${stderr}`).toBe(2);
      const calls = readFileSync(log, 'utf8')
        .split('\n')
        .filter((line) => !line.includes('execve('));
      expect(calls.length, name).toBeGreaterThan(20);
      expect(
        calls.filter((line) => line.includes('segue-mark')),
        name,
      ).toEqual([]);
    });
  });
});
