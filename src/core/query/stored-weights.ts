import { readNpy } from '../files/npy.js';
import type { HistoryWeights } from '../models/folding/history-weights.js';
import { weightsFromOptions } from '../models/folding/model-equations.js';
import { snapshotFile } from '../snapshot/layout.js';
import type { BlendSection } from '../snapshot/manifest.js';
import type { ModelSource } from './model-source.js';

/** How a snapshot's model weighs histories. AppError 'damaged-snapshot'. */
export function storedWeights(snapshot: ModelSource): HistoryWeights {
  const { model } = snapshot.manifest;
  return weightsOf(snapshot, model);
}

/** The same by the options of a model, which may be the second member of a blend. */
export function weightsOf(
  snapshot: ModelSource,
  model: Pick<BlendSection, 'options' | 'parameters'>,
): HistoryWeights {
  const { inputs } = snapshot.manifest;
  const shape = [inputs.interactions.items];
  return weightsFromOptions(
    model.options,
    model.parameters ?? {},
    () => readNpy(snapshot.file(snapshotFile.itemWeights), { dtype: '<f4', shape }).data,
  );
}
