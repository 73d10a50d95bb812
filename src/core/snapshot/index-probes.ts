import { wholeGap, type Probes } from '../search/ivf-index.js';
import { probesForK } from '../search/probes-for-k.js';
import type { IndexSection } from './manifest.js';

/** How much a search reads for the k nearest, as the index was measured. */
export function probesOf({ probes, regionGap, at100 }: IndexSection, k: number): Probes {
  const at10 = { gap: regionGap ?? wholeGap, lists: probes };
  if (at100 === undefined) return at10;
  return probesForK(at10, { gap: at100.regionGap, lists: at100.probes }, k);
}
