/**
 * How many items or users are compared by default: a fixed number, fewer where a catalogue is so large that
 * scanning it for each would take many seconds. Depends on sizes alone, so that the same snapshots give the same numbers.
 */

interface Sampling {
  /** How many where that is quickly done. */
  readonly count: number;
  /** Multiplications that may be spent at most, unless `least` takes more. */
  readonly products: number;
  readonly least: number;
}

/** About five seconds on one thread of a server's processor. Items are sampled twice: of the well known, and of all. */
export const sampledItems: Sampling = { count: 2000, products: 2 ** 35, least: 250 };
/** A quarter, since users are scanned for five times. */
export const sampledUsers: Sampling = { count: 500, products: 2 ** 33, least: 100 };

/** @param dim of the vectors; 0 where there are none */
export function sampleSize({ count, products, least }: Sampling, numItems: number, dim: number): number {
  const affordable = Math.floor(products / Math.max(1, numItems * Math.max(1, dim)));
  return Math.min(count, Math.max(least, affordable));
}
