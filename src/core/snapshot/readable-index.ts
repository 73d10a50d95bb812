import type { IndexSection, Manifest } from './manifest.js';

/** How the lists of an index hold its rows: as they are, or as int8 codes. New ones are int8. */
export const indexEncoding = { f32: 'f32', int8: 'int8' } as const;

const readable: readonly string[] = Object.values(indexEncoding);

/**
 * The index of the trained items, or null without one. Also where it is of a kind or an encoding that this version does
 * not know: the vectors that it was built from answer too, if more slowly.
 */
export function readableIndex({ index }: Pick<Manifest, 'index'>): IndexSection | null {
  if (index === null) return null;
  const { kind, encoding } = index.item;
  return kind === 'ivf' && readable.includes(encoding) ? index.item : null;
}
