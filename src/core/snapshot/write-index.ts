/** index/: an inverted file over the item vectors. */
import type { Workspace } from '../compute/workspace.js';
import { npyHeader } from '../files/npy.js';
import type { Ivf } from '../index/ivf-build.js';
import { vectorFileChunks } from '../vectors/vector-file.js';
import { snapshotFile } from './layout.js';
import type { Manifest } from './manifest.js';
import type { SnapshotDraft } from './write-snapshot.js';

/** Returns the bytes of its files. @param dim without padding */
export function writeIndex(draft: SnapshotDraft, workspace: Workspace, ivf: Ivf, dim: number): number {
  const vectors = ({ address, numRows }: Ivf['lists']): Iterable<Uint8Array> =>
    vectorFileChunks(workspace, address, numRows, dim);
  const digests = [
    draft.write(snapshotFile.indexCentroids, vectors(ivf.centroids)),
    draft.write(snapshotFile.indexLists, vectors(ivf.lists)),
    draft.write(snapshotFile.indexRows, uint32Chunks(ivf.rows)),
    draft.write(snapshotFile.indexOffsets, uint32Chunks(ivf.offsets)),
  ];
  return digests.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Bytes of the index's files of a snapshot. */
export function indexBytes({ files }: Manifest): number {
  const { indexCentroids, indexLists, indexRows, indexOffsets } = snapshotFile;
  const names = [indexCentroids, indexLists, indexRows, indexOffsets];
  return names.reduce((sum, name) => sum + (files[name]?.bytes ?? 0), 0);
}

function uint32Chunks(values: Uint32Array): Uint8Array[] {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return [npyHeader('<u4', [values.length]), bytes];
}
