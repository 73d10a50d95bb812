/** Arrays of users/ with a row a user: vectors, and what was imported. */
import { PartsOnDemand } from '../../closers.js';
import { vectorFileOf, type VectorFile } from '../../compute/vector-file.js';
import { itemBytesOf, openNpy, type NpyDtype, type NpyFile } from '../../files/npy.js';
import { snapshotFile, type UserFile } from '../layout.js';
import type { OpenSnapshot } from '../open-snapshot.js';
import { partOfRow } from './user-parts.js';

type WithUsers = Pick<OpenSnapshot, 'userParts' | 'manifest'>;

/** f32 [users × dim]. AppErrors as `openVectorFile`; 'missing-part' for a snapshot without users' vectors. */
export function openStoredVectors(snapshot: WithUsers): VectorFile {
  const { dim } = snapshot.manifest.model;
  return vectorFileOf(openStoredArray(snapshot, snapshotFile.userVectors, '<f4', [dim]));
}

export interface ImportedVectors {
  has(row: number): boolean;
  /** f32 [dim]; undefined where it was not imported. */
  vectorOf(row: number): Float32Array | undefined;
  close(): void;
}

/** undefined where no user's was imported. AppErrors as `openNpy`. */
export function openImportedVectors(snapshot: OpenSnapshot): ImportedVectors | undefined {
  if (!snapshot.hasUsers(snapshotFile.userImported)) return undefined;
  const { dim } = snapshot.manifest.model;
  const flags = openStoredArray(snapshot, snapshotFile.userImported, '|u1', []);
  let vectors: NpyFile | undefined;
  const flag = new Uint8Array(1);
  const has = (row: number): boolean => {
    flags.readInto(flag, row);
    return flag[0] === 1;
  };
  return {
    has,
    vectorOf(row) {
      if (!has(row)) return undefined;
      vectors ??= openStoredArray(snapshot, snapshotFile.userVectors, '<f4', [dim]);
      const vector = new Float32Array(dim);
      vectors.readInto(new Uint8Array(vector.buffer), 4 * dim * row);
      return vector;
    },
    close() {
      vectors?.close();
      flags.close();
    },
  };
}

/**
 * An array of users/ of which a row is of the shape `rowShape`. AppErrors as `openNpy`; 'missing-part' for a snapshot without it.
 */
export function openStoredArray<D extends NpyDtype>(
  { userParts: parts }: WithUsers,
  name: UserFile,
  dtype: D,
  rowShape: readonly number[],
): NpyFile<D> {
  const open = (part: number): NpyFile<D> => {
    const { rows, file } = parts[part]!;
    return openNpy(file(name), { dtype, shape: [rows, ...rowShape] });
  };
  if (parts.length === 1) return open(0);
  const opened = new PartsOnDemand(open);
  const numRows = parts.reduce((sum, { rows }) => sum + rows, 0);
  const { path } = opened.at(0);
  const rowBytes = rowShape.reduce((product, axis) => product * axis, itemBytesOf(dtype));
  return {
    ...{ path, dtype, shape: [numRows, ...rowShape], dataBytes: numRows * rowBytes },
    readInto(target, byteOffset) {
      for (let at = 0; at < target.length;) {
        const offset = byteOffset + at;
        const part = partOfRow(parts, Math.floor(offset / rowBytes));
        const { first, rows } = parts[part]!;
        const end = Math.min(target.length, at + (first + rows) * rowBytes - offset);
        opened.at(part).readInto(target.subarray(at, end), offset - first * rowBytes);
        at = end;
      }
    },
    close: () => opened.close(),
  };
}
