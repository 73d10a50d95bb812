/**
 * Verifying a snapshot: exactly the files of its manifest, regular, of the stated size, with the stated sha256. Native
 * libraries crash the process on a damaged file, so nothing is opened by one before this.
 */
import { lstatSync, readdirSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { join } from 'node:path';

import type { TaskContext } from '../contracts.js';
import { errnoOf, machineError } from '../errors.js';
import { kindOf } from '../files/safe-open.js';
import { hashFile } from '../files/sha256.js';
import { damagedFile } from './damaged-file.js';
import { snapshotFile, storeLockSuffix } from './layout.js';
import type { Manifest } from './manifest.js';
import { identityOf } from './stamp.js';
import type { FileIdentities } from './stamp.js';

/**
 * Verifies every file below `directory` against the manifest, at the speed of sha256, and returns the identities that
 * a stamp holds. Throws damaged-snapshot, naming the file and what was got and wanted.
 */
export async function verifyFiles(
  directory: string,
  manifest: Manifest,
  context: TaskContext,
): Promise<FileIdentities> {
  checkEntries(directory, '', manifest);
  const total = totalBytes(manifest);
  const identities = new Map<string, string>();
  let done = 0;
  for (const [path, wanted] of Object.entries(manifest.files)) {
    const before = statOf(directory, path, manifest);
    if (before.size !== BigInt(wanted.bytes)) {
      throw damagedFile(
        manifest.id,
        path,
        `it has ${before.size} bytes, the manifest states ${wanted.bytes}`,
      );
    }
    const onBytes = (count: number): void => {
      done += count;
      context.onProgress({ kind: 'step', phase: `checking ${manifest.id}`, done, total, unit: 'bytes' });
    };
    const got = await hashOf(directory, path, manifest, { signal: context.signal, onBytes });
    if (got.sha256 !== wanted.sha256) {
      throw damagedFile(
        manifest.id,
        path,
        `its sha256 is ${got.sha256}, the manifest states ${wanted.sha256}`,
        {
          got: got.sha256,
          wanted: wanted.sha256,
        },
      );
    }
    const identity = identityOf(before);
    if (identityOf(statOf(directory, path, manifest)) !== identity)
      throw damagedFile(manifest.id, path, 'it changed while it was read');
    identities.set(path, identity);
  }
  return identities;
}

/** Bytes of all files. */
export function totalBytes(manifest: Manifest): number {
  return Object.values(manifest.files).reduce((sum, file) => sum + file.bytes, 0);
}

/** Throws unless the entries below `directory`/`below` are those of the manifest and nothing else. */
function checkEntries(directory: string, below: string, manifest: Manifest): void {
  const paths = Object.keys(manifest.files).filter((path) => path.startsWith(below));
  const wanted = new Set(paths.map((path) => path.slice(below.length).split('/', 1)[0]!));
  if (below === '') wanted.add(snapshotFile.manifest);
  for (const entry of entriesOf(directory, below, manifest)) {
    if (wanted.delete(entry)) {
      if (!Object.hasOwn(manifest.files, below + entry) && entry !== snapshotFile.manifest) {
        checkEntries(directory, `${below}${entry}/`, manifest);
      }
    } else if (!isStoreLock(below + entry, manifest)) {
      throw damagedFile(manifest.id, below + entry, 'the manifest does not name it');
    }
  }
  const [missing] = wanted;
  if (missing !== undefined) throw damagedFile(manifest.id, below + missing, 'it is missing');
}

/** `below` is '' or ends with '/', which lstat would take as leave to follow a link. */
function entriesOf(directory: string, below: string, manifest: Manifest): string[] {
  const name = below.slice(0, -1);
  const path = join(directory, name);
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw damagedFile(manifest.id, name, 'it is missing');
  if (!stat.isDirectory()) throw damagedFile(manifest.id, name, `it is ${kindOf(stat)}, not a directory`);
  try {
    return readdirSync(path);
  } catch (error) {
    throw machineError(error, `list ${path}`);
  }
}

function isStoreLock(path: string, manifest: Manifest): boolean {
  return (
    path.endsWith(storeLockSuffix) && Object.hasOwn(manifest.files, path.slice(0, -storeLockSuffix.length))
  );
}

function statOf(directory: string, path: string, manifest: Manifest): BigIntStats {
  const stat = lstatSync(join(directory, path), { bigint: true, throwIfNoEntry: false });
  if (stat === undefined) throw damagedFile(manifest.id, path, 'it is missing');
  if (!stat.isFile()) throw damagedFile(manifest.id, path, `it is ${kindOf(stat)}, not a regular file`);
  return stat;
}

async function hashOf(
  directory: string,
  path: string,
  manifest: Manifest,
  options: Parameters<typeof hashFile>[1],
): ReturnType<typeof hashFile> {
  try {
    return await hashFile(join(directory, path), options);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') throw damagedFile(manifest.id, path, 'it is missing');
    throw machineError(error, `read ${join(directory, path)}`);
  }
}
