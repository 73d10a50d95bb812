/**
 * An item × item matrix in kernel memory: f32, row i what item i gives to every other, 0 on its diagonal. It stands in the
 * place that a symmetric f64 matrix of tiles takes (compute/tiles.ts): where that has the tile (i, j), this has its own
 * (i, j) and (j, i), one after the other.
 */
import { triangleBytes } from '../../compute/tiles.js';
import { layoutOf, type Workspace } from '../../compute/workspace.js';
import { npyHeader } from '../../files/npy.js';
import { vectorBytes, type VectorFile } from '../../compute/vector-file.js';
import type { RankedMatrix } from './rank-by-history.js';

export function denseMatrix(numItems: number, address: number): RankedMatrix {
  return { numItems, rows: [0, 0, address] };
}

/** Most bytes that are copied at a time. */
const chunkBytes = 2 ** 20;

/** Bytes of kernel memory that the matrix takes: about 4 · numItems². */
export function similarityBytes(numItems: number): number {
  return triangleBytes(numItems);
}

function rowsAtOnce(numItems: number): number {
  return Math.min(numItems, Math.max(1, Math.floor(chunkBytes / (4 * numItems))));
}

/** Bytes of workspace that `similarityFileChunks` allocates, and gives back. */
export function similarityChunkBytes(numItems: number): number {
  return chunkLayout(numItems).bytes;
}

function chunkLayout(numItems: number) {
  return layoutOf({ chunk: 4 * numItems * rowsAtOnce(numItems) });
}

/** A .npy file's bytes, f32 [numItems × numItems], piece by piece; each is a copy that the next one overwrites. */
export function* similarityFileChunks(
  workspace: Workspace,
  { rows: [, , address], numItems }: RankedMatrix,
): Generator<Uint8Array> {
  yield npyHeader('<f4', [numItems, numItems]);
  const atOnce = rowsAtOnce(numItems);
  const mark = workspace.mark();
  try {
    const { chunk: at } = chunkLayout(numItems).allocate(workspace);
    const chunk = new Uint8Array(4 * numItems * atOnce);
    for (let from = 0; from < numItems; from += atOnce) {
      const count = Math.min(atOnce, numItems - from);
      workspace.kernels.similarityRows(from, from + count, address, numItems, at);
      chunk.set(workspace.u8(at, 4 * numItems * count));
      yield chunk.subarray(0, 4 * numItems * count);
    }
  } finally {
    workspace.release(mark);
  }
}

/** A file's matrix in kernel memory; `similarityBytes` and a row are allocated, the row given back. */
export function readSimilarityMatrix(workspace: Workspace, file: VectorFile): RankedMatrix {
  const { numRows: numItems } = file;
  const address = workspace.allocate(similarityBytes(numItems));
  const mark = workspace.mark();
  const row = workspace.allocate(vectorBytes(1, numItems));
  for (let i = 0; i < numItems; i++) {
    file.readRangeInto(workspace, row, i, i + 1);
    workspace.kernels.setSimilarityRow(i, address, numItems, row);
  }
  workspace.release(mark);
  return denseMatrix(numItems, address);
}
