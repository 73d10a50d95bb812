/** An item × item matrix in files, row i what item i gives to every other: dense, or compressed sparse rows. Read row by row. */
import { opening } from '../closers.js';
import { openVectorFile, vectorBytes, type VectorFile } from '../compute/vector-file.js';
import { allocatedBytes, openWorkspace, type Workspace } from '../compute/workspace.js';
import { damaged } from '../errors.js';
import { bytesOf, openNpy, readNpy } from '../files/npy.js';

interface SparsePaths {
  readonly indptr: string;
  readonly idx: string;
  readonly weight: string;
}

/** Where it stands. */
export type ItemItemPaths =
  { readonly layout: 'dense'; readonly matrix: string } | ({ readonly layout: 'sparse' } & SparsePaths);

/** Columns, ascending within a row, and what stands there. */
export interface Entries {
  readonly idx: Uint32Array;
  readonly weight: Float32Array;
}

/** Its numbers, for who reads all of them. */
export type ItemItemNumbers =
  | { readonly layout: 'dense'; readonly file: VectorFile }
  | {
      readonly layout: 'sparse';
      /** [numItems + 1]. */
      readonly indptr: Uint32Array;
      /** Fills both with entries of all rows, end to end, from the one at `from` on. */
      readInto(from: number, entries: Entries): void;
    };

export interface ItemItemMatrix {
  readonly numItems: number;
  readonly numbers: ItemItemNumbers;
  /** Bytes of workspace in which `addRow` puts a row. */
  readonly rowBytes: number;
  /** sums += weight · row, f32 [numItems padded to 8]: the same bits from either layout. */
  addRow(workspace: Workspace, row: number, weight: number, buffer: number, sums: number): void;
  /** What stands in a row that is not 0; overwritten by the next one. */
  entries(row: number): Entries;
  /** What an item gives to another. */
  entry(row: number, column: number): number;
  close(): void;
}

/** AppError 'damaged-snapshot' for files that are not such a matrix. */
export function openItemItemMatrix(paths: ItemItemPaths): ItemItemMatrix {
  return paths.layout === 'dense' ? openDense(paths.matrix) : openSparse(paths);
}

function openDense(path: string): ItemItemMatrix {
  return opening((opened) => {
    const file = opened.keep(openVectorFile(path));
    const { numRows: numItems, paddedDim } = file;
    const numbers = opened.lazy(() => openNpy(path, { dtype: '<f4', shape: [numItems, numItems] }));
    const entry = new Float32Array(1);
    return {
      numItems,
      numbers: { layout: 'dense', file },
      rowBytes: vectorBytes(1, numItems),
      addRow(workspace, row, weight, buffer, sums) {
        file.readRangeInto(workspace, buffer, row, row + 1);
        workspace.kernels.addScaled(paddedDim, weight, buffer, sums);
      },
      entries(row) {
        const [values, idx] = [new Float32Array(numItems), new Uint32Array(numItems)];
        numbers().readInto(bytesOf(values), 4 * row * numItems);
        let count = 0;
        for (let column = 0; column < numItems; column++) {
          const value = values[column] ?? 0;
          if (value === 0) continue;
          idx[count] = column;
          values[count++] = value;
        }
        return { idx: idx.subarray(0, count), weight: values.subarray(0, count) };
      },
      entry(row, column) {
        numbers().readInto(bytesOf(entry), 4 * (row * numItems + column));
        return entry[0] ?? 0;
      },
      close: () => {
        opened.close();
      },
    };
  });
}

function openSparse(paths: SparsePaths): ItemItemMatrix {
  return opening((opened) => {
    const indptr = readNpy(paths.indptr, { dtype: '<u4', shape: [undefined] }).data;
    const numItems = indptr.length - 1;
    const lengths = Array.from({ length: numItems }, (_, row) => (indptr[row + 1] ?? 0) - (indptr[row] ?? 0));
    const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
    if (lengths.some((length) => length < 0)) throw damaged(paths.indptr, 'got rows that are not in order');
    const shape = [indptr[numItems] ?? 0];
    const columns = opened.keep(openNpy(paths.idx, { dtype: '<u4', shape }));
    const weights = opened.keep(openNpy(paths.weight, { dtype: '<f4', shape }));
    const readInto = (from: number, { idx, weight }: Entries): void => {
      columns.readInto(bytesOf(idx), 4 * from);
      weights.readInto(bytesOf(weight), 4 * from);
      // Kernels write where a column says.
      if (idx.some((column) => column >= numItems))
        throw damaged(paths.idx, `got a column that is none of ${String(numItems)} items`);
    };
    const weightsAt = allocatedBytes(4 * longest);
    const [keptIdx, keptWeight] = [new Uint32Array(longest), new Float32Array(longest)];
    let kept: (Entries & { readonly at: number }) | undefined;
    const entries = (at: number): Entries => {
      if (kept?.at === at) return kept;
      const length = lengths[at] ?? 0;
      const row = { at, idx: keptIdx.subarray(0, length), weight: keptWeight.subarray(0, length) };
      kept = undefined;
      readInto(indptr[at] ?? 0, row);
      return (kept = row);
    };
    return {
      numItems,
      numbers: { layout: 'sparse', indptr, readInto },
      entries,
      rowBytes: 2 * weightsAt,
      addRow(workspace, at, weight, buffer, sums) {
        const length = lengths[at] ?? 0;
        const values = buffer + weightsAt;
        readInto(indptr[at] ?? 0, {
          idx: workspace.u32(buffer, length),
          weight: workspace.f32(values, length),
        });
        workspace.kernels.addSparse(length, weight, buffer, values, sums);
      },
      entry(at, column) {
        const { idx, weight } = entries(at);
        const place = idx.indexOf(column);
        return weight[place] ?? 0;
      },
      close: () => {
        opened.close();
      },
    };
  });
}

/** A function that reads a row, f32 [numItems], over the one before it. */
export function rowReader(matrix: ItemItemMatrix): (row: number) => Float32Array {
  const { numItems, rowBytes } = matrix;
  const sumsBytes = vectorBytes(1, numItems);
  const workspace = openWorkspace(allocatedBytes(rowBytes) + allocatedBytes(sumsBytes));
  const [buffer, sums] = [workspace.allocate(rowBytes), workspace.allocate(sumsBytes)];
  return (row) => {
    const values = workspace.f32(sums, numItems).fill(0);
    matrix.addRow(workspace, row, 1, buffer, sums);
    return values;
  };
}
