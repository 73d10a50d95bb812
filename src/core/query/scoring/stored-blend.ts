/** What a manifest says of a blend. */
import type { HistoryWeights } from '../../models/folding/history-weights.js';
import { blendWeight, type Members } from '../../models/blend/rank-blend.js';
import { damagedFile } from '../../snapshot/damaged-file.js';
import { snapshotFile } from '../../snapshot/layout.js';
import { numTrained } from '../../snapshot/manifest.js';
import { secondOf } from '../../snapshot/scorer.js';
import type { ModelSource } from '../model-source.js';
import { weightsOf } from '../stored-weights.js';

/** What of a manifest says how its members are blended. */
export interface StoredBlend {
  readonly names: Members<string>;
  /** Of the second member. */
  readonly weight: number;
  readonly numItems: number;
  /** The first of them: those that the second member knows. */
  readonly numTrained: number;
}

/** What the manifest of a blend says of it. AppError 'damaged-snapshot'. */
export function storedBlend(snapshot: ModelSource): StoredBlend {
  const { id, manifest } = snapshot;
  const { name, parameters = {} } = manifest.model;
  const { name: second } = secondOf(snapshot);
  const weight = parameters[blendWeight];
  if (typeof weight !== 'number' || !(weight >= 0 && weight <= 1))
    throw damagedFile(
      id,
      snapshotFile.manifest,
      `its ${blendWeight} is ${JSON.stringify(weight ?? null)}, wanted a number from 0 to 1`,
    );
  const first = name.endsWith(`+${second}`) ? name.slice(0, -second.length - 1) : name;
  const { items: numItems } = manifest.inputs.interactions;
  return { names: { first, second }, weight, numItems, numTrained: numTrained(manifest) };
}

/** How the second member weighs histories. */
export function weightsOfSecond(snapshot: ModelSource): HistoryWeights {
  return weightsOf(snapshot, secondOf(snapshot));
}
