/**
 * A directory that is setgid, and that its group may write to, is shared by that group. What is made in it belongs to
 * the group, and members may change it as its maker may, as far as the maker's umask lets them. Anywhere else what is
 * made is its maker's alone to change. Nothing is ever made for everyone to write to.
 *
 * A shared lock needs no more than a file that can be read, and keeps an exclusive one away. So a lock file can be
 * opened by those only who may write in its directory.
 */
import { chmodSync, fchmodSync, fstatSync, lstatSync, statSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { unlessRefused } from '../errors.js';

/** setgid, and g+w. */
const sharedBits = 0o2020;

/** Whether the directory at `path` is shared by its group; where there is none yet, the nearest one above it. */
export function isShared(path: string): boolean {
  for (let at = path; ; at = dirname(at)) {
    const stat = statSync(at, { throwIfNoEntry: false });
    if (stat !== undefined) return (stat.mode & sharedBits) === sharedBits;
    if (dirname(at) === at) return false;
  }
}

/** What a directory is made with below `parent`; the umask takes from it. */
export function newDirectoryMode(parent: string): number {
  return isShared(parent) ? 0o775 : 0o755;
}

/** What a file is made with in `directory`; the umask takes from it. */
export function newFileMode(directory: string): number {
  return isShared(directory) ? 0o664 : 0o644;
}

/** What a lock file in `directory` has, whatever the umask is: one member's would shut the others out. */
export function lockFileMode(directory: string): number {
  return isShared(directory) ? 0o660 : 0o600;
}

/** Gives an open lock file its mode, where it is ours to give. Its inode stays, and so do the locks on it. */
export function closeLockFile(fd: number, path: string): void {
  const mode = lockFileMode(dirname(path));
  const stat = fstatSync(fd);
  // Of a file of two names the other one may belong to someone else.
  if (!isOurs(stat) || stat.nlink > 1 || (stat.mode & 0o777) === mode) return;
  // A file system that has no permissions, or is read-only, has no mere readers to be kept out.
  unlessRefused(() => fchmodSync(fd, mode));
}

/**
 * Whoever may not write in a directory of locks may not enter it either, where it is ours: not even a lock file that
 * an earlier version made for everyone to read can then be opened by mere readers.
 */
export function closeLockDirectory(path: string): void {
  const stat = lstatSync(path);
  const group = (stat.mode & 0o020) === 0 ? 0o070 : 0;
  const others = (stat.mode & 0o002) === 0 ? 0o007 : 0;
  const mode = stat.mode & 0o7777 & ~(group | others);
  if (isOurs(stat) && mode !== (stat.mode & 0o7777)) unlessRefused(() => chmodSync(path, mode));
}

/** New directories of a shared one are shared too: Linux sees to it, other systems only give them the group. */
export function passSharingOn(directory: string): void {
  const { mode } = statSync(directory);
  if ((mode & 0o2000) === 0) chmodSync(directory, (mode & 0o7777) | 0o2000);
}

function isOurs(stat: Stats): boolean {
  return stat.uid === process.geteuid?.();
}
