/** Manifests that no segue wrote, before every command that reads a snapshot: each is refused, at once, and harms nobody. */
import { cpSync, existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '#dist/core/errors.js';
import { rootPath } from '#dist/core/snapshot/layout.js';
import type { Manifest } from '#dist/core/snapshot/manifest.js';
import { readManifest } from '#dist/core/snapshot/read-manifest.js';
import { hostileManifests } from '../helpers/damage/hostile-manifests.js';
import type { HostileManifest } from '../helpers/damage/hostile-manifests.js';
import { makeOutside } from '../helpers/damage/outside.js';
import type { Outside } from '../helpers/damage/outside.js';
import { inPairs } from '../helpers/fault-injection.js';
import { everyNth } from '../helpers/fault-sweep.js';
import { inFullTest, isFullTest } from '../helpers/full-tests.js';
import { runHere } from '../helpers/run-here.js';
import { binPath, runSegue, type RunResult } from '../helpers/run-segue.js';
import { makeSmallSnapshot } from '../helpers/small-snapshot.js';
import { idA, idB, plantLink } from '../helpers/snapshots.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';

const keptDirectory = temporaryDirectories('file');
const isRoot = process.getuid?.() === 0;
// Only root makes devices.
const possible = hostileManifests.filter(({ needsRoot }) => needsRoot !== true || isRoot);

/** Arguments, and the exit code that is wanted; 'told' where it is 4, or the answer says what is damaged. */
type CommandLine = readonly [readonly string[], number | 'told'];

/** Command lines that read the snapshot A; those that only look around go on. */
const commandLines: readonly CommandLine[] = [
  [['similar', 'one', '--snapshot', idA], 4],
  [['recommend', 'ann', '--snapshot', idA], 4],
  [['user-vector', 'ann', '--snapshot', idA], 4],
  [['publish', idA], 4],
  [['publish', idA, '--dry-run'], 4],
  [['rollback', idA], 4],
  [['build-index', idA], 4],
  [['user-vector', '--all', '--snapshot', idA], 4],
  [['diff-snapshots', idB, idA], 4],
  [['snapshots', 'list'], 0],
  [['gc', '--dry-run', '--keep', '0'], 0],
  [['gc', '--keep', '0'], 0],
  [['snapshots', 'show', idA], 'told'],
  [['snapshots', 'verify', idA], 4],
];
/** Those that are built. */
const built = commandLines.filter(([args]) =>
  existsSync(
    join(
      binPath,
      '../../dist/commands',
      `${args[0] === 'snapshots' ? args.slice(0, 2).join('/') : args[0]}.js`,
    ),
  ),
);

let pristine: string;
let whole: Manifest;
let outside: Outside;
let untouched: unknown;

beforeAll(async () => {
  pristine = join(keptDirectory(), 'root');
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
  whole = readManifest(join(rootPath.snapshot(pristine, idA), 'manifest.json'));
  outside = makeOutside(join(pristine, '..'));
  untouched = outside.state();
});

/** A root of its own whose snapshot A has the manifest, beside `outside`. */
async function rootWith(manifest: HostileManifest): Promise<string> {
  const root = join(keptDirectory(), 'root');
  cpSync(pristine, root, { recursive: true, verbatimSymlinks: true });
  const path = join(rootPath.snapshot(root, idA), 'manifest.json');
  rmSync(path);
  await manifest.put(path, whole);
  return root;
}

it('knows that the manifest is fine as it was', async () => {
  const root = join(keptDirectory(), 'root');
  cpSync(pristine, root, { recursive: true, verbatimSymlinks: true });
  const { code } = await runHere(['publish', idA, '--root', root]);
  expect(code).toBe(0);
});

it.each(possible)('reading a manifest of $what is refused, by its name', async (manifest) => {
  const path = join(rootPath.snapshot(await rootWith(manifest), idA), 'manifest.json');
  const started = process.cpuUsage();
  let refused: unknown;
  try {
    // Whether a file is there is for the verification to say, whose manifest it is for whoever asked for another.
    const { id, files } = readManifest(path);
    refused = id !== idA || JSON.stringify(files) !== JSON.stringify(whole.files) ? 'later' : 'never';
  } catch (error) {
    refused = error;
  }
  const { user, system } = process.cpuUsage(started);
  if (refused !== 'later') {
    expect(refused).toBeInstanceOf(AppError);
    expect(refused).toMatchObject({
      exitCode: 4,
      code: manifest.code ?? 'damaged-snapshot',
      details: { file: path },
    });
    expect((refused as Error).message).toContain('manifest.json');
  }
  expect((user + system) / 1e6).toBeLessThan(1);
  expect({}).not.toHaveProperty('polluted');
});

/** Writes what a process took, at its end. */
const meter = `data:text/javascript,${encodeURIComponent(
  `import { writeFileSync } from 'node:fs';
   process.on('exit', () => {
     const { user, system } = process.cpuUsage();
     writeFileSync(process.env.METER, JSON.stringify({ seconds: (user + system) / 1e6, bytes: process.resourceUsage().maxRSS * 1024 }));
   });`,
)}`;

/** Runs in a process of its own, and says what that took. */
async function runMetered(args: readonly string[], cwd: string): Promise<RunResult> {
  const meterPath = join(cwd, 'meter.json');
  const result = await runSegue(args, { nodeArgs: ['--import', meter], env: { METER: meterPath }, cwd });
  const taken = JSON.parse(readFileSync(meterPath, 'utf8')) as { seconds: number; bytes: number };
  const about = `segue ${args.join(' ')}`;
  expect(taken.bytes, about).toBeLessThan(200 * 2 ** 20);
  // What the process takes to start is in it; another one may run beside it on the same core.
  expect(taken.seconds, about).toBeLessThan(2);
  return result;
}

async function expectRefused(manifest: HostileManifest, [args, wanted]: CommandLine): Promise<void> {
  const root = await rootWith(manifest);
  const cwd = join(root, '..');
  const all = [...args, '--json', '--root', root];
  const { code, signal, stdout, stderr } = await (isFullTest()
    ? runMetered(all, cwd)
    : runHere(all, { cwd }));
  const about = `segue ${args.join(' ')} with ${manifest.what}: ${stdout.slice(0, 600)}${stderr.slice(0, 600)}`;
  const isTold = wanted === 'told' && code === 0;
  expect([signal, code], about).toEqual([null, isTold ? 0 : wanted === 'told' ? 4 : wanted]);
  if (isTold) {
    const { damage } = JSON.parse(stdout) as { damage: { message: string } };
    expect(damage.message, about).toMatch(/manifest\.json|model\//);
  } else if (code === 4) {
    const { error } = JSON.parse(stdout) as { error: { message: string } };
    expect(error.message, about).toMatch(/manifest\.json|model\//);
  }
  // Whatever was to be done is not done: the same is current.
  expect(readdirSync(rootPath.snapshots(root)).includes(idB), about).toBe(true);
}

/** Those that would take long, or lead elsewhere, if they were believed. */
const worst = new Set([
  '1 GB',
  'objects in objects, 500,000 deep',
  '20,000 files',
  'a FIFO',
  'a link to /dev/zero',
  'the file "../x"',
]);

describe('every command', () => {
  inFullTest()('refuses the worst of them at once, with little memory', async () => {
    const pairs = possible
      .filter(({ what }) => worst.has(what))
      .flatMap((manifest) => built.map((line) => [manifest, line] as const));
    expect(pairs).toHaveLength(worst.size * built.length);
    // Every third, so that each command meets some, and each of them some commands; before a release all.
    await inPairs(everyNth(pairs, 3), ([manifest, line]) => expectRefused(manifest, line));
    expect(outside.state()).toEqual(untouched);
  });

  it('meets the others in turn, and refuses them too', async () => {
    const others = possible.filter(({ what }) => !worst.has(what));
    await inPairs([...others.entries()], ([at, manifest]) =>
      expectRefused(manifest, built[at % built.length]!),
    );
    expect(outside.state()).toEqual(untouched);
  });
});
