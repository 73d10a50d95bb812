import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../errors.js';
import { isBundle } from './bundle.js';
import type { BundleManifest, Member } from './manifest.js';
import { damagedFile } from './damaged-file.js';
import { rootPath, snapshotFile } from './layout.js';
import { readAnyManifest } from './read-manifest.js';

/** What is wrong with a bundle of which a member is not there. */
export function missingMember(root: string, { id, members }: BundleManifest): AppError | undefined {
  const missing = members.find(
    ({ snapshot }) => lstatSync(rootPath.snapshot(root, snapshot), { throwIfNoEntry: false }) === undefined,
  );
  if (missing === undefined) return undefined;
  return damagedFile(id, snapshotFile.manifest, `its member ${missing.as}, ${missing.snapshot}, is missing`);
}

/** The members of a bundle; none of anything else, nor where its manifest cannot be read. */
export function membersOf(root: string, id: string): readonly Member[] {
  try {
    const manifest = readAnyManifest(join(rootPath.snapshot(root, id), snapshotFile.manifest));
    return isBundle(manifest) ? manifest.members : [];
  } catch (error) {
    if (error instanceof AppError) return [];
    throw error;
  }
}
