/**
 * What directories take on the disk. Snapshots share files by hard links, so bytes are counted by inode: a file that
 * only one snapshot has is its own, one that several have is shared between them.
 */
import type { Count } from '../contracts.js';
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { errnoOf } from '../errors.js';

/** A regular file below a directory. */
export interface FoundFile {
  /** Relative to the directory, with '/'. */
  readonly path: string;
  readonly bytes: number;
  /** (dev, ino) as text: the same for every link to the file. */
  readonly inode: string;
  /** How many names the file has, here and elsewhere. */
  readonly links: number;
}

export interface DiskUse {
  /** Bytes of files that no other of the directories has: what would be free without this one. */
  readonly own: Count;
  /** Bytes of files that others have too. */
  readonly shared: Count;
}

/** A snapshot has three levels; whatever nests deeper is not segue's. */
const maxDepth = 16;

/**
 * The regular files below a directory, following no link; none where it is missing. What vanishes meanwhile is left out.
 * Throws errno errors.
 */
export function filesBelow(directory: string): FoundFile[] {
  const found: FoundFile[] = [];
  walk(directory, '', 0, found);
  return found;
}

function walk(directory: string, below: string, depth: number, found: FoundFile[]): void {
  if (depth > maxDepth) return;
  for (const name of unlessGone(() => readdirSync(join(directory, below))) ?? []) {
    const path = below === '' ? name : `${below}/${name}`;
    const stat = lstatSync(join(directory, path), { bigint: true, throwIfNoEntry: false });
    if (stat?.isDirectory() === true) walk(directory, path, depth + 1, found);
    else if (stat?.isFile() === true)
      found.push({
        path,
        bytes: Number(stat.size),
        inode: `${stat.dev} ${stat.ino}`,
        links: Number(stat.nlink),
      });
  }
}

function unlessGone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** What each of several directories has for itself and what it shares, by the name it was given. */
export function diskUseOf(directories: ReadonlyMap<string, readonly FoundFile[]>): Map<string, DiskUse> {
  const owners = new Map<string, number>();
  for (const files of directories.values()) {
    for (const inode of new Set(files.map((file) => file.inode))) {
      owners.set(inode, (owners.get(inode) ?? 0) + 1);
    }
  }
  const use = new Map<string, DiskUse>();
  for (const [name, files] of directories) {
    let own = 0;
    let shared = 0;
    for (const { inode, bytes } of distinct(files)) {
      if (owners.get(inode) === 1) own += bytes;
      else shared += bytes;
    }
    use.set(name, { own, shared });
  }
  return use;
}

/** Bytes of all these files, each inode once, but for those that are among `others`. */
export function distinctBytes(files: readonly FoundFile[], others: readonly FoundFile[] = []): number {
  const counted = new Set(others.map((file) => file.inode));
  return distinct(files).reduce((sum, file) => (counted.has(file.inode) ? sum : sum + file.bytes), 0);
}

/** Bytes that the disk gets back when all these files are removed: of those that have no name elsewhere. */
export function bytesFreedBy(files: readonly FoundFile[]): number {
  const names = new Map<string, number>();
  let freed = 0;
  for (const { inode, links, bytes } of files) {
    const count = (names.get(inode) ?? 0) + 1;
    names.set(inode, count);
    if (count === links) freed += bytes;
  }
  return freed;
}

/** Bytes of all these files, by each of their names. */
export function sumBytes(files: readonly FoundFile[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

function distinct(files: readonly FoundFile[]): FoundFile[] {
  return [...new Map(files.map((file) => [file.inode, file])).values()];
}
