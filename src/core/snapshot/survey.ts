/** What there is in `snapshots/`, by names, sizes and manifests: no other byte is read. */
import { lstatSync, readdirSync, type Stats } from 'node:fs';
import { join, relative } from 'node:path';
import { type AppError, errnoOf, machineError } from '../errors.js';
import { temporaryOwner } from '../files/durable-write.js';
import { kindOf } from '../files/safe-open.js';
import type { FoundFile } from './disk-use.js';
import { lookAtSnapshots, type SeenSnapshot } from './inventory.js';
import { draftName, idPattern, isOfFinder, rootPath, snapshotFile, uncheckedId } from './layout.js';

/** How a snapshot looks from outside: 'damaged' where its manifest is, or a file of it has not the stated size. */
type Condition = 'whole' | 'damaged' | 'newer-format' | 'not-a-snapshot' | 'unreadable';

export interface SurveyedSnapshot {
  readonly id: string;
  readonly condition: Condition;
  /** When it was made: the mtime of its manifest, or of the directory where there is none. ms since 1970. */
  readonly madeAtMs: number;
  /** Its manifest's too. Empty where they could not be listed. */
  readonly files: readonly FoundFile[];
  /** The ids of the members of a bundle; none of anything else. */
  readonly members: readonly string[];
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
  const isOurs = (name: string, stat: Stats): boolean =>
    (idPattern.test(name) || draftName(name) !== undefined || uncheckedId(name) !== undefined) &&
    stat.isDirectory();
  const { ours, foreign } = sortEntries(root, rootPath.snapshots(root), isOurs);
  const seen = lookAtSnapshots(root).filter(({ id }) => ours.includes(id));
  return { snapshots: seen.map((snapshot) => surveyed(root, snapshot)), foreign };
}

function surveyed(root: string, { id, bundle, madeAtMs, files, damage }: SeenSnapshot): SurveyedSnapshot {
  const directory = lstatSync(rootPath.snapshot(root, id), { throwIfNoEntry: false });
  const hasManifest = files.some(({ path }) => path === snapshotFile.manifest);
  return {
    ...{ id, files, condition: conditionOf(damage, hasManifest) },
    members: bundle?.members.map(({ snapshot }) => snapshot) ?? [],
    madeAtMs: madeAtMs ?? directory?.mtimeMs ?? 0,
  };
}

/** Whatever segue made has a manifest: it is written before the directory has its name. */
function conditionOf(damage: AppError | undefined, hasManifest: boolean): Condition {
  if (damage === undefined) return 'whole';
  if (damage.code === 'newer-format' || damage.code === 'not-a-snapshot') return damage.code;
  if (damage.code !== 'damaged-snapshot') return 'unreadable';
  return hasManifest ? 'damaged' : 'not-a-snapshot';
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
  isOurs: (name: string, stat: Stats) => boolean,
): { readonly ours: string[]; readonly foreign: Foreign[] } {
  const ours: string[] = [];
  const foreign: Foreign[] = [];
  for (const name of entriesOf(directory)) {
    const path = join(directory, name);
    // What is gone by now is nothing any more, and what is about to be renamed belongs to someone.
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined || temporaryOwner(name) !== undefined) continue;
    if (isOfFinder(name)) continue;
    if (isOurs(name, stat)) ours.push(name);
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
