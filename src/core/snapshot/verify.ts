/**
 * Verifying a snapshot: exactly the files of its manifest, regular, of the stated size, with the stated sha256. Native
 * libraries crash the process on a damaged file, so nothing is opened by one before this.
 */
import { lstatSync, readdirSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { join } from 'node:path';

import type { TaskContext } from '../contracts.js';
import { AppError, errnoOf, machineError } from '../errors.js';
import { kindOf } from '../files/safe-open.js';
import { hashFile } from '../files/sha256.js';
import { damagedFile } from './damaged-file.js';
import { snapshotFile, storeLockSuffix } from './layout.js';
import type { Manifest } from './manifest.js';
import { identityOf } from './stamp.js';
import type { FileIdentities } from './stamp.js';

export interface VerifyOptions {
  /** Told of each file that is not as it should be, and goes on; without it the first one is thrown. */
  readonly onDamage?: (damage: AppError) => void;
  /** By identity the sha256 of files that were hashed moments ago: snapshots share files. More are added. */
  readonly hashes?: Map<string, string>;
}

/**
 * Verifies every file below `directory` against the manifest, at the speed of sha256, and returns the identities that
 * a stamp holds, of the files that are as they should be. Throws damaged-snapshot, naming the file and what was got and
 * wanted; machine errors.
 */
export async function verifyFiles(
  directory: string,
  manifest: Manifest,
  context: TaskContext,
  options: VerifyOptions = {},
): Promise<FileIdentities> {
  const { onDamage = throwIt, hashes = new Map<string, string>() } = options;
  const unusable = checkEntries(directory, '', manifest, onDamage);
  const total = totalBytes(manifest);
  const identities = new Map<string, string>();
  let done = 0;
  const onBytes = (count: number): void => {
    done += count;
    context.onProgress({ kind: 'step', phase: `checking ${manifest.id}`, done, total, unit: 'bytes' });
  };
  for (const path of Object.keys(manifest.files)) {
    const target = done + manifest.files[path]!.bytes;
    try {
      if (!unusable.some((name) => path === name || (isBelow(name) && path.startsWith(name)))) {
        identities.set(path, await verifyFile(directory, path, manifest, { ...context, onBytes, hashes }));
      }
    } catch (error) {
      // An interrupt is no damage. A file that the disk will not give back is.
      if (!(error instanceof AppError) || context.signal.aborted) throw error;
      onDamage(error);
    }
    if (done < target) onBytes(target - done);
  }
  return identities;
}

/** Whether a name of `checkEntries` stands for all that is below it; '' is the snapshot itself. */
function isBelow(name: string): boolean {
  return name === '' || name.endsWith('/');
}

function throwIt(damage: AppError): never {
  throw damage;
}

interface FileCheck {
  readonly signal: AbortSignal;
  readonly onBytes: (count: number) => void;
  readonly hashes: Map<string, string>;
}

/** The identity of a file that is as the manifest says; throws where it is not. */
async function verifyFile(
  directory: string,
  path: string,
  manifest: Manifest,
  { signal, onBytes, hashes }: FileCheck,
): Promise<string> {
  const { id } = manifest;
  const wanted = manifest.files[path]!;
  const before = statOf(directory, path, manifest);
  if (before.size !== BigInt(wanted.bytes)) {
    throw damagedFile(id, path, `it has ${before.size} bytes, the manifest states ${wanted.bytes}`);
  }
  const identity = identityOf(before);
  const sha256 =
    hashes.get(identity) ?? (await hashOf(directory, path, manifest, { signal, onBytes })).sha256;
  if (sha256 !== wanted.sha256) {
    const what = `its sha256 is ${sha256}, the manifest states ${wanted.sha256}`;
    throw damagedFile(id, path, what, { got: sha256, wanted: wanted.sha256 });
  }
  if (identityOf(statOf(directory, path, manifest)) !== identity) {
    throw damagedFile(id, path, 'it changed while it was read');
  }
  hashes.set(identity, sha256);
  return identity;
}

/** Bytes of all files. */
export function totalBytes(manifest: Manifest): number {
  return Object.values(manifest.files).reduce((sum, file) => sum + file.bytes, 0);
}

/**
 * Tells of every entry below `directory`/`below` that the manifest does not name, and of every directory that is not
 * there, or is none. Returns what cannot be read, directories with a '/' at their end: nothing below them may be looked at.
 */
function checkEntries(
  directory: string,
  below: string,
  manifest: Manifest,
  onDamage: (damage: AppError) => void,
): string[] {
  const paths = Object.keys(manifest.files).filter((path) => path.startsWith(below));
  const wanted = new Set(paths.map((path) => path.slice(below.length).split('/', 1)[0]!));
  if (below === '') wanted.add(snapshotFile.manifest);
  let entries: string[];
  try {
    entries = entriesOf(directory, below, manifest);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    onDamage(error);
    return [below];
  }
  const isDirectory = (path: string): boolean =>
    !Object.hasOwn(manifest.files, path) && path !== snapshotFile.manifest;
  const unusable: string[] = [];
  for (const entry of entries) {
    const path = below + entry;
    if (wanted.delete(entry)) {
      if (isDirectory(path)) unusable.push(...checkEntries(directory, `${path}/`, manifest, onDamage));
    } else if (!isStoreLock(path, manifest)) {
      onDamage(damagedFile(manifest.id, path, 'the manifest does not name it'));
    }
  }
  for (const entry of wanted) {
    const path = below + entry;
    onDamage(damagedFile(manifest.id, path, 'it is missing'));
    unusable.push(isDirectory(path) ? `${path}/` : path);
  }
  return unusable;
}

/** `below` is '' or ends with '/', which lstat would take as leave to follow a link. */
function entriesOf(directory: string, below: string, manifest: Manifest): string[] {
  const name = below.slice(0, -1);
  const path = join(directory, name);
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw damagedFile(manifest.id, name, 'it is missing');
  if (!stat.isDirectory()) throw damagedFile(manifest.id, name, `it is ${kindOf(stat)}, not a directory`);
  try {
    return readdirSync(path).sort();
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
