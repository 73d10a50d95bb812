import { readNpy } from '../files/npy.js';
import type { FoldInModel } from '../users/fold-in.js';
import { equationsFromOptions } from '../users/model-equations.js';
import { openVectorFile, type VectorFile } from '../vectors/vector-file.js';
import { snapshotFile } from './layout.js';
import type { OpenSnapshot } from './open-snapshot.js';

/** The part of a snapshot that gives users their vectors. */
export interface OpenModel {
  readonly foldIn: FoldInModel;
  readonly itemVectors: VectorFile;
  close(): void;
}

export function openModel(snapshot: OpenSnapshot): OpenModel {
  const equations = equationsFromOptions(snapshot.manifest.model.options);
  const itemVectors = openVectorFile(snapshot.file(snapshotFile.itemVectors));
  const { dim, numRows: numItems } = itemVectors;
  try {
    const { data: eigenvalues } = readNpy(snapshot.file(snapshotFile.eigenvalues), {
      dtype: '<f8',
      shape: [dim],
    });
    return {
      foldIn: { dim, numItems, eigenvalues, equations },
      itemVectors,
      close: () => itemVectors.close(),
    };
  } catch (error) {
    itemVectors.close();
    throw error;
  }
}
