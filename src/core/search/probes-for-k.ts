import type { Probes } from './ivf-index.js';

/**
 * How much is read for the k nearest, where the same recall was measured with `at10` for ten and with `at100` for a hundred:
 * in a straight line between the two, and in proportion to k past a hundred.
 */
export function probesForK(at10: Probes, at100: Probes, k: number): Probes {
  if (k <= 10) return at10;
  if (k > 100) return { gap: at100.gap, lists: Math.ceil((at100.lists * k) / 100) };
  const between = (a: number, b: number): number => a + ((b - a) * (k - 10)) / 90;
  return {
    gap: Math.max(at10.gap, at100.gap),
    lists: Math.max(at10.lists, Math.ceil(between(at10.lists, at100.lists))),
  };
}
