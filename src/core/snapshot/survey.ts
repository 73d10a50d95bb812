/** What there is in `snapshots/`, by names, sizes and manifests: no other byte is read. */
import { lstatSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

import { AppError, errnoOf, machineError } from '../errors.js';
import { temporaryOwner } from '../files/durable-write.js';
import { listTree } from '../files/file-tree.js';
import type { TreeFile } from '../files/file-tree.js';
import { kindOf } from '../files/safe-open.js';
import { draftName, idPattern, rootPath, snapshotFile } from './layout.js';
import type { Manifest } from './manifest.js';
import { readManifest } from './read-manifest.js';

/** How a snapshot looks from outside: 'damaged' where its manifest is, or a file of it has not the stated size. */
export type Condition = 'whole' | 'damaged' | 'newer-format' | 'not-a-snapshot' | 'unreadable';

export interface SurveyedSnapshot {
  readonly id: string;
  readonly condition: Condition;
  /** When it was made: the mtime of its manifest, or of the directory where there is none. ms since 1970. */
  readonly madeAtMs: number;
  /** Its manifest's too. Empty where they could not be listed. */
  readonly files: readonly TreeFile[];
}

export interface Survey {
  readonly snapshots: readonly SurveyedSnapshot[];
  /** Entries that are not segue's. */
  readonly foreign: readonly Foreign[];
}

/** Something that segue did not put there: it is reported, and left alone. */
export interface Foreign {
  /** Below the root, such as 'trash/notes'. */
  readonly path: string;
  /** What it is: 'a symbolic link' … */
  readonly is: string;
}

/** Throws machine errors where `snapshots/` cannot be listed. */
export function surveySnapshots(root: string): Survey {
  const isOurs = (name: string, path: string): boolean =>
    (idPattern.test(name) || draftName(name) !== undefined) && isDirectory(path);
  const { ours, foreign } = sortEntries(root, rootPath.snapshots(root), isOurs);
  const ids = ours.filter((name) => idPattern.test(name));
  return { snapshots: ids.map((id) => surveySnapshot(root, id)), foreign };
}

/** An entry at a path below the root, as something that is not segue's; none where it is gone. */
function foreignAt(root: string, path: string): Foreign[] {
  const stat = lstatSync(join(root, path), { throwIfNoEntry: false });
  return stat === undefined ? [] : [{ path, is: kindOf(stat) }];
}

/** The entries of a directory of the root: the names that are segue's, and whatever else lies there. */
export function sortEntries(
  root: string,
  directory: string,
  isOurs: (name: string, path: string) => boolean,
): { readonly ours: string[]; readonly foreign: Foreign[] } {
  const ours: string[] = [];
  const foreign: Foreign[] = [];
  for (const name of entriesOf(directory)) {
    const path = join(directory, name);
    // What is gone by now is nothing any more, and what is about to be renamed belongs to someone.
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined || temporaryOwner(name) !== undefined)
      continue;
    if (isOurs(name, path)) ours.push(name);
    else foreign.push(...foreignAt(root, relative(root, path)));
  }
  return { ours, foreign };
}

/** A directory itself, not a link to one. */
export function isDirectory(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** The names in a directory, sorted; none where it does not exist. Throws machine errors. */
function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw machineError(error, `list ${directory}`);
  }
}

function surveySnapshot(root: string, id: string): SurveyedSnapshot {
  const path = rootPath.snapshot(root, id);
  const manifestPath = join(path, snapshotFile.manifest);
  const madeAtMs = (lstatSync(manifestPath, { throwIfNoEntry: false }) ?? lstatSync(path)).mtimeMs;
  try {
    const files = listTree(path);
    return { id, madeAtMs, files, condition: conditionOf(id, path, manifestPath, files) };
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return { id, madeAtMs, files: [], condition: 'unreadable' };
  }
}

function conditionOf(id: string, path: string, manifestPath: string, files: readonly TreeFile[]): Condition {
  // Whatever segue made has a manifest: it is written before the directory has its name.
  if (lstatSync(manifestPath, { throwIfNoEntry: false })?.isFile() !== true) return 'not-a-snapshot';
  let manifest: Manifest;
  try {
    manifest = readManifest(manifestPath);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.code === 'damaged-snapshot') return 'damaged';
    return error.code === 'newer-format' || error.code === 'not-a-snapshot' ? error.code : 'unreadable';
  }
  const sizes = new Map(files.map((file) => [file.path, file.bytes]));
  const hasAll = Object.entries(manifest.files).every(
    ([name, { bytes }]) => sizes.get(join(path, name)) === bytes,
  );
  return hasAll && manifest.id === id ? 'whole' : 'damaged';
}
