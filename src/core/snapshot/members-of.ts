import { join } from 'node:path';

import { AppError } from '../errors.js';
import { isBundle } from './bundle.js';
import type { Member } from './manifest.js';
import { rootPath, snapshotFile } from './layout.js';
import { readAnyManifest } from './read-manifest.js';

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
