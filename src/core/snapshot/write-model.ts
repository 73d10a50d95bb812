/** model/: item vectors, what a fold-in needs, and the catalogue. */
import type { Factors } from '../compute/factors.js';
import type { Workspace } from '../compute/workspace.js';
import { npyHeader } from '../files/npy.js';
import { writeCatalogue } from '../store/catalogue-writer.js';
import type { ItemRows } from '../tables/item-rows.js';
import { itemTableChunks } from '../tables/snapshot-tables.js';
import { vectorFileChunks } from '../vectors/vector-file.js';
import { snapshotFile, trainedKind } from './layout.js';
import type { SnapshotDraft } from './write-snapshot.js';

export interface ModelPart {
  readonly workspace: Workspace;
  /** In the eigenbasis of their Gramian. */
  readonly items: Factors;
  /** Without padding. */
  readonly dim: number;
  /** [≥ dim] of that Gramian. */
  readonly eigenvalues: Float64Array;
  readonly catalogue: ItemRows;
}

export async function writeModel(draft: SnapshotDraft, part: ModelPart): Promise<void> {
  const { workspace, items, dim, catalogue } = part;
  draft.write(snapshotFile.itemVectors, vectorFileChunks(workspace, items.address, items.numRows, dim));
  const eigenvalues = part.eigenvalues.slice(0, dim);
  draft.write(snapshotFile.eigenvalues, [npyHeader('<f8', [dim]), new Uint8Array(eigenvalues.buffer)]);
  draft.write(snapshotFile.itemTable, await itemTableChunks(catalogue));
  await writeCatalogue(draft.path(snapshotFile.itemStore), trainedKind, catalogue);
  draft.seal(snapshotFile.itemStore);
}
