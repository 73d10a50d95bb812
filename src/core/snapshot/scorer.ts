import { AppError } from '../errors.js';
import { damagedFile } from './damaged-file.js';
import { snapshotFile } from './layout.js';
import type { BlendSection, Manifest } from './manifest.js';

export interface WithManifest {
  readonly id: string;
  readonly manifest: Pick<Manifest, 'model'>;
}

const scorers = ['inner-product', 'item-item', 'sparse-item-item', 'constant', 'blend'] as const;
/** Those by an item × item matrix. */
const matrixScorers = ['item-item', 'sparse-item-item'] as const;
type MatrixScorer = (typeof matrixScorers)[number];
/** How a snapshot's model makes a score: what of model/ is read for it. */
export type StoredScorer = (typeof scorers)[number];

const folds = ['normal-equations', 'rotated-equations', 'mean', 'history', 'none'] as const;
/** How a history becomes what is scored with. */
export type StoredFold = (typeof folds)[number];

/** AppError 'newer-format' for a scorer that this version does not know. */
export function scorerOf(snapshot: WithManifest): StoredScorer {
  return knownOne(snapshot, 'scorer', scorers);
}

/** AppError 'newer-format' for a fold that this version does not know. */
export function foldOf(snapshot: WithManifest): StoredFold {
  return knownOne(snapshot, 'fold', folds);
}

/**
 * Names say what is computed from the files, whichever algorithmVersion trained them: whoever changes what one of them
 * means gives it another name.
 */
function knownOne<T extends string>(
  { id, manifest }: WithManifest,
  what: 'scorer' | 'fold',
  known: readonly T[],
): T {
  const { name, [what]: wanted } = manifest.model;
  return requireKnown({ id, name }, what, wanted, known);
}

function requireKnown<T extends string>(
  { id, name }: { readonly id: string; readonly name: string },
  what: 'scorer' | 'fold',
  wanted: string,
  known: readonly T[],
): T {
  const found = known.find((one) => one === wanted);
  if (found !== undefined) return found;
  throw new AppError(
    'newer-format',
    `snapshot ${id}: the ${what} of its model ${name} is "${wanted}"; this segue knows ${known.join(', ')}`,
    {
      suggestions: ['use the version of segue that made the snapshot, or a later one'],
      details: { snapshot: id, model: name, [what]: wanted },
    },
  );
}

/** The second member of a blend. AppErrors 'damaged-snapshot' where there is none, 'newer-format' for one with a scorer that this version does not know. */
export function secondOf({ id, manifest }: WithManifest): BlendSection & { readonly scorer: MatrixScorer } {
  const { name, blend } = manifest.model;
  if (blend === undefined)
    throw damagedFile(id, snapshotFile.manifest, `the model ${name} is a blend, and "blend" is missing`);
  return { ...blend, scorer: requireKnown({ id, name: blend.name }, 'scorer', blend.scorer, matrixScorers) };
}

/** Whether items and users have vectors: whether scores are inner products, or those of a blend whose first member's are. */
export function hasVectors(snapshot: WithManifest): boolean {
  const scorer = scorerOf(snapshot);
  return scorer === 'inner-product' || scorer === 'blend';
}

/** What to type for a model that every query can be asked of: where none is named, one with vectors is chosen. */
export const trainWithVectors = 'segue train EVENTS…, which chooses a model with vectors';

/** AppError 'missing-part' where the model has no vectors. `wanted` is what there cannot be. */
export function requireVectors(snapshot: WithManifest, wanted: string): void {
  if (hasVectors(snapshot)) return;
  const scorer = scorerOf(snapshot);
  const { id, manifest } = snapshot;
  const { name } = manifest.model;
  throw new AppError(
    'missing-part',
    `snapshot ${id} is of the model ${name}, which has no vectors: ${wanted}`,
    {
      suggestions: [
        'segue recommend, which needs none',
        ...(scorer !== 'constant' ? ['segue similar, which reads the matrix itself'] : []),
        trainWithVectors,
      ],
      details: { snapshot: id, model: name, scorer },
    },
  );
}

/** AppError 'missing-part' where the model gives every user the same items, whatever their history. */
export function requireNeighbours(snapshot: WithManifest): void {
  const scorer = scorerOf(snapshot);
  if (scorer !== 'constant') return;
  const { id, manifest } = snapshot;
  const { name } = manifest.model;
  throw new AppError(
    'missing-part',
    `snapshot ${id} is of the model ${name}, which scores every item by itself: no item is near to another`,
    {
      suggestions: ['segue recommend, which lists the items by their score', trainWithVectors],
      details: { snapshot: id, model: name, scorer },
    },
  );
}
