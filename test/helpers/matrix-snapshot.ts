import { seededRandom } from '#dist/core/numeric/random.js';
import { beginSnapshot } from '#dist/core/snapshot/writing/write-snapshot.js';
import { writeCatalogue } from '#dist/core/store/catalogue-writer.js';
import { itemTableChunks } from '#dist/core/tables/snapshot-tables.js';
import { packStrings } from '#dist/core/tables/string-column.js';
import { contentOf, listening, npy } from './snapshots.js';

export interface MatrixShape {
  readonly numItems: number;
  readonly dim: number;
  readonly clusters: number;
  /** Events by row; no table of items where nothing is said. */
  readonly counts?: (item: number) => number;
}

/** Makes a snapshot of many seeded vectors around `clusters` centres; its items are item-0, item-1 …, without names. */
export async function makeMatrixSnapshot(root: string, id: string, shape: MatrixShape): Promise<void> {
  const { numItems, dim, clusters, counts } = shape;
  const random = seededRandom(numItems);
  const centres = Float32Array.from({ length: clusters * dim }, () => random.nextFraction() - 0.5);
  const vectors = new Float32Array(numItems * dim);
  for (let item = 0; item < numItems; item++) {
    const centre = random.nextBelow(clusters) * dim;
    for (let f = 0; f < dim; f++)
      vectors[item * dim + f] = centres[centre + f]! + 0.5 * (random.nextFraction() - 0.5);
  }
  const ids = packStrings(Array.from({ length: numItems }, (_, item) => `item-${item}`));
  const base = contentOf(id);
  const draft = beginSnapshot(root, { estimatedBytes: 1000 }, listening());
  try {
    draft.write('model/item.npy', [npy('<f4', [numItems, dim], vectors)]);
    const events = Uint32Array.from({ length: numItems }, (_, item) => counts?.(item) ?? 0);
    const catalogue = { ids, counts: events, columns: [] };
    if (counts !== undefined) draft.write('model/item.arrow', await itemTableChunks(catalogue));
    await writeCatalogue(draft.path('model/store.mdb'), 'item', catalogue);
    draft.seal('model/store.mdb');
    const interactions = { ...base.inputs.interactions, items: numItems };
    await draft.commit({ ...base, model: { ...base.model, dim }, inputs: { ...base.inputs, interactions } });
  } finally {
    draft.abandon();
  }
}
