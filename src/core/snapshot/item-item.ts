/** Snapshots whose scores come from an item × item matrix: which they are, and where it stands. */
import { AppError } from '../errors.js';
import { openItemItemMatrix, type ItemItemMatrix } from '../search/item-item-matrix.js';
import { snapshotFile, type SingleFile } from './layout.js';
import { scorerOf, secondOf, type StoredScorer, type WithManifest } from './scorer.js';

const { similarity, similarityIndptr, similarityIdx, similarityWeight } = snapshotFile;

/** Whether that is all there is of the model: the items of a blend are near to each other by their vectors. */
export function isItemItem(snapshot: WithManifest): boolean {
  return scorerOf(snapshot) !== 'blend' && itemItemFiles(snapshot).length > 0;
}

/** AppError 'missing-part' for a model without a matrix. */
export function requireItemItem(snapshot: WithManifest): void {
  if (itemItemFiles(snapshot).length > 0) return;
  const { id, manifest } = snapshot;
  const { name } = manifest.model;
  throw new AppError(
    'missing-part',
    `snapshot ${id} is of the model ${name}, which has no item × item matrix: there is nothing to export`,
    {
      suggestions: ['segue export, for its vectors', 'segue train --model slim, for such a matrix'],
      details: { snapshot: id, model: name },
    },
  );
}

/** Why an item near to which nothing is has no neighbours. */
export function whyNoNeighbours(snapshot: WithManifest): string {
  return isItemItem(snapshot)
    ? 'it gives no other item a score: its row of the matrix is empty'
    : 'no user likes it: its vector is zero';
}

/** How the matrix is scored with, of a blend that of its second member. */
function matrixScorerOf(snapshot: WithManifest): StoredScorer {
  const scorer = scorerOf(snapshot);
  return scorer === 'blend' ? secondOf(snapshot).scorer : scorer;
}

/** The files of its matrix; none where it has no such matrix. */
export function itemItemFiles(snapshot: WithManifest): readonly SingleFile[] {
  switch (matrixScorerOf(snapshot)) {
    case 'item-item':
      return [similarity];
    case 'sparse-item-item':
      return [similarityIndptr, similarityIdx, similarityWeight];
    default:
      return [];
  }
}

/** The matrix of a snapshot that is `isItemItem` or a blend, open. AppError 'damaged-snapshot'. */
export function openItemItem(snapshot: WithManifest & { file(name: SingleFile): string }): ItemItemMatrix {
  const path = (name: SingleFile): string => snapshot.file(name);
  return openItemItemMatrix(
    matrixScorerOf(snapshot) === 'item-item'
      ? { layout: 'dense', matrix: path(similarity) }
      : {
          layout: 'sparse',
          ...{ indptr: path(similarityIndptr), idx: path(similarityIdx), weight: path(similarityWeight) },
        },
  );
}
