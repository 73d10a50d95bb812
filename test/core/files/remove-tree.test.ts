import { linkSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { removeTree } from '#dist/core/files/remove-tree.js';
import { bytesFreedBy, filesBelow } from '#dist/core/snapshot/disk-use.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();
const never = new AbortController().signal;
let root: string;

beforeEach(() => {
  root = temporaryDirectory();
  mkdirSync(join(root, 'tree', 'deep', 'er'), { recursive: true });
  writeFileSync(join(root, 'tree', 'a'), 'x'.repeat(100));
  writeFileSync(join(root, 'tree', 'deep', 'er', 'b'), 'x'.repeat(20));
});

describe('what removing a tree gives back', () => {
  it('is the bytes of its files', async () => {
    expect(bytesFreedBy(filesBelow(join(root, 'tree')))).toBe(120);
    const told: number[] = [];
    expect(await removeTree(join(root, 'tree'), never, (bytes) => told.push(bytes))).toBe(120);
    expect(told.toSorted()).toEqual([100, 20].toSorted());
    expect(readdirSync(root)).toEqual([]);
  });

  it('is nothing for a file that has a name elsewhere', async () => {
    linkSync(join(root, 'tree', 'a'), join(root, 'kept'));
    expect(bytesFreedBy(filesBelow(join(root, 'tree')))).toBe(20);
    expect(await removeTree(join(root, 'tree'), never, () => undefined)).toBe(20);
    expect(readFileSync(join(root, 'kept'), 'utf8')).toHaveLength(100);
  });

  it('counts a file with two names in it once', async () => {
    linkSync(join(root, 'tree', 'a'), join(root, 'tree', 'deep', 'again'));
    expect(bytesFreedBy(filesBelow(join(root, 'tree')))).toBe(120);
    expect(await removeTree(join(root, 'tree'), never, () => undefined)).toBe(120);
  });
});

describe('removing a tree', () => {
  it('follows no links', async () => {
    mkdirSync(join(root, 'other'));
    writeFileSync(join(root, 'other', 'precious'), '');
    symlinkSync(join(root, 'other'), join(root, 'tree', 'link'));
    symlinkSync(join(root, 'other', 'precious'), join(root, 'tree', 'deep', 'link'));
    await removeTree(join(root, 'tree'), never, () => undefined);
    expect(readdirSync(root)).toEqual(['other']);
    expect(readdirSync(join(root, 'other'))).toEqual(['precious']);
  });

  it('stops between two files when it is aborted, and goes on the next time', async () => {
    const abort = new AbortController();
    const removing = removeTree(join(root, 'tree'), abort.signal, () => abort.abort());
    await expect(removing).rejects.toMatchObject({ code: 'interrupted' });
    expect(filesBelow(join(root, 'tree'))).toHaveLength(1);
    await removeTree(join(root, 'tree'), never, () => undefined);
    expect(await removeTree(join(root, 'tree'), never, () => undefined)).toBe(0);
  });
});
