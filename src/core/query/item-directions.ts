import { paddedDim } from '../compute/factors.js';
import { openWorkspace, type Workspace } from '../compute/workspace.js';
import { openVectorFile, vectorBytes } from '../compute/vector-file.js';
import { isItemItem, openItemItem } from '../snapshot/item-item.js';
import { snapshotFile } from '../snapshot/layout.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { requireNeighbours } from '../snapshot/scorer.js';
import { rowReader } from '../search/item-item-matrix.js';

/** Where items point: two are as like as the cosine between their directions. */
export interface ItemDirections {
  /**
   * A row's vector of length 1, kept once it is read; undefined for a zero vector. Of a model with an item × item matrix
   * it is the item's row of it, f32 [numItems].
   */
  of(row: number): Float32Array | undefined;
  close(): void;
}

/** AppError 'missing-part' for a model whose items have no neighbours. One read a row. */
export function openItemDirections(snapshot: OpenSnapshot): ItemDirections {
  requireNeighbours(snapshot);
  const { dim, close, read } = isItemItem(snapshot) ? rowsOfMatrix(snapshot) : vectors(snapshot);
  const workspace = openWorkspace(vectorBytes(1, dim) + 64);
  const address = workspace.allocate(vectorBytes(1, dim));
  const known = new Map<number, Float32Array | undefined>();
  return {
    of(row) {
      if (known.has(row)) return known.get(row);
      // All of it: the row before, if it was zero, left NaN in the padding too.
      workspace.f32(address, paddedDim(dim)).fill(0);
      read(workspace, address, row);
      workspace.kernels.unitRows(0, 1, address, paddedDim(dim));
      const direction = workspace.f32(address, dim).slice();
      const kept = Number.isNaN(direction[0]) ? undefined : direction;
      known.set(row, kept);
      return kept;
    },
    close,
  };
}

/** What directions are read from: rows of `dim` numbers, into kernel memory. */
interface RowSource {
  readonly dim: number;
  read(workspace: Workspace, address: number, row: number): void;
  close(): void;
}

function vectors(snapshot: OpenSnapshot): RowSource {
  const file = openVectorFile(snapshot.file(snapshotFile.itemVectors));
  return {
    dim: file.dim,
    read: (workspace, address, row) => file.readRangeInto(workspace, address, row, row + 1),
    close: () => file.close(),
  };
}

function rowsOfMatrix(snapshot: OpenSnapshot): RowSource {
  const matrix = openItemItem(snapshot);
  const read = rowReader(matrix);
  return {
    dim: matrix.numItems,
    read: (workspace, address, row) => workspace.f32(address, matrix.numItems).set(read(row)),
    close: () => matrix.close(),
  };
}
