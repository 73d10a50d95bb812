/** A snapshot's map: the one that its root keeps, or else a new one, which is then kept. */
import type { TaskContext } from '../contracts.js';
import { keepMap, readKeptMap } from '../snapshot/kept-map.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { layOut } from './lay-out.js';
import { decodeMap, encodeMap } from './map-format.js';

/** Its bytes (map-format.ts). Errors as `layOut`; a root that cannot be written is none. */
export async function snapshotMap(
  snapshot: OpenSnapshot,
  threads: number,
  context: TaskContext,
): Promise<Uint8Array<ArrayBuffer>> {
  const { root, id } = snapshot;
  const kept = readKeptMap(root, id);
  // Another version of segue may have kept another.
  if (kept !== undefined && decodeMap(kept) !== undefined) return Uint8Array.from(kept);
  const bytes = encodeMap(await layOut(snapshot, { threads }, context));
  keepMap(root, id, bytes);
  return bytes;
}
