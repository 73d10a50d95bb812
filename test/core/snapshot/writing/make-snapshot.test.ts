import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { rootPath } from '#dist/core/snapshot/layout.js';
import type { ManifestContent } from '#dist/core/snapshot/manifest.js';
import { fillSnapshot, makeSnapshot } from '#dist/core/snapshot/writing/make-snapshot.js';
import type { SnapshotDraft } from '#dist/core/snapshot/writing/write-snapshot.js';
import { contentOf, idA, idB, isThere, listening, modelFiles } from '../../../helpers/snapshots.js';
import { temporaryDirectories } from '../../../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();

function target(root: string, id: string | undefined, tag?: string) {
  return { root, id, tag, estimatedBytes: 1000 };
}

function fill(id: string) {
  return (draft: SnapshotDraft): Promise<ManifestContent> => {
    for (const [name, bytes] of modelFiles()) draft.write(name, [bytes]);
    return Promise.resolve(contentOf(id));
  };
}

const unexpected = (): Promise<never> => Promise.reject(new Error('it was made again'));

describe('making a snapshot', () => {
  it('fills a draft, and gives what was committed', async () => {
    const root = temporaryDirectory();
    const made = await makeSnapshot(target(root, idA, 'best'), fill(idA), listening());
    expect(made).toMatchObject({ id: idA, path: rootPath.snapshot(root, idA), existed: false });
    expect(Object.keys(made.manifest.files)).toEqual([...modelFiles().keys()]);
    expect(readlinkSync(rootPath.tag(root, 'best'))).toBe(`../snapshots/${idA}`);
    expect(await isThere(root, idA)).toBe(true);
  });

  it('computes nothing where it was made before: it is the latest then, and has the tag', async () => {
    const root = temporaryDirectory();
    const first = await makeSnapshot(target(root, idA), fill(idA), listening());
    await makeSnapshot(target(root, idB), fill(idB), listening());
    expect(readlinkSync(rootPath.latest(root))).toBe(`snapshots/${idB}`);
    const found = await makeSnapshot(target(root, idA, 'again'), unexpected, listening());
    expect(found).toEqual({ ...first, existed: true });
    expect(readlinkSync(rootPath.latest(root))).toBe(`snapshots/${idA}`);
    expect(readlinkSync(rootPath.tag(root, 'again'))).toBe(`../snapshots/${idA}`);
    const waiting = await fillSnapshot(target(root, idA), unexpected, listening());
    expect(waiting.filled).toBeUndefined();
  });

  it('leaves no draft where it could not be filled', async () => {
    const root = temporaryDirectory();
    await expect(makeSnapshot(target(root, idA), unexpected, listening())).rejects.toThrow('made again');
    expect(readdirSync(rootPath.snapshots(root))).toEqual([]);
    expect(readdirSync(rootPath.locks(root))).toEqual([]);
  });

  it('shows nothing before the commit, and looks for nothing where the id is not known', async () => {
    const root = temporaryDirectory();
    await makeSnapshot(target(root, idA), fill(idA), listening());
    const content = async (draft: SnapshotDraft) => ({ content: await fill(idA)(draft), seconds: 1 });
    const waiting = await fillSnapshot(target(root, undefined, 'new'), content, listening());
    expect(waiting.filled?.seconds).toBe(1);
    expect(existsSync(rootPath.tag(root, 'new'))).toBe(false);
    expect(await waiting.commit()).toMatchObject({ id: idA, existed: true });
    expect(existsSync(rootPath.tag(root, 'new'))).toBe(true);
  });
});
