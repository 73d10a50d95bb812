/** λ and m of a training: given, or by a rule of how many users items have and how dense the pairs are. */
import type { Transcendental } from '../../numeric/pair-weights.js';
import type { SparseRows } from '../../numeric/csr.js';
import type { GivenOptions } from '../model.js';
import type { SlimSettings } from './train-slim.js';

/** λ up to so many users an item, and below what it does not fall; m likewise. */
const largestReg = 8;
const usersOfLargestReg = 20;
const leastReg = 2;
const [leastNeighbours, mostNeighbours] = [50, 200];

/**
 * With ū the mean number of users of an item and p the share of pairs that there are, of users and items with any:
 * λ = 8 (20 / ū)^1.5 between 2 and 8, as entries of the Gram matrix are the surer the more users they are made of; and
 * m = 180 ū √p between 50 and 200, to tens. From validation parts of four sets of data (docs/reference/models.md#slim).
 */
export function settingsOf(
  { numRows, indptr, idx }: SparseRows,
  numItems: number,
  { reg, neighbours }: GivenOptions,
  { power }: Pick<Transcendental, 'power'>,
): SlimSettings {
  const isTaken = new Uint8Array(numItems);
  for (const item of idx) isTaken[item] = 1;
  const items = isTaken.reduce((count, taken) => count + taken, 0);
  let users = 0;
  for (let u = 0; u < numRows; u++) if (indptr[u] !== indptr[u + 1]) users++;
  const ofItem = idx.length / items;
  const nearest = 10 * Math.round(18 * ofItem * Math.sqrt(ofItem / users));
  return {
    reg:
      typeof reg === 'number'
        ? reg
        : Math.max(leastReg, Math.min(largestReg, largestReg * power(usersOfLargestReg / ofItem, 1.5))),
    neighbours:
      typeof neighbours === 'number'
        ? neighbours
        : Math.max(leastNeighbours, Math.min(mostNeighbours, nearest)),
  };
}
