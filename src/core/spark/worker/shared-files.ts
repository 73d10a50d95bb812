/** Files that Spark brought, each hashed before it is read. AppErrors 'engine-failed' where one is not what was sent. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../errors.js';
import { hashFile } from '../../files/sha256.js';
import type { ModelSource } from '../../query/model-source.js';
import type { SingleFile } from '../../snapshot/layout.js';
import type { SharedArray, SharedSnapshot } from '../worker-jobs.js';

export async function openShared(snapshot: SharedSnapshot, folder: string): Promise<ModelSource> {
  const paths = new Map<SingleFile, string>();
  for (const file of snapshot.files) paths.set(file.name, await checkedPath(file, folder));
  return {
    ...snapshot,
    has: (name) => paths.has(name),
    // Of users, histories travel with what is asked.
    hasUsers: () => false,
    file(name) {
      const path = paths.get(name);
      if (path === undefined) throw new Error(`${name} was not shared`);
      return path;
    },
  };
}

/** Its bytes, in memory of their own. */
export async function readShared(array: SharedArray, folder: string): Promise<ArrayBuffer> {
  return Uint8Array.from(readFileSync(await checkedPath(array, folder))).buffer;
}

async function checkedPath({ shared, sha256 }: SharedArray, folder: string): Promise<string> {
  const path = join(folder, shared);
  const got = await hashFile(path);
  if (got.sha256 === sha256) return path;
  throw new AppError(
    'engine-failed',
    `${shared} arrived damaged on an executor: its sha256 is ${got.sha256}, wanted ${sha256}`,
  );
}
