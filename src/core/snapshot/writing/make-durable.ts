import { fsyncSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { orMachineError } from '../../errors.js';
import { fsyncDirectory } from '../../files/durable-write.js';
import { closingFile, openRegularFile } from '../../files/safe-open.js';
import { snapshotFile } from '../layout.js';
import type { AnyManifest } from '../manifest.js';

/**
 * Fsyncs every file and directory of a snapshot: one that was copied here by other means may still be in memory only.
 * Of one that segue made all is on the disk, and each fsync costs a flush of the disk's own cache. Throws machine errors.
 */
export function makeDurable(path: string, manifest: AnyManifest): void {
  const directories = new Set([path, dirname(path)]);
  orMachineError(`make ${path} durable`, () => {
    for (const file of [...Object.keys(manifest.files), snapshotFile.manifest]) {
      for (let at = dirname(file); at !== '.'; at = dirname(at)) directories.add(join(path, at));
      closingFile(openRegularFile(join(path, file)), fsyncSync);
    }
    for (const directory of directories) fsyncDirectory(directory);
  });
}
