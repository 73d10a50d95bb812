/** Tenths of the targets by how popular their items are. */

/** Decile of an item that is nobody's target. */
export const noDecile = 255;

export interface TargetDeciles {
  /** [numItems] 0 (the most popular) … 9, or `noDecile`. */
  readonly ofItem: Uint8Array;
  /** The decile of targets that training never saw: the last there is. */
  readonly ofUnknown: number;
}

/**
 * Sorts the targets by the number of users that their items have in training, and cuts them into tenths, so that each
 * holds about as many targets as the others. Items with equally many users stay together, in the tenth that holds the
 * middle of them.
 * @param popularity [numItems] users of each item in training
 * @param targets item rows of all targets, in any order
 * @param numUnknown targets whose items training never saw: less popular than all others
 */
export function targetDeciles(
  popularity: Uint32Array,
  targets: Uint32Array,
  numUnknown: number,
): TargetDeciles {
  const most = popularity.reduce((max, users) => Math.max(max, users), 0);
  const targetsAt = new Float64Array(most + 1);
  for (const item of targets) targetsAt[popularity[item]]++;
  const total = targets.length + numUnknown;
  const decileAt = new Uint8Array(most + 1);
  let before = 0;
  for (let users = most; users >= 0; users--) {
    decileAt[users] = decileOf(before, targetsAt[users], total);
    before += targetsAt[users];
  }
  const ofItem = new Uint8Array(popularity.length).fill(noDecile);
  for (const item of targets) ofItem[item] = decileAt[popularity[item]];
  return { ofItem, ofUnknown: decileOf(before, numUnknown, total) };
}

/** The tenth that holds the middle of `count` targets after `before` others. */
function decileOf(before: number, count: number, total: number): number {
  return total === 0 ? 0 : Math.min(9, Math.floor((10 * (before + count / 2)) / total));
}
