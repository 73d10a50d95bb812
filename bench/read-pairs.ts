import { join } from 'node:path';
import { readNpy } from '#dist/core/files/npy.js';
import { allocateSparseRows, type SparseRows } from '#dist/core/numeric/csr.js';

/** What a folder of planted-pairs.ts has to train on; a pair's weight is its number of events. */
export function readPairs(folder: string): SparseRows {
  const read = <D extends '<u4' | '<f4'>(name: string, dtype: D) =>
    readNpy(join(folder, `${name}.npy`), { dtype, shape: [undefined] }).data;
  const indptr = read('train-indptr', '<u4');
  const item = read('train-item', '<u4');
  const rows = allocateSparseRows(indptr.length - 1, item.length);
  rows.indptr.set(indptr);
  rows.idx.set(item);
  rows.weight.set(read('train-count', '<f4'));
  return rows;
}
