/** The item × item matrix of a snapshot as `segue export` writes it. */
import { bytesOf, npyHeader } from '../files/npy.js';
import type { VectorFormat } from '../interchange/vector-rows.js';
import type { Entries } from '../search/item-item-matrix.js';
import { openItemItem, requireItemItem } from '../snapshot/item-item.js';
import { snapshotFile } from '../snapshot/layout.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { readIds } from '../tables/snapshot-tables.js';
import { textArray, type NpzArrays } from '../tables/npz-writer.js';
import type { ColumnValues, TableColumn } from '../tables/table-writer.js';

/** What is written, as a table in batches; `done` rows stand before each. */
export interface ExportSource {
  /** Of the table of ids, which may go on after the rows that are written. */
  readonly numRows: number;
  readonly rows: number;
  readonly dim: number;
  readonly entries?: number;
  readonly columns: readonly TableColumn[];
  readonly batches: () => Iterable<{
    readonly done: number;
    readonly count: number;
    readonly values: ColumnValues[];
  }>;
  /** What a .npz has instead of a table; there are no batches then. */
  readonly arrays?: () => NpzArrays;
  close(): void;
}

/** Entries of a batch, but for a row that has more. */
const entriesAtOnce = 2 ** 17;

/**
 * An entry a row of a table: what an item of a history gives to another's score. In a .npz compressed sparse rows, as
 * scipy.sparse.load_npz reads them. Memory: the ids, 4 bytes an item and a batch. AppError 'missing-part'.
 */
export async function openExportedMatrix(
  snapshot: OpenSnapshot,
  format: VectorFormat,
): Promise<ExportSource> {
  requireItemItem(snapshot);
  const ids = await readIds(snapshot.file(snapshotFile.itemTable));
  const matrix = openItemItem(snapshot);
  const { numItems } = matrix;
  const indptr = new Uint32Array(numItems + 1);
  for (let row = 0; row < numItems; row++) indptr[row + 1] = indptr[row]! + matrix.entries(row).idx.length;
  const entries = indptr[numItems]!;
  function* blocks(): Generator<Entries & { readonly from: number; readonly to: number }> {
    for (let from = 0, to: number; from < numItems; from = to) {
      to = from + 1;
      while (to < numItems && indptr[to + 1]! - indptr[from]! <= entriesAtOnce) to++;
      const count = indptr[to]! - indptr[from]!;
      const block = { from, to, idx: new Uint32Array(count), weight: new Float32Array(count) };
      for (let row = from; row < to; row++) {
        const { idx, weight } = matrix.entries(row);
        block.idx.set(idx, indptr[row]! - indptr[from]!);
        block.weight.set(weight, indptr[row]! - indptr[from]!);
      }
      yield block;
    }
  }
  function* array(dtype: '<u4' | '<f4', side: 'idx' | 'weight'): Generator<Uint8Array> {
    yield npyHeader(dtype, [entries]);
    for (const block of blocks()) yield bytesOf(block[side]);
  }
  function* batches(): ReturnType<ExportSource['batches']> {
    for (const { from, to, idx, weight } of blocks()) {
      const items: string[] = [];
      for (let row = from; row < to; row++)
        for (let p = indptr[row]!; p < indptr[row + 1]!; p++) items.push(ids.at(row));
      const neighbours = Array.from(idx, (column) => ids.at(column));
      yield { done: from, count: idx.length, values: [items, neighbours, weight] };
    }
  }
  return {
    ...{ numRows: ids.length, rows: numItems, dim: numItems, entries },
    columns: [
      { name: 'item', type: 'text' },
      { name: 'neighbour', type: 'text' },
      { name: 'weight', type: 'real' },
    ],
    batches: format === 'npz' ? () => [] : batches,
    *arrays() {
      yield ['indptr', [npyHeader('<u4', [numItems + 1]), bytesOf(indptr)]];
      yield ['indices', array('<u4', 'idx')];
      yield ['data', array('<f4', 'weight')];
      yield ['shape', [npyHeader('<i8', [2]), bytesOf(new BigInt64Array(2).fill(BigInt(numItems)))]];
      yield ['format', textArray(['csr'])];
      yield ['ids', textArray(Array.from({ length: numItems }, (_, row) => ids.at(row)))];
    },
    close: () => {
      matrix.close();
    },
  };
}
