/** What a choice among models is made on: some users with all their pairs, of which a tenth is held out. */
import type { Pairs } from '../../contracts.js';
import { renumberItems } from '../../histories/renumber-items.js';
import { seededRandom, sampleRows } from '../../numeric/random.js';
import { usersOfItems } from '../measured-split.js';
import { holdOut, isWanted, usersAt, type HeldOut } from '../../numeric/split-pairs.js';

const heldOutShare = 0.1;
/** Rows of the users of whom a pair can be held out, since they want two items at least. */
export function measurableUsers(pairs: Pairs): number[] {
  const rows: number[] = [];
  for (let u = 0; u < pairs.numUsers; u++) {
    let wanted = 0;
    for (let p = pairs.indptr[u] ?? 0; p < (pairs.indptr[u + 1] ?? 0); p++)
      wanted += isWanted(pairs, p) ? 1 : 0;
    if (wanted > 1) rows.push(u);
  }
  return rows;
}

/**
 * So many of these users, with the items of theirs that have as many users at least, in the order that all have. The same for the
 * same pairs and seed.
 */
export function sampleOfUsers(
  pairs: Pairs,
  users: readonly number[],
  count: number,
  leastItemUsers: number,
  seed: number,
): HeldOut {
  const chosen = sampleRows(seededRandom(seed), count, users.length);
  const own = usersAt(
    pairs,
    Array.from(chosen, (at) => users[at] ?? 0),
  );
  let numItems = 0;
  const rowOf = Int32Array.from(usersOfItems(own), (known) => (known < leastItemUsers ? -1 : numItems++));
  return holdOut(renumberItems(own, rowOf, numItems), heldOutShare, seed);
}
