import { handingOn } from '../closers.js';
import { readNpy } from '../files/npy.js';
import type { Decay } from '../models/folding/decay.js';
import { fileInputs, meanFold, recencyFromOptions } from '../models/folding/mean-fold.js';
import { equationsFromOptions } from '../models/folding/model-equations.js';
import { withImportedVectors } from '../models/folding/imported-vectors.js';
import { rotatedEquationsFold } from '../models/folding/rotated-fold.js';
import { normalEquationsFold, type UserFold } from '../models/folding/user-fold.js';
import { keepingRows, openVectorFile, type VectorFile } from '../compute/vector-file.js';
import { damagedFile } from '../snapshot/damaged-file.js';
import { snapshotFile } from '../snapshot/layout.js';
import { numTrained } from '../snapshot/manifest.js';
import { foldOf, requireVectors } from '../snapshot/scorer.js';
import type { ModelSource } from './model-source.js';
import { storedWeights } from './stored-weights.js';

/** The part of a snapshot that gives users their vectors. */
export interface OpenModel {
  readonly itemVectors: VectorFile;
  /** Whether older listening counted less in training. */
  readonly decay: Decay | undefined;
  /** From histories to vectors; older listening counts less as in training, or as said. */
  fold(decay?: Decay): UserFold;
  close(): void;
}

/**
 * AppErrors 'missing-part' for a model without vectors, 'newer-format' for a fold that this version does not know.
 * @param inMemory many histories will be folded in: vectors that were read are kept in memory
 */
export function openModel(snapshot: ModelSource, inMemory = false): OpenModel {
  requireVectors(snapshot, 'a user is their history itself');
  const { options, parameters = {} } = snapshot.manifest.model;
  const fold = foldOf(snapshot);
  const openVectors = (path: string): VectorFile => {
    const file = openVectorFile(path);
    return inMemory ? keepingRows(file) : file;
  };
  const itemVectors = openVectors(snapshot.file(snapshotFile.itemVectors));
  const { dim, numRows: numItems } = itemVectors;
  const importing = (own: UserFold): UserFold =>
    snapshot.hasUsers(snapshotFile.userImported) ? withImportedVectors(own) : own;
  return handingOn(itemVectors, () => {
    if (fold === 'normal-equations' || fold === 'rotated-equations') {
      const equations = equationsFromOptions(options, parameters);
      const path = snapshot.file(snapshotFile.eigenvalues);
      const { data: eigenvalues } = readNpy(path, { dtype: '<f8', shape: [dim] });
      const weights = storedWeights(snapshot);
      const turn = fold === 'rotated-equations' ? rotationOf(snapshot, dim) : undefined;
      return {
        itemVectors,
        decay: weights.decay,
        fold(decay = weights.decay) {
          const of = {
            ...{ dim, numItems, eigenvalues, equations, weights: { ...weights, decay } },
            numTrained: numTrained(snapshot.manifest),
          };
          return importing(turn === undefined ? normalEquationsFold(of) : rotatedEquationsFold(of, turn));
        },
        close: () => itemVectors.close(),
      };
    }
    if (fold === 'mean') {
      const inputVectors = openVectors(snapshot.file(snapshotFile.inputVectors));
      const inputs = fileInputs(inputVectors);
      const recency = recencyFromOptions(options);
      const weights = storedWeights(snapshot);
      return {
        itemVectors,
        decay: weights.decay,
        fold: (decay = weights.decay) =>
          importing(meanFold({ dim, recency, inputs, weights: { ...weights, decay } })),
        close() {
          itemVectors.close();
          inputVectors.close();
        },
      };
    }
    throw damagedFile(
      snapshot.id,
      snapshotFile.manifest,
      `its vectors cannot be scored with by the fold ${fold}`,
    );
  });
}

function rotationOf(snapshot: ModelSource, dim: number): Float32Array {
  return readNpy(snapshot.file(snapshotFile.rotation), { dtype: '<f4', shape: [dim, dim] }).data;
}
