import { closing } from '../closers.js';
import type { StringColumn } from '../contracts.js';
import { snapshotFile } from '../snapshot/layout.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { openStoredArray, openStoredVectors } from '../snapshot/users/stored-arrays.js';
import { rowFinder } from '../tables/row-finder.js';
import { readVectorRows } from '../compute/vector-file.js';

/** Users who keep the vector that was imported for them, when all others get new ones. */
export interface KeptImports {
  /** [users] 1 where they keep it. */
  readonly flags: Uint8Array;
  readonly count: number;
  /** Batches of all users, f32 [some × dim], with those vectors in the place of what was folded in. */
  among(batches: AsyncIterable<Float32Array>, dim: number): AsyncIterable<Float32Array>;
}

/**
 * @param parentIds users of the parent, by row @param ids users of the snapshot that is made
 * @param replaced users whose histories are replaced: they are folded in from then on
 */
export function keptImports(
  parent: OpenSnapshot,
  parentIds: StringColumn,
  ids: StringColumn,
  replaced: StringColumn | undefined,
): KeptImports | undefined {
  if (!parent.hasUsers(snapshotFile.userImported)) return undefined;
  const before = importedFlags(parent, parentIds.length);
  const parentRow = rowFinder(parentIds);
  const isReplaced = replaced === undefined ? undefined : rowFinder(replaced);
  const flags = new Uint8Array(ids.length);
  const sources: number[] = [];
  for (let u = 0; u < ids.length; u++) {
    const source = parentRow(ids, u);
    if (source === undefined || before[source] !== 1 || isReplaced?.(ids, u) !== undefined) continue;
    flags[u] = 1;
    sources.push(source);
  }
  return {
    flags,
    count: sources.length,
    async *among(batches, dim) {
      const file = openStoredVectors(parent);
      try {
        let [first, next] = [0, 0];
        for await (const batch of batches) {
          const numRows = batch.length / dim;
          flags.subarray(first, first + numRows).forEach((flag, at) => {
            if (flag !== 1) return;
            const { values } = readVectorRows(file, [sources[next++] ?? 0]);
            batch.set(values.subarray(0, dim), at * dim);
          });
          first += numRows;
          yield batch;
        }
      } finally {
        file.close();
      }
    },
  };
}

/** [numUsers] 1 where the vector is as it was imported. */
function importedFlags(parent: OpenSnapshot, numUsers: number): Uint8Array {
  return closing(openStoredArray(parent, snapshotFile.userImported, '|u1', []), (file) => {
    const flags = new Uint8Array(numUsers);
    file.readInto(flags, 0);
    return flags;
  });
}
