/**
 * What a root holds, at a glance: every snapshot by its manifest, sizes and links, with nothing hashed and nothing
 * opened. A damaged one is an entry like any other, that says what is wrong with it.
 */
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { errnoOf, isDenied, machineError, type AppError, unlessRefused } from '../errors.js';
import { isBundle } from './bundle.js';
import { damagedFile } from './damaged-file.js';
import { diskUseOf, distinctBytes, filesBelow, type DiskUse, type FoundFile } from './disk-use.js';
import { draftName, rootPath, snapshotFile, uncheckedId } from './layout.js';
import type { AnyManifest, BundleManifest, Manifest } from './manifest.js';
import { missingMember } from './members-of.js';
import { readAnyManifest } from './read-manifest.js';
import { listSnapshotIds, snapshotDirectory } from './resolve-reference.js';

export interface InventoryEntry {
  readonly id: string;
  /** undefined where it cannot be read, and of a bundle. */
  readonly manifest: Manifest | undefined;
  /** Of a bundle its manifest. */
  readonly bundle: BundleManifest | undefined;
  /** The mtime of its manifest, which copying with times kept preserves; undefined without one. */
  readonly madeAtMs: number | undefined;
  readonly use: DiskUse;
  /** What is wrong, as far as names and sizes tell. */
  readonly damage: AppError | undefined;
}

export interface Inventory {
  /** Newest first. */
  readonly snapshots: readonly InventoryEntry[];
  /** Bytes of all of them, shared files once. */
  readonly bytes: number;
  /**
   * What was put aside, and what is being made, was left by a maker that died, or waits to be checked; bytes that no
   * snapshot shares.
   */
  readonly trash: { readonly count: number; readonly bytes: number };
  readonly drafts: { readonly count: number; readonly bytes: number };
}

/** Reads all of it. A root that does not exist holds nothing. Throws machine errors. Costs an lstat a file. */
export function takeInventory(root: string): Inventory {
  const found = lookAtSnapshots(root);
  const use = diskUseOf(new Map(found.map(({ id, files }) => [id, files])));
  const files = found.flatMap((entry) => entry.files);
  const trash = passing(rootPath.trash(root), () => true, files);
  const drafts = passing(rootPath.snapshots(root), isUnfinished, [...files, ...trash.files]);
  return {
    snapshots: found
      .map(({ files: _, ...entry }) => ({ ...entry, use: use.get(entry.id) ?? { own: 0, shared: 0 } }))
      .sort((a, b) => (b.madeAtMs ?? 0) - (a.madeAtMs ?? 0) || (a.id < b.id ? -1 : 1)),
    bytes: distinctBytes(files),
    trash: { count: trash.count, bytes: trash.bytes },
    drafts: { count: drafts.count, bytes: drafts.bytes },
  };
}

/** Whether an entry of snapshots/ is being made, was left by a maker that died, or waits to be checked. */
function isUnfinished(name: string): boolean {
  return draftName(name) !== undefined || uncheckedId(name) !== undefined;
}

/** A snapshot apart from the others. */
export type SeenSnapshot = Omit<InventoryEntry, 'use'> & { readonly files: readonly FoundFile[] };

/** Every snapshot, in the order of ids. Throws machine errors. */
export function lookAtSnapshots(root: string): SeenSnapshot[] {
  return listSnapshotIds(root).flatMap((id) => lookAt(root, id) ?? []);
}

/** undefined where it was collected meanwhile. */
function lookAt(root: string, id: string): SeenSnapshot | undefined {
  const path = rootPath.snapshot(root, id);
  let files: readonly FoundFile[] = [];
  let manifest: AnyManifest | undefined;
  let damage: AppError | undefined;
  try {
    snapshotDirectory(root, id);
    files = filesBelow(path);
    manifest = readAnyManifest(join(path, snapshotFile.manifest));
    damage = damageOf(root, id, manifest, files);
  } catch (error) {
    damage = machineError(error, `list ${path}`);
  }
  if (damage !== undefined && lstatSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
  // ENOTDIR: something else stands where the snapshot's directory should; its damage says so.
  const stat = unlessRefused(() => lstatSync(join(path, snapshotFile.manifest), { throwIfNoEntry: false }));
  const ofWhat =
    manifest === undefined || !isBundle(manifest)
      ? { manifest, bundle: undefined }
      : { manifest: undefined, bundle: manifest };
  return { id, ...ofWhat, madeAtMs: stat?.mtimeMs, damage, files };
}

/** The first file that names and sizes show to be wrong. */
function damageOf(
  root: string,
  id: string,
  manifest: AnyManifest,
  files: readonly FoundFile[],
): AppError | undefined {
  if (manifest.id !== id)
    return damagedFile(id, snapshotFile.manifest, `it is the manifest of ${manifest.id}`);
  if (isBundle(manifest)) return missingMember(root, manifest);
  const sizes = new Map(files.map((file) => [file.path, file.bytes]));
  for (const [path, { bytes }] of Object.entries(manifest.files)) {
    const size = sizes.get(path);
    if (size === undefined) return damagedFile(id, path, 'it is missing');
    if (size !== bytes) return damagedFile(id, path, `it has ${size} bytes, the manifest states ${bytes}`);
  }
  return undefined;
}

interface Passing {
  readonly count: number;
  readonly bytes: number;
  readonly files: readonly FoundFile[];
}

/** None where another user is making something, which is for nobody else to see until it is done. */
function filesWeMayList(directory: string): FoundFile[] {
  try {
    return filesBelow(directory);
  } catch (error) {
    if (isDenied(error)) return [];
    throw error;
  }
}

/** The entries of a directory that do not stay, with the bytes that they alone take. */
function passing(directory: string, isOne: (name: string) => boolean, others: readonly FoundFile[]): Passing {
  try {
    const names = readdirSync(directory).filter(isOne);
    const files = names.flatMap((name) => filesWeMayList(join(directory, name)));
    return { count: names.length, bytes: distinctBytes(files, others), files };
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return { count: 0, bytes: 0, files: [] };
    throw machineError(error, `list ${directory}`);
  }
}
