/** The files of model/ that change where items are added: each is what it was, with more after it. */
import { copyFileSync, chmodSync, constants } from 'node:fs';
import { closing } from '../../closers.js';
import { openVectorFile, readVectorRows } from '../../compute/vector-file.js';
import { orMachineError } from '../../errors.js';
import { bytesOf, npyHeader, openNpy } from '../../files/npy.js';
import { featureRows, type ItemFeatures } from '../../models/features/item-features.js';
import { ridgeWeights } from '../../models/features/ridge-weights.js';
import { applyRidge, fitRidge } from '../../models/features/ridge.js';
import { rowsToLearn } from '../../models/features/rows-to-learn.js';
import type { SparseRows } from '../../numeric/csr.js';
import { readAddedFeatures } from '../../snapshot/added-features.js';
import type { GrownKind } from '../../snapshot/grown-kinds.js';
import { addedFiles, kindFiles, snapshotFile, trainedKind } from '../../snapshot/layout.js';
import { numTrained, type Manifest } from '../../snapshot/manifest.js';
import type { OpenSnapshot } from '../../snapshot/open-snapshot.js';
import type { SnapshotDraft } from '../../snapshot/writing/write-snapshot.js';
import { updateCatalogue, type KindChange } from '../../store/catalogue-update.js';
import { arrowFileChunks } from '../../tables/arrow-writer.js';
import { cellAt } from '../../tables/grown-column.js';
import { itemTableChunks, type StoredItems } from '../../tables/snapshot-tables.js';
import { packStrings } from '../../tables/string-column.js';
import { reordered, type JoinedItems } from './joined-items.js';

/** All that is not shared with the snapshot that items are added to. */
export const changedFiles: readonly string[] = [
  ...[snapshotFile.itemVectors, snapshotFile.inputVectors, snapshotFile.itemWeights],
  ...[snapshotFile.itemTable, snapshotFile.itemStore, ...Object.values(addedFiles)],
  ...Object.values(kindFiles).flatMap((files) => ('ofItem' in files ? [files.table, files.ofItem] : [])),
];

/** What is added, before anything is computed of it. */
export interface Addition {
  readonly joined: JoinedItems;
  readonly features: ItemFeatures;
  /** By row of the new snapshot the joined row. */
  readonly source: Uint32Array;
  /** Joined rows that get a vector, in order. */
  readonly mapped: Uint32Array;
}

/** Returns the vectors of the added items, f32 [mapped × dim]. */
export async function writeAddedItems(
  draft: SnapshotDraft,
  parent: OpenSnapshot,
  { joined, features, source, mapped }: Addition,
  kinds: readonly GrownKind[],
): Promise<Float32Array> {
  const { manifest } = parent;
  const { dim } = manifest.model;
  const ofAdded = featureRows(features, mapped);
  const trained = rowsToLearn(features, ofAdded, numTrained(manifest));
  const weights = weightsOf(manifest, joined.counts);
  const appendMapped = (name: typeof snapshotFile.itemVectors | typeof snapshotFile.inputVectors) =>
    closing(openVectorFile(parent.file(name)), (file) => {
      const map = fitRidge(trained, features.features.length, weights, { ...readVectorRows(file), dim });
      const made = applyRidge(ofAdded, map);
      draft.write(name, appended(file.path, made, [file.numRows + mapped.length, dim]));
      return { map, made };
    });
  const { map, made } = appendMapped(snapshotFile.itemVectors);
  if (parent.has(snapshotFile.inputVectors)) appendMapped(snapshotFile.inputVectors);
  if (parent.has(snapshotFile.itemWeights)) {
    // What nobody played says as much of a user as the rarest that somebody did.
    const path = parent.file(snapshotFile.itemWeights);
    const most = mostOf(path);
    draft.write(snapshotFile.itemWeights, appended(path, new Float32Array(mapped.length).fill(most)));
  }
  await writeFeatures(draft, parent, features, map.values, ofAdded);
  const rows = reordered(joined, source);
  draft.write(snapshotFile.itemTable, await itemTableChunks(rows));
  for (const { kind, ofItem, ...table } of kinds) {
    draft.write(kindFiles[kind].table, await itemTableChunks(table));
    draft.write(kindFiles[kind].ofItem, [npyHeader('<u4', [ofItem.length]), bytesOf(ofItem)]);
  }
  const from = source.findIndex((row, at) => row !== at);
  const { before } = joined;
  const changes = new Map<string, KindChange>();
  const moved = from < 0 ? before : Math.min(from, before);
  changes.set(trainedKind, { items: cellsOf(rows), before, from: moved, touched: [] });
  for (const { kind, before: known, touched, ...items } of kinds)
    changes.set(kind, { items: cellsOf(items), before: known, from: known, touched });
  const path = draft.path(snapshotFile.itemStore);
  orMachineError(`copy to ${path}`, () => {
    copyFileSync(
      parent.file(snapshotFile.itemStore),
      path,
      constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE,
    );
    chmodSync(path, 0o600);
  });
  await updateCatalogue(path, changes);
  draft.seal(snapshotFile.itemStore);
  return made;
}

function cellsOf({ ids, columns }: StoredItems): KindChange['items'] {
  const cells = columns.map((column) => ({ name: column.name, at: (row: number) => cellAt(column, row) }));
  return { ids, cells };
}

/** What trained items' vectors count for: by about as many users as their events come from. */
function weightsOf(manifest: Manifest, counts: Uint32Array): Float64Array {
  const { pairs, events, users } = manifest.inputs.interactions;
  const pairsPerEvent = events > 0 ? pairs / events : 1;
  const length = numTrained(manifest);
  const usersOf = Float64Array.from({ length }, (_, row) => pairsPerEvent * counts[row]!);
  return ridgeWeights(usersOf, users, manifest.model);
}

/** The contents of an f32 .npy file with more after it. @param shape of all */
function* appended(path: string, more: Float32Array, shape?: readonly number[]): Generator<Uint8Array> {
  const file = openNpy(path, {
    dtype: '<f4',
    shape: shape === undefined ? [undefined] : [undefined, undefined],
  });
  try {
    yield npyHeader('<f4', shape ?? [(file.shape[0] ?? 0) + more.length]);
    const chunk = new Uint8Array(Math.min(2 ** 20, file.dataBytes));
    for (let at = 0; at < file.dataBytes; at += chunk.length) {
      const piece = chunk.subarray(0, Math.min(chunk.length, file.dataBytes - at));
      file.readInto(piece, at);
      yield piece;
    }
    yield bytesOf(more);
  } finally {
    file.close();
  }
}

function mostOf(path: string): number {
  return closing(openNpy(path, { dtype: '<f4', shape: [undefined] }), (file) => {
    const values = new Float32Array(file.dataBytes / 4);
    file.readInto(bytesOf(values), 0);
    return values.reduce((most, value) => Math.max(most, value), 0);
  });
}

/** The features that added items have, after those of items that were added before. */
async function writeFeatures(
  draft: SnapshotDraft,
  parent: OpenSnapshot,
  { features }: ItemFeatures,
  map: Float64Array,
  ofAdded: SparseRows,
): Promise<void> {
  const { dim } = parent.manifest.model;
  const before = await readAddedFeatures(parent);
  const known = before?.features.length ?? 0;
  const used = [...new Set(ofAdded.idx)].sort((a, b) => a - b);
  const numberOf = new Map(used.map((feature, at) => [feature, known + at]));
  const all = [...(before?.features ?? []), ...used.map((feature) => features[feature]!)];
  const own = new Float32Array(used.length * dim);
  used.forEach((feature, at) => own.set(map.subarray(feature * dim, (feature + 1) * dim), at * dim));
  const start = before?.idx.length ?? 0;
  const write = (
    name: keyof typeof addedFiles,
    dtype: '<f4' | '<u4',
    length: number,
    ...parts: ArrayBufferView[]
  ) => {
    const shape = name === 'vectors' ? [length, dim] : [length];
    draft.write(addedFiles[name], [npyHeader(dtype, shape), ...parts.map(bytesOf)]);
  };
  const none = new Uint32Array(0);
  write('vectors', '<f4', all.length, before?.vectors ?? none, own);
  const indptr = ofAdded.indptr.map((at) => start + at);
  const earlier = before?.indptr.subarray(0, -1) ?? none;
  write('indptr', '<u4', earlier.length + indptr.length, earlier, indptr);
  const idx = ofAdded.idx.map((feature) => numberOf.get(feature)!);
  write('idx', '<u4', start + idx.length, before?.idx ?? none, idx);
  write('weight', '<f4', start + idx.length, before?.weight ?? none, ofAdded.weight);
  const column = (name: 'column' | 'value') => {
    return {
      name,
      type: 'string',
      values: packStrings(
        all.map((each) => each[name]),
        name,
      ),
    } as const;
  };
  draft.write(addedFiles.table, await arrowFileChunks([column('column'), column('value')]));
}
