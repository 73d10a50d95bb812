import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { allocateFactors, factorBytes } from '#dist/core/compute/factors.js';
import { openVectorFile } from '#dist/core/compute/vector-file.js';
import { openWorkspace } from '#dist/core/compute/workspace.js';
import { orderChunks, orderLayout, type OrderPaths } from '#dist/core/search/norm-order.js';
import { writeVectors, type Rows } from './vectors.js';

export interface VectorsWithOrder {
  readonly vectors: string;
  readonly order: OrderPaths;
}

/** The vectors and their order in files. */
export function writeOrder(folder: string, rows: Rows): VectorsWithOrder {
  const vectors = writeVectors(join(folder, 'vectors.npy'), rows);
  const file = openVectorFile(vectors);
  const { numRows, paddedDim } = file;
  const workspace = openWorkspace(factorBytes(numRows, paddedDim) + orderLayout(numRows, paddedDim).bytes);
  const { address } = allocateFactors(workspace, numRows, paddedDim);
  file.readAllInto(workspace, address);
  file.close();
  const chunks = orderChunks(workspace, { address, numRows, paddedDim });
  const put = (name: 'rows' | 'codes' | 'bounds'): string => {
    const path = join(folder, `${name}.npy`);
    writeFileSync(path, Buffer.concat([...chunks[name]]));
    return path;
  };
  return { vectors, order: { rows: put('rows'), codes: put('codes'), bounds: put('bounds') } };
}
