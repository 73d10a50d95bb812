import type { IndexSection, Manifest } from './manifest.js';

/** How the lists of an index hold its rows: as int8 codes. Older versions wrote f32 vectors. */
export const indexEncoding = 'int8';

/**
 * The index of the trained items, or null without one. Also where it is of a kind or an encoding that this version does
 * not read: the vectors that it was built from answer too, if more slowly.
 */
export function readableIndex({ index }: Pick<Manifest, 'index'>): IndexSection | null {
  if (index === null) return null;
  const { kind, encoding } = index.item;
  return kind === 'ivf' && encoding === indexEncoding ? index.item : null;
}
