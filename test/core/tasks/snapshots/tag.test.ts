import {
  chmodSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { tryLock } from '#dist/core/files/kernel-lock.js';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { tagSnapshot } from '#dist/core/snapshot/links.js';
import { takeLease } from '#dist/core/snapshot/lease.js';
import { resolveReference } from '#dist/core/snapshot/resolve-reference.js';
import { tag } from '#dist/core/tasks/snapshots/tag.js';
import type { TagResult } from '#dist/core/tasks/snapshots/tag.js';
import { untag } from '#dist/core/tasks/snapshots/untag.js';
import type { UntagResult } from '#dist/core/tasks/snapshots/untag.js';
import { idA, idB, idC, listening, plantSnapshot } from '../../../helpers/snapshots.js';
import { temporaryDirectories } from '../../../helpers/temporary-directory.js';
import { words } from '../../../helpers/words.js';

const temporaryDirectory = temporaryDirectories();
let root: string;

beforeEach(() => {
  root = temporaryDirectory();
  for (const id of [idA, idB]) plantSnapshot(root, id);
});

const give = (snapshot: string, name: string): Promise<TagResult> =>
  tag({ root, snapshot, tag: name }, listening());
const take = (...tags: string[]): Promise<UntagResult> => untag({ root, tags }, listening());
const linkOf = (name: string): string => readlinkSync(rootPath.tag(root, name));

describe('a tag', () => {
  it('names a snapshot', async () => {
    expect(await give(idA, 'good')).toEqual({ tag: 'good', snapshot: idA, previous: null, unchanged: false });
    expect(linkOf('good')).toBe(`../snapshots/${idA}`);
    expect(resolveReference(root, 'good')).toBe(idA);
    expect(await give('good', 'better')).toMatchObject({ snapshot: idA });
  });

  it('is moved from the snapshot that had it, which is said', async () => {
    await give(idA, 'good');
    expect(await give(idB, 'good')).toEqual({ tag: 'good', snapshot: idB, previous: idA, unchanged: false });
    expect(await give(idB, 'good')).toEqual({ tag: 'good', snapshot: idB, previous: idB, unchanged: true });
    expect(linkOf('good')).toBe(`../snapshots/${idB}`);
  });

  it('is moved from a snapshot that is gone', async () => {
    await give(idA, 'good');
    rmSync(rootPath.snapshot(root, idA), { recursive: true });
    expect(await give(idB, 'good')).toMatchObject({ previous: idA });
  });

  it.each(words`current latest previous none aaaa Good ${''} ../x .x ${'a b'} é ${'x'.repeat(65)}`)(
    'cannot be called %j',
    async (name) => {
      await expect(give(idA, name)).rejects.toMatchObject({ code: 'bad-usage' });
      await expect(take(name)).rejects.toMatchObject({ code: 'bad-usage' });
    },
  );

  it('is not given to what is not there, or is damaged', async () => {
    await expect(give(idC, 'good')).rejects.toMatchObject({ code: 'snapshot-not-found' });
    await expect(give('best', 'good')).rejects.toMatchObject({ code: 'snapshot-not-found' });
    const path = plantSnapshot(root, idC, undefined, () => 'no manifest');
    await expect(give(idC, 'good')).rejects.toMatchObject({ code: 'damaged-snapshot' });
    expect(path).toContain(idC);
  });

  it('does not take the place of somebody’s file, directory or link', async () => {
    mkdirSync(rootPath.tags(root));
    writeFileSync(rootPath.tag(root, 'file'), 'precious');
    mkdirSync(rootPath.tag(root, 'directory'));
    symlinkSync('/etc', rootPath.tag(root, 'link'));
    // A making command's --tag neither, which does not look first.
    for (const name of ['file', 'directory']) {
      expect(() => tagSnapshot(root, idA, name), name).toThrow('move it away');
    }
    for (const name of ['file', 'directory', 'link']) {
      await expect(give(idA, name), name).rejects.toMatchObject({ code: 'damaged-root', exitCode: 4 });
      await expect(take(name), name).rejects.toMatchObject({ code: 'damaged-root' });
    }
    expect(readFileSync(rootPath.tag(root, 'file'), 'utf8')).toBe('precious');
    expect(linkOf('link')).toBe('/etc');
  });

  it('is not given to what a collector is taking, nor taken from under a tag', async () => {
    // A collector holds the exclusive lock; whoever holds it may look at the tags and rely on them.
    const manifest = `${rootPath.snapshot(root, idA)}/manifest.json`;
    const lease = takeLease(rootPath.snapshot(root, idA))!;
    await give(idA, 'beside-a-reader');
    lease.release();
    chmodSync(manifest, 0o644);
    const collector = tryLock(manifest)!;
    await expect(give(idA, 'good')).rejects.toMatchObject({ code: 'busy' });
    collector.release();
    await give(idA, 'good');
    expect(linkOf('good')).toContain(idA);
  });
});

describe('untag', () => {
  it('removes tags, and says what had them', async () => {
    await give(idA, 'good');
    await give(idB, 'better');
    expect(await take('good', 'better', 'good')).toEqual({
      untagged: [
        { tag: 'good', snapshot: idA },
        { tag: 'better', snapshot: idB },
      ],
    });
    expect(() => resolveReference(root, 'good')).toThrow('no snapshot is tagged');
  });

  it('removes none where one does not exist', async () => {
    await give(idA, 'good');
    await expect(take('good', 'best')).rejects.toMatchObject({ code: 'snapshot-not-found' });
    expect(linkOf('good')).toContain(idA);
  });

  it('removes one whose snapshot is gone', async () => {
    await give(idA, 'good');
    rmSync(rootPath.snapshot(root, idA), { recursive: true });
    expect(await take('good')).toEqual({ untagged: [{ tag: 'good', snapshot: idA }] });
  });
});
