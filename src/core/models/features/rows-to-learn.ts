/** From which trained items a map is learned: those that have something in common with the new ones, and no more than say it. */
import type { SparseRows } from '../../numeric/csr.js';
import { featureRows, type ItemFeatures } from './item-features.js';

/** Items from which a value of a column is learned, and all values together, where so many have it (docs/internals/evaluation.md). */
const enough = { ofValue: 64, ofAll: 10_000 };

export interface RowsToLearn extends SparseRows {
  /** [numRows] the item of each. */
  readonly items: Uint32Array;
}

/**
 * Items are taken from row 0 on, the most played first, whose vectors are known best: each that has a feature of `wanted`
 * of which there are not enough. All are, where they have vectors from elsewhere, of which every number is needed.
 */
export function rowsToLearn(features: ItemFeatures, wanted: SparseRows, numTrained: number): RowsToLearn {
  const missing = new Uint32Array(features.features.length);
  for (const feature of wanted.idx) missing[feature] = enough.ofValue;
  const items: number[] = [];
  const { readers } = features;
  for (let item = 0; item < numTrained; item++) {
    let isTaken = items.length < enough.ofAll || features.vectors?.of(item) !== undefined;
    for (let r = 0; r < readers.length; r++) {
      const { codes, of, first } = readers[r]!;
      const code = codes[item]!;
      if (code < 0) continue;
      const known = of[code]!;
      for (let at = 0; at < known.length; at++) {
        const left = missing[first + known[at]!]!;
        if (left === 0) continue;
        missing[first + known[at]!] = left - 1;
        isTaken = true;
      }
    }
    if (isTaken) items.push(item);
  }
  return { ...featureRows(features, items), items: Uint32Array.from(items) };
}
