import type { SingleFile } from '../snapshot/layout.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { sharedName, type Spark } from './open-spark.js';
import type { SharedSnapshot } from './worker-jobs.js';

/** Brings files of a snapshot to every executor, by the digests of its manifest. */
export async function shareSnapshot(
  spark: Pick<Spark, 'share'>,
  { id, manifest, file }: OpenSnapshot,
  names: Iterable<SingleFile>,
): Promise<SharedSnapshot> {
  const files = Array.from(names, (name) => {
    const { sha256 } = manifest.files[name]!;
    return { name, sha256, shared: sharedName(sha256, name) };
  });
  await spark.share(new Map(files.map(({ name, shared }) => [shared, file(name)])));
  const { model, inputs, index } = manifest;
  return { id, manifest: { model, inputs, index }, files };
}

/** The same snapshot, and the names of the files that were asked for of it. */
export function watched(snapshot: OpenSnapshot): {
  readonly snapshot: OpenSnapshot;
  readonly asked: ReadonlySet<SingleFile>;
} {
  const asked = new Set<SingleFile>();
  const file: OpenSnapshot['file'] = (name) => {
    asked.add(name);
    return snapshot.file(name);
  };
  return { snapshot: { ...snapshot, file }, asked };
}
