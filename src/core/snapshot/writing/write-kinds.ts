/** The vectors of artists and albums, and what leads from items to them. */
import type { ItemVectors } from '../../contracts.js';
import { bytesOf, npyHeader } from '../../files/npy.js';
import { noRow, type KindRows } from '../kind-rows.js';
import { kindFiles } from '../layout.js';
import { itemTableChunks } from '../../tables/snapshot-tables.js';
import type { SnapshotDraft } from './write-snapshot.js';

export async function writeKinds(
  draft: SnapshotDraft,
  kinds: readonly KindRows[],
  items: ItemVectors,
  counts: Uint32Array,
): Promise<void> {
  for (const rows of kinds) {
    const { vectors, table, ofItem } = kindFiles[rows.kind];
    draft.write(vectors, meanVectorChunks(rows, items, counts));
    draft.write(table, await itemTableChunks(rows));
    draft.write(ofItem, [npyHeader('<u4', [rows.ofItem.length]), bytesOf(rows.ofItem)]);
  }
}

/** Most bytes of a piece. */
const chunkBytes = 2 ** 20;

/**
 * The vectors of a kind as the contents of a .npy file, f32 [numVectors × dim]: of each entity the mean of its items'
 * vectors, each weighed by its number of events; where nobody counted events, each alike. Sums are in f64 in the
 * order of the items' rows, and become f32 once. The inner product with a user's vector is so the mean of the items'
 * scores. A piece is a copy that the next one overwrites. Cost: items × dim multiplications, each vector read once.
 * @param counts [items] events by item row
 */
export function* meanVectorChunks(
  { numVectors, ofItem }: Pick<KindRows, 'numVectors' | 'ofItem'>,
  { values, stride, dim }: ItemVectors,
  counts: Uint32Array,
): Generator<Uint8Array> {
  yield npyHeader('<f4', [numVectors, dim]);
  const { starts, members } = itemsByEntity(ofItem, numVectors, Math.floor(values.length / stride));
  const sum = new Float64Array(dim);
  const rowsAtOnce = Math.max(1, Math.floor(chunkBytes / (4 * dim)));
  const chunk = new Float32Array(Math.min(rowsAtOnce, numVectors) * dim);
  for (let from = 0; from < numVectors; from += rowsAtOnce) {
    const to = Math.min(numVectors, from + rowsAtOnce);
    for (let row = from; row < to; row++) {
      const first = starts[row]!;
      const end = starts[row + 1]!;
      let total = 0;
      for (let at = first; at < end; at++) total += counts[members[at]!]!;
      const weighsAlike = total === 0;
      sum.fill(0);
      for (let at = first; at < end; at++) {
        const item = members[at]!;
        const weight = weighsAlike ? 1 : counts[item]!;
        const start = item * stride;
        for (let f = 0; f < dim; f++) sum[f]! += weight * values[start + f]!;
      }
      const by = weighsAlike ? end - first : total;
      const place = (row - from) * dim;
      for (let f = 0; f < dim; f++) chunk[place + f] = sum[f]! / by;
    }
    yield new Uint8Array(chunk.buffer, 0, 4 * (to - from) * dim);
  }
}

/** The items of entity t that have vectors: members[starts[t]] … members[starts[t + 1] − 1], ascending. */
function itemsByEntity(
  ofItem: Uint32Array,
  numEntities: number,
  numItems: number,
): { readonly starts: Uint32Array; readonly members: Uint32Array } {
  const starts = new Uint32Array(numEntities + 1);
  const isMember = (item: number): boolean => ofItem[item] !== noRow;
  for (let item = 0; item < numItems; item++) if (isMember(item)) starts[ofItem[item]! + 1]!++;
  for (let entity = 0; entity < numEntities; entity++) starts[entity + 1]! += starts[entity]!;
  const next = starts.slice(0, numEntities);
  const members = new Uint32Array(starts[numEntities]!);
  for (let item = 0; item < numItems; item++) if (isMember(item)) members[next[ofItem[item]!]!++] = item;
  return { starts, members };
}
