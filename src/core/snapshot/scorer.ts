import { AppError } from '../errors.js';
import type { Manifest } from './manifest.js';

interface Described {
  readonly id: string;
  readonly manifest: Pick<Manifest, 'model'>;
}

/** Whether items and users have vectors: whether scores are inner products. */
export function hasVectors({ manifest }: Pick<Described, 'manifest'>): boolean {
  const { scorer } = manifest.model;
  return scorer !== 'item-item' && scorer !== 'constant';
}

/** AppError 'missing-part' where the model has no vectors. `wanted` is what there cannot be. */
export function requireVectors(snapshot: Described, wanted: string): void {
  if (hasVectors(snapshot)) return;
  const { id, manifest } = snapshot;
  const { name, scorer } = manifest.model;
  throw new AppError(
    'missing-part',
    `snapshot ${id} is of the model ${name}, which has no vectors: ${wanted}`,
    {
      suggestions: [
        'segue recommend, which needs none',
        ...(scorer === 'item-item' ? ['segue similar, which reads the matrix itself'] : []),
        'segue train --model als, for a vector of every item and user',
      ],
      details: { snapshot: id, model: name, scorer },
    },
  );
}

/** AppError 'missing-part' where the model gives every user the same items, whatever they have heard. */
export function requireNeighbours({ id, manifest }: Described): void {
  const { name, scorer } = manifest.model;
  if (scorer !== 'constant') return;
  throw new AppError(
    'missing-part',
    `snapshot ${id} is of the model ${name}, which scores every item by itself: no item is near to another`,
    {
      suggestions: [
        'segue recommend, which lists the items by their score',
        'segue train --model als or --model ease, whose items have neighbours',
      ],
      details: { snapshot: id, model: name, scorer },
    },
  );
}
