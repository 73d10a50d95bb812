import {
  chmodSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { AppError } from '#dist/core/errors.js';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
import { verifySnapshots } from '#dist/core/tasks/snapshots/verify.js';
import type { VerifySnapshotsOptions, VerifySnapshotsResult } from '#dist/core/tasks/snapshots/verify.js';
import { useRealCanary } from '../../../helpers/canary-here.js';
import {
  idA,
  idB,
  idC,
  listening,
  modelFiles,
  plantLink,
  plantSnapshot,
} from '../../../helpers/snapshots.js';
import { temporaryDirectories } from '../../../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();
let root: string;
let path: string;

beforeEach(() => {
  root = temporaryDirectory();
  path = plantSnapshot(root, idA);
  plantSnapshot(root, idB, modelFiles(2));
});

function verify(
  options: Partial<VerifySnapshotsOptions> = { all: true },
  context = listening(),
): Promise<VerifySnapshotsResult> {
  return verifySnapshots({ root, all: false, ...options }, context);
}

async function failure(options?: Partial<VerifySnapshotsOptions>): Promise<AppError> {
  return verify(options).then(
    () => {
      throw new Error('nothing was thrown');
    },
    (error: unknown) => error as AppError,
  );
}

/** Changes one bit of a file, and keeps its size and time. */
function flip(file: string): void {
  const bytes = readFileSync(file);
  bytes[bytes.length - 1]! ^= 1;
  const copy = `${file}.copy`;
  cpSync(file, copy, { preserveTimestamps: true });
  chmodSync(file, 0o644);
  writeFileSync(file, bytes);
  rmSync(copy);
}

describe('verify', () => {
  it('says of every snapshot that it is whole, and stamps it', async () => {
    const context = listening();
    const result = await verify({ all: true }, context);
    expect(result).toMatchObject({
      root,
      problems: [],
      verdicts: [
        { snapshot: idA, whole: true, checked: true, files: 2, bytes: 296, damage: [] },
        { snapshot: idB, whole: true, checked: true, files: 2, bytes: 296, damage: [] },
      ],
    });
    expect(existsSync(rootPath.stamp(root, idA))).toBe(true);
    expect(context.told.at(-1)).toMatchObject({ kind: 'step', done: 296, total: 296, note: '2 of 2' });
  });

  it('takes references, each snapshot once, and without any what is current', async () => {
    plantLink(root, 'latest', idB);
    expect((await verify({ snapshots: [idA, 'aaaa'] })).verdicts).toHaveLength(1);
    const context = listening();
    expect((await verify({}, context)).verdicts).toMatchObject([{ snapshot: idB }]);
    expect(context.told[0]).toMatchObject({ kind: 'warning' });
    plantLink(root, 'current', idA);
    expect((await verify({})).verdicts).toMatchObject([{ snapshot: idA }]);
  });

  it('trusts no stamp, and takes that of a damaged snapshot, which readers refuse from then on', async () => {
    await verify();
    flip(join(path, 'model/item.npy'));
    // The stamp holds where size and time are those that were verified.
    const stamp = JSON.parse(readFileSync(rootPath.stamp(root, idA), 'utf8')) as { files: unknown };
    expect(stamp.files).toBeDefined();
    expect(await failure()).toMatchObject({ code: 'damaged-snapshot', exitCode: 4 });
    expect(existsSync(rootPath.stamp(root, idA))).toBe(false);
    expect(existsSync(rootPath.stamp(root, idB))).toBe(true);
    await expect(openForReading(root, idA, listening())).rejects.toMatchObject({ code: 'damaged-snapshot' });
  });

  it('names every file that is wrong, of every snapshot, not only the first', async () => {
    flip(join(path, 'model/item.npy'));
    rmSync(join(path, 'model/eigenvalues.npy'));
    writeFileSync(join(path, 'notes.txt'), '');
    const other = plantSnapshot(root, idC);
    chmodSync(join(other, 'manifest.json'), 0o644);
    writeFileSync(join(other, 'manifest.json'), '{');
    const error = await failure();
    expect(error.message).toBe(
      `2 of 3 snapshots cannot be used: ${idA} (model/eigenvalues.npy, notes.txt, model/item.npy); ` +
        `${idC} (manifest.json)`,
    );
    const { verdicts } = error.details as unknown as VerifySnapshotsResult;
    expect(verdicts.map(({ snapshot, whole }) => [snapshot, whole])).toEqual([
      [idA, false],
      [idB, true],
      [idC, false],
    ]);
    expect(verdicts[0]!.damage.map(({ message }) => message.replace(/[0-9a-f]{64}/g, 'SUM'))).toEqual([
      `snapshot ${idA} is damaged: model/eigenvalues.npy: it is missing`,
      `snapshot ${idA} is damaged: notes.txt: the manifest does not name it`,
      `snapshot ${idA} is damaged: model/item.npy: its sha256 is SUM, the manifest states SUM`,
    ]);
  });

  it('finds what checksums cannot: files that are as they were written, and of no use', async () => {
    const files = new Map<string, Uint8Array>(modelFiles());
    files.set('model/item.npy', Buffer.from('not an array'));
    plantSnapshot(root, idC, files);
    const { details } = await failure({ snapshots: [idC] });
    expect((details as unknown as VerifySnapshotsResult).verdicts[0]!.damage).toHaveLength(1);
    expect(JSON.stringify(details)).toContain('model/item.npy');
  });

  describe('by a process of its own', () => {
    useRealCanary();

    it('calls nothing damaged where the process that opens it is killed, and leaves the stamp', async () => {
      await verify();
      const statement = encodeURIComponent('process.kill(process.pid, "SIGKILL")');
      process.env['NODE_OPTIONS'] = `--import=data:text/javascript,${statement}`;
      try {
        const error = await failure({ snapshots: [idA] });
        expect(error).toMatchObject({ code: 'unchecked', exitCode: 7 });
        expect(error.message).toMatch(/^1 of 1 snapshots could not be checked: .*SIGKILL/);
        expect(error.suggestions.join()).not.toContain('rollback');
        const { verdicts } = error.details as unknown as VerifySnapshotsResult;
        expect(verdicts).toMatchObject([{ snapshot: idA, whole: false, checked: false }]);
      } finally {
        delete process.env['NODE_OPTIONS'];
      }
      expect(existsSync(rootPath.stamp(root, idA))).toBe(true);
    });
  });

  it('does not look through a link: neither at a file nor into a directory', async () => {
    const outside = temporaryDirectory();
    renameSync(join(path, 'model'), join(outside, 'model'));
    symlinkSync(join(outside, 'model'), join(path, 'model'));
    flip(join(outside, 'model/item.npy'));
    const { damage } = ((await failure()).details as unknown as VerifySnapshotsResult).verdicts[0]!;
    expect(damage).toMatchObject([
      { file: 'model', message: expect.stringContaining('it is a symbolic link, not a directory') as string },
    ]);
  });

  it('names a directory that is missing once, and not each of its files', async () => {
    rmSync(join(path, 'model'), { recursive: true });
    const { damage } = ((await failure()).details as unknown as VerifySnapshotsResult).verdicts[0]!;
    expect(damage.map(({ file }) => file)).toEqual(['model']);
  });

  it('reads a file that several share once, and still judges each of them', async () => {
    const other = plantSnapshot(root, idC);
    rmSync(join(other, 'model/item.npy'));
    linkSync(join(path, 'model/item.npy'), join(other, 'model/item.npy'));
    expect((await verify()).verdicts.map(({ whole }) => whole)).toEqual([true, true, true]);
    flip(join(path, 'model/item.npy'));
    const { verdicts } = (await failure()).details as unknown as VerifySnapshotsResult;
    expect(verdicts.map(({ whole }) => whole)).toEqual([false, true, false]);
  });

  it('of all looks at the links too', async () => {
    symlinkSync('snapshots/cccccccccccccccc', rootPath.current(root));
    expect(await failure()).toMatchObject({
      code: 'damaged-root',
      message: expect.stringContaining('names the snapshot cccccccccccccccc, which is not there') as string,
    });
    await verify({ snapshots: [idA] });
  });

  it('is not passed by a root that holds nothing', async () => {
    root = temporaryDirectory();
    expect(await failure({ all: true })).toMatchObject({ code: 'snapshot-not-found', exitCode: 3 });
    expect(await failure({})).toMatchObject({ code: 'snapshot-not-found' });
    mkdirSync(rootPath.snapshots(root));
    expect(await failure({ all: true })).toMatchObject({ code: 'snapshot-not-found' });
  });

  it('ends at once where it is interrupted, and calls nothing damaged', async () => {
    const stop = new AbortController();
    stop.abort();
    await expect(verify({ all: true }, listening(stop.signal))).rejects.toMatchObject({
      code: 'interrupted',
    });
  });
});
