/**
 * Every system call with which a snapshot is made: killed there, its fsync failed, its disk full, its write cut short.
 * The snapshot is whole or not there at all, and making it again succeeds and leaves no litter.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
import { beginSnapshot } from '#dist/core/snapshot/write-snapshot.js';
import { inPairs, runWithFault, skipLoudly, straceIsHere, traceCalls } from '../helpers/fault-injection.js';
import type { Fault, TracedCall } from '../helpers/fault-injection.js';
import { contentOf, idA, idB, isThere, listening, makeSnapshot, npy } from '../helpers/snapshots.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';

const keptDirectory = temporaryDirectories('file');
const temporaryDirectory = temporaryDirectories();
const rows = npy('<u4', [3], new Uint32Array([2, 0, 1]));

/** Makes B, which shares the model of A and has a file of its own. */
const program = `
  import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
    import { beginSnapshot } from '#dist/core/snapshot/write-snapshot.js';
  const [root, content] = process.argv.slice(1);
  const context = { signal: new AbortController().signal, onProgress: () => undefined };
  try {
    const parent = await openForReading(root, '${idA}', context);
    const draft = beginSnapshot(root, { estimatedBytes: 1000 }, context);
    try {
      draft.inherit(parent, ['model']);
      draft.write('index/item.rows.npy', [Buffer.from('${Buffer.from(rows).toString('base64')}', 'base64')]);
      await draft.commit(JSON.parse(content), 'best');
    } finally {
      draft.abandon();
      parent.close();
    }
  } catch (error) {
    process.stderr.write(error.message);
    process.exitCode = error.exitCode ?? 70;
  }`;

const programArgs = (root: string): string[] => [
  root,
  JSON.stringify(contentOf(idB, { basis: idA, parent: idA })),
];

/** A copy by hard links: nothing in a root is ever written in place, and the stamps hold. */
function copyOf(root: string, directory: string): string {
  const copy = join(directory, 'root');
  execFileSync('cp', ['-al', root, copy]);
  return copy;
}

/** A root that holds A, verified. */
let template: string;

function freshRoot(): string {
  return copyOf(template, temporaryDirectory());
}

/** The ids of the snapshots that are there; each must verify. */
async function wholeSnapshots(root: string): Promise<string[]> {
  const ids: string[] = [];
  for (const id of [idA, idB]) if (await isThere(root, id)) ids.push(id);
  return ids;
}

describe.runIf(straceIsHere)('making snapshots', () => {
  let calls: TracedCall[];

  beforeAll(async () => {
    template = join(keptDirectory(), 'template');
    await makeSnapshot(template, idA);
    (await openForReading(template, idA, listening())).close();
    const root = copyOf(template, keptDirectory());
    calls = await traceCalls(program, programArgs(root));
    expect(await wholeSnapshots(root)).toEqual([idA, idB]);
  });

  async function sweep(
    fault: Fault,
    at: readonly TracedCall[],
    codes: readonly (number | null)[],
  ): Promise<void> {
    expect(at.length).toBeGreaterThan(5);
    await inPairs(at, async (call) => {
      const root = freshRoot();
      const run = await runWithFault(program, programArgs(root), call, fault);
      const what = `${fault} at ${call.text}: ${run.stderr}`;
      expect(run.fired, what).toBe(true);
      expect(codes, what).toContain(run.code);
      expect(await wholeSnapshots(root)).toContain(idA);
      if (fault !== 'SIGKILL') {
        expect(
          readdirSync(rootPath.snapshots(root)).filter((name) => name.startsWith('.')),
          what,
        ).toEqual([]);
      }
      // The next one that is started cleans up; every few times it is the same one, made again.
      if (at.indexOf(call) % 6 === 0) {
        await makeSnapshot(root, idB);
        expect(await wholeSnapshots(root), what).toEqual([idA, idB]);
      } else {
        beginSnapshot(root, { estimatedBytes: 1 }, listening()).abandon();
      }
      expect(readdirSync(rootPath.snapshots(root)), what).toEqual(await wholeSnapshots(root));
      expect(readdirSync(rootPath.locks(root)), what).toEqual([]);
      expect(
        readdirSync(root).filter((name) => name.startsWith('.')),
        what,
      ).toEqual([]);
    });
  }

  const named = (...names: readonly string[]): TracedCall[] =>
    calls.filter((call) => names.some((name) => call.name.startsWith(name)));

  it('makes every file and every directory durable before the snapshot has its name', () => {
    const at = (pattern: RegExp): number => calls.findIndex(({ text }) => pattern.test(text));
    const renamed = at(new RegExp(`^rename.*"[^"]*/snapshots/${idB}"`));
    const fsynced = (path: string): number => at(new RegExp(`^fsync\\(\\d+<[^>]*/\\.tmp-[0-9a-f]+${path}>`));
    expect(renamed).toBeGreaterThan(0);
    for (const path of ['/index/item.rows.npy', '/manifest.json', '/model', '/index', '']) {
      expect(fsynced(path), path).toBeGreaterThan(0);
      expect(fsynced(path), path).toBeLessThan(renamed);
    }
    // A directory after all that is in it, and the manifest after the other files.
    expect(fsynced('')).toBeGreaterThan(fsynced('/manifest.json'));
    expect(fsynced('/manifest.json')).toBeGreaterThan(fsynced('/index/item.rows.npy'));
    expect(fsynced('/index')).toBeGreaterThan(fsynced('/index/item.rows.npy'));
    const after = calls.slice(renamed).map(({ text }) => /^fsync\(\d+<(?:[^>]*\/)?([^/>]+)>/.exec(text)?.[1]);
    expect(after.filter((name) => name !== undefined)).toEqual(['snapshots', 'root', 'tags', 'root']);
  });

  it('survives a kill at every call', async () => {
    await sweep('SIGKILL', named('mkdir', 'rename', 'symlink', 'link', 'unlink', 'fsync'), [null]);
  });

  it('fails where an fsync fails, with exit 7', async () => {
    // A stamp that cannot be written costs the next reader its time, and nobody anything else.
    await sweep('EIO', named('fsync'), [7, 0]);
  });

  it('fails where the disk is full, with exit 7', async () => {
    await sweep(
      'ENOSPC',
      named('mkdir', 'symlink', 'rename').filter(({ text }) => !text.includes('EEXIST')),
      [7, 0],
    );
  });
});

if (!straceIsHere) skipLoudly('the fault sweep over making snapshots', 'strace is missing or may not trace');
