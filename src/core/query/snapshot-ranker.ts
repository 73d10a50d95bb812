import type { TaskContext } from '../contracts.js';
import { readNpy } from '../files/npy.js';
import {
  openItemItemRanker,
  openInnerProductRanker,
  openScoreRanker,
  type OpenRanker,
} from '../models/open-ranker.js';
import { snapshotFile } from '../snapshot/layout.js';
import { openModel } from './open-model.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { scorerOf } from '../snapshot/scorer.js';
import { storedWeights } from './stored-weights.js';
import { openVectorFile } from '../compute/vector-file.js';

/** A snapshot's model, to rank for many users: what its scorer reads is read into memory. Close it before the snapshot. */
export async function openSnapshotRanker(
  snapshot: OpenSnapshot,
  threads: number,
  context: TaskContext,
): Promise<OpenRanker> {
  const scorer = scorerOf(snapshot);
  if (scorer === 'constant')
    return openScoreRanker(
      readNpy(snapshot.file(snapshotFile.scores), { dtype: '<f4', shape: [undefined] }).data,
    );
  if (scorer === 'item-item') {
    const weights = storedWeights(snapshot);
    const matrix = openVectorFile(snapshot.file(snapshotFile.similarity));
    try {
      return await openItemItemRanker(matrix, weights, threads, context);
    } finally {
      matrix.close();
    }
  }
  const model = openModel(snapshot);
  try {
    const ranker = await openInnerProductRanker(model.itemVectors, model.fold(), threads, context);
    // A fold may read what it needs once it is asked.
    const close = async (): Promise<void> => {
      model.close();
      await ranker.close();
    };
    return { ...ranker, close };
  } catch (error) {
    model.close();
    throw error;
  }
}
