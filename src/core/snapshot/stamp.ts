/**
 * A stamp says that a snapshot's files were verified, and which: the (dev, ino, size, mtime) of each. While they are
 * the same nobody wrote to the files, and a reader need not hash them again. Rot under an unchanged inode is found by
 * `publish`, which never trusts a stamp. Stamps stand beside the snapshots, since nothing in a snapshot ever changes.
 */
import { fstatSync, lstatSync, readFileSync, unlinkSync, type BigIntStats } from 'node:fs';
import { dirname, join } from 'node:path';
import { unlessRefused } from '../errors.js';
import { makeOwnDirectory, replaceFile } from '../files/durable-write.js';
import { readIfWhole } from '../files/safe-open.js';
import { canonicalJsonLines } from './canonical-json.js';
import { rootPath } from './layout.js';
import type { Manifest } from './manifest.js';

/** By path in the snapshot: what `identityOf` said of each file when it was verified. */
export type FileIdentities = ReadonlyMap<string, string>;

/** Not the ctime: it changes with every hard link that a derived snapshot makes. */
export function identityOf(stat: BigIntStats): string {
  return `${stat.dev} ${stat.ino} ${stat.size} ${stat.mtimeNs}`;
}

/** Whether every file is still the one that was verified for this very manifest. Costs an lstat a file. */
export function stampHolds(root: string, directory: string, manifest: Manifest): boolean {
  const stamp = readStamp(rootPath.stamp(root, manifest.id));
  if (stamp?.manifest !== manifest.checksum) return false;
  const directories = new Set<string>();
  for (const path of Object.keys(manifest.files)) {
    directories.add(dirname(path));
    const stat = lstatSync(join(directory, path), { bigint: true, throwIfNoEntry: false });
    if (stat?.isFile() !== true || stamp.files.get(path) !== identityOf(stat)) return false;
  }
  // A directory of them may have become a link to elsewhere.
  return [...directories].every(
    (path) => lstatSync(join(directory, path), { throwIfNoEntry: false })?.isDirectory() === true,
  );
}

/**
 * Notes what was verified. A power cut may take the note or cut it short, which reads as none. Where the root cannot be
 * written (read-only media, a full disk) the next reader verifies.
 */
export function writeStamp(root: string, manifest: Manifest, files: FileIdentities): void {
  const text = canonicalJsonLines({ manifest: manifest.checksum, files: Object.fromEntries(files) });
  unlessRefused(() => {
    makeOwnDirectory(rootPath.stamps(root));
    replaceFile(rootPath.stamp(root, manifest.id), text);
  });
}

/** Takes the stamp of a snapshot that turned out to be damaged: every reader will see for itself. */
export function removeStamp(root: string, id: string): void {
  unlessRefused(() => unlinkSync(rootPath.stamp(root, id)));
}

function readStamp(path: string): { manifest: unknown; files: Map<string, unknown> } | undefined {
  // A torn or foreign stamp is no stamp.
  return readIfWhole(path, (fd) => {
    if (fstatSync(fd).size > 4 << 20) return undefined;
    const value: unknown = JSON.parse(readFileSync(fd, 'utf8'));
    if (typeof value !== 'object' || value === null || !('manifest' in value) || !('files' in value))
      return undefined;
    if (typeof value.files !== 'object' || value.files === null) return undefined;
    return { manifest: value.manifest, files: new Map(Object.entries(value.files)) };
  });
}
