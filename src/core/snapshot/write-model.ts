/** model/: what the model scores and folds with, and the catalogue. */
import { writeCatalogue } from '../store/catalogue-writer.js';
import type { ItemRows } from '../tables/item-rows.js';
import { itemTableChunks } from '../tables/snapshot-tables.js';
import { snapshotFile, trainedKind } from './layout.js';
import type { SnapshotDraft } from './write-snapshot.js';

/** The arrays that models keep. */
export type ModelFile =
  'itemVectors' | 'inputVectors' | 'eigenvalues' | 'itemWeights' | 'similarity' | 'scores';

export interface ModelPart {
  /** The model's own arrays, as the contents of .npy files. */
  readonly files: Iterable<readonly [ModelFile, Iterable<Uint8Array>]>;
  readonly catalogue: ItemRows;
}

export async function writeModel(draft: SnapshotDraft, { files, catalogue }: ModelPart): Promise<void> {
  for (const [name, chunks] of files) draft.write(snapshotFile[name], chunks);
  draft.write(snapshotFile.itemTable, await itemTableChunks(catalogue));
  await writeCatalogue(draft.path(snapshotFile.itemStore), trainedKind, catalogue);
  draft.seal(snapshotFile.itemStore);
}
