import { openWorkspace } from '../compute/workspace.js';
import { openVectorFile, vectorBytes } from '../compute/vector-file.js';
import { snapshotFile } from '../snapshot/layout.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { requireNeighbours, scorerOf } from '../snapshot/scorer.js';

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
  const name = scorerOf(snapshot) === 'item-item' ? snapshotFile.similarity : snapshotFile.itemVectors;
  const file = openVectorFile(snapshot.file(name));
  const workspace = openWorkspace(vectorBytes(1, file.dim) + 64);
  const address = workspace.allocate(vectorBytes(1, file.dim));
  const known = new Map<number, Float32Array | undefined>();
  return {
    of(row) {
      if (known.has(row)) return known.get(row);
      file.readRangeInto(workspace, address, row, row + 1);
      workspace.kernels.unitRows(0, 1, address, file.paddedDim);
      const direction = workspace.f32(address, file.dim).slice();
      const kept = Number.isNaN(direction[0]) ? undefined : direction;
      known.set(row, kept);
      return kept;
    },
    close: () => file.close(),
  };
}
