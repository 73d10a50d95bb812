import { layoutOf, openWorkspace } from '../compute/workspace.js';
import { openVectorFile, vectorBytes } from '../compute/vector-file.js';

/** The directions of vectors in a file, one at a time: with the bits that every search by cosine gives them. */
export interface UnitVectors {
  readonly numRows: number;
  readonly dim: number;
  /** [dim], of length 1; NaN throughout where the vector is zero. */
  vectorOf(row: number): Float32Array;
  close(): void;
}

/** Errors as `openVectorFile`. */
export function openUnitVectors(path: string): UnitVectors {
  const file = openVectorFile(path);
  const { numRows, dim, paddedDim } = file;
  const layout = layoutOf({ address: vectorBytes(1, dim) });
  const workspace = openWorkspace(layout.bytes);
  const { address } = layout.allocate(workspace);
  return {
    numRows,
    dim,
    vectorOf(row) {
      file.readRowsInto(workspace, address, [row]);
      workspace.kernels.unitRows(0, 1, address, paddedDim);
      return workspace.f32(address, dim).slice();
    },
    close: () => file.close(),
  };
}
