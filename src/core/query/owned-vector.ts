import type { SnapshotId, TaskContext } from '../contracts.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { readFreeVector } from '../interchange/free-vector.js';

/** Whose vector a file holds, as answers say it. */
export interface VectorOwner {
  /** null for a new user, and where the file does not say. */
  readonly user: string | null;
  /** The basis that it was taken to be of. */
  readonly basis: SnapshotId;
}

/** A vector that `--vector` names, of the snapshot's basis; a note where it does not say of which it is. */
export async function readOwnedVector(
  path: string,
  { id, basis }: OpenSnapshot,
  dim: number,
  { signal, onProgress }: TaskContext,
): Promise<{ readonly values: Float32Array; readonly owner: VectorOwner }> {
  const { values, user, ...said } = await readFreeVector(path, { dim, basis, snapshot: id }, { signal });
  if (said.basis === undefined) {
    const message = `the vector states no basis: it is assumed to be of ${basis}`;
    onProgress({ kind: 'note', message });
  }
  return { values, owner: { user: user ?? null, basis } };
}
