/** λ, m and γ of a training: given, or by a rule of how many users items have, how many items users, and how dense the pairs are. */
import type { Transcendental } from '../../numeric/pair-weights.js';
import type { SparseRows } from '../../numeric/csr.js';
import type { GivenOptions } from '../model.js';
import type { SlimSettings } from './train-slim.js';

/** λ up to so many users an item, and below what it does not fall; items a user below which histories are short. */
const usualReg = 8;
const usersOfUsualReg = 20;
const leastReg = 2;
const itemsOfShort = 16;
const mostOfShort = 4;
const usualItemExponent = 0.15;
const [leastNeighbours, mostNeighbours] = [100, 200];
/** Histories of more items are long: then half of the least neighbours are as good, in half the time. */
const itemsOfLong = 40;

/**
 * With ū the mean number of users of an item, k̄ that of items of a user, and p the share of pairs that there are, of users
 * and items with any, and s = (16 / k̄)² between 1 and 4, how short histories are: λ = s · 8 (20 / ū)^1.5, the latter between
 * 2 and 8, as entries of the Gram matrix are the surer the more pairs they are made of; m = 180 ū √p between 100 (50 where
 * k̄ is above 40) and 200, to tens; γ = 0.15 (4 − s) / 3. From validation parts of ten sets of data (docs/reference/models.md#slim).
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
  const between = (least: number, most: number, value: number): number =>
    Math.max(least, Math.min(most, value));
  const fewer = (itemsOfShort * users) / idx.length;
  const short = between(1, mostOfShort, fewer * fewer);
  const regOfItems = usualReg * power(usersOfUsualReg / ofItem, 1.5);
  const least = idx.length > itemsOfLong * users ? leastNeighbours / 2 : leastNeighbours;
  const nearest = 10 * Math.round(18 * ofItem * Math.sqrt(ofItem / users));
  return {
    reg: typeof reg === 'number' ? reg : short * between(leastReg, usualReg, regOfItems),
    neighbours: typeof neighbours === 'number' ? neighbours : between(least, mostNeighbours, nearest),
    'item-exponent': (usualItemExponent * (mostOfShort - short)) / (mostOfShort - 1),
  };
}
