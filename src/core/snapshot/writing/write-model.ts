/** model/: what the model scores and folds with, and the catalogue. */
import type { ItemVectors, ModelFile } from '../../contracts.js';
import { writeCatalogueOfKinds } from '../../store/catalogue-writer.js';
import type { ItemRows } from '../../tables/item-rows.js';
import { itemTableChunks } from '../../tables/snapshot-tables.js';
import type { KindRows } from '../kind-rows.js';
import { snapshotFile, trainedKind } from '../layout.js';
import { writeKinds } from './write-kinds.js';
import type { SnapshotDraft } from './write-snapshot.js';

export interface ModelPart {
  /** The model's own arrays, as the contents of .npy files. */
  readonly files: Iterable<readonly [ModelFile, Iterable<Uint8Array>]>;
  readonly catalogue: ItemRows;
  /** Artists and albums to keep beside the items, and what their vectors are made of. */
  readonly kinds?: { readonly rows: readonly KindRows[]; readonly items: ItemVectors } | undefined;
}

export async function writeModel(
  draft: SnapshotDraft,
  { files, catalogue, kinds }: ModelPart,
): Promise<void> {
  for (const [name, chunks] of files) draft.write(snapshotFile[name], chunks);
  draft.write(snapshotFile.itemTable, await itemTableChunks(catalogue));
  if (kinds !== undefined) await writeKinds(draft, kinds.rows, kinds.items, catalogue.counts);
  const stored = (kinds?.rows ?? []).map((rows) => [rows.kind, rows] as const);
  const all = new Map([[trainedKind, catalogue], ...stored]);
  await writeCatalogueOfKinds(draft.path(snapshotFile.itemStore), all);
  draft.seal(snapshotFile.itemStore);
}
