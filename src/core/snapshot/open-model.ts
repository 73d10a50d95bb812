import { readNpy } from '../files/npy.js';
import type { Decay } from '../users/decay.js';
import { equationsFromOptions } from '../users/model-equations.js';
import { normalEquationsFold, type UserFold } from '../users/user-fold.js';
import { openVectorFile, type VectorFile } from '../vectors/vector-file.js';
import { damagedFile } from './damaged-file.js';
import { snapshotFile } from './layout.js';
import type { OpenSnapshot } from './open-snapshot.js';
import { requireVectors } from './scorer.js';

/** The part of a snapshot that gives users their vectors. */
export interface OpenModel {
  readonly itemVectors: VectorFile;
  /** From histories to vectors; older listening counts less where a decay is given. */
  fold(decay?: Decay): UserFold;
  close(): void;
}

/** AppErrors 'missing-part' for a model without vectors, 'damaged-snapshot' for a fold that this version does not know. */
export function openModel(snapshot: OpenSnapshot): OpenModel {
  requireVectors(snapshot, 'a user is their history itself');
  const { fold, options } = snapshot.manifest.model;
  const itemVectors = openVectorFile(snapshot.file(snapshotFile.itemVectors));
  const { dim, numRows: numItems } = itemVectors;
  try {
    if (fold === 'normal-equations') {
      const equations = equationsFromOptions(options);
      const path = snapshot.file(snapshotFile.eigenvalues);
      const { data: eigenvalues } = readNpy(path, { dtype: '<f8', shape: [dim] });
      return {
        itemVectors,
        fold: (decay) =>
          normalEquationsFold({
            ...{ dim, numItems, eigenvalues, equations },
            ...(decay === undefined ? {} : { decay }),
          }),
        close: () => itemVectors.close(),
      };
    }
    throw damagedFile(snapshot.id, snapshotFile.manifest, `no fold of vectors is called ${fold}`);
  } catch (error) {
    itemVectors.close();
    throw error;
  }
}
