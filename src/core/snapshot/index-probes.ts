import { wholeGap, type Probes } from '../search/ivf-index.js';
import type { IndexSection } from './manifest.js';

/** How much a search reads for the k nearest, as the index was measured. */
export function probesOf({ probes, regionGap, at100 }: IndexSection, k: number): Probes {
  const at10 = { gap: regionGap ?? wholeGap, lists: probes };
  if (at100 === undefined) return at10;
  return probesForK(at10, { gap: at100.regionGap, lists: at100.probes }, k);
}

/**
 * How much is read for the k nearest, where the same recall was measured with `at10` for ten and with `at100` for a hundred:
 * in a straight line between the two, and in proportion to k past a hundred.
 */
function probesForK(at10: Probes, at100: Probes, k: number): Probes {
  if (k <= 10) return at10;
  if (k > 100) return { gap: at100.gap, lists: Math.ceil((at100.lists * k) / 100) };
  const between = (a: number, b: number): number => a + ((b - a) * (k - 10)) / 90;
  return {
    gap: Math.max(at10.gap, at100.gap),
    lists: Math.max(at10.lists, Math.ceil(between(at10.lists, at100.lists))),
  };
}
