import type { IndexSection, Manifest } from './manifest.js';

/**
 * The index of the trained items, or null without one. Also where it is of a kind or an encoding that this version does
 * not know: the vectors that it was built from answer too, if more slowly.
 */
export function readableIndex({ index }: Pick<Manifest, 'index'>): IndexSection | null {
  if (index === null) return null;
  const { kind, encoding } = index.item;
  return kind === 'ivf' && encoding === 'f32' ? index.item : null;
}
