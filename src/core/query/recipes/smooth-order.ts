/** Directions of items, and a walk along which each is near the one before. Pure. */

/**
 * The order in which `rows` follow each other: first the one nearest to `start` (the first, where there is none), then
 * always the nearest of those that are left; at equal similarity the one that stands first. Cost: rows² similarities.
 * @param toStart similarity to where the walk starts, or undefined
 */
export function smoothOrder(
  rows: readonly number[],
  similarity: (row: number, other: number) => number,
  toStart: ((row: number) => number) | undefined,
): number[] {
  const left = [...rows];
  const walk: number[] = [];
  let like = toStart;
  while (left.length > 0) {
    let next = 0;
    if (like !== undefined) {
      let highest = like(left[0]!);
      for (let at = 1; at < left.length; at++) {
        const value = like(left[at]!);
        if (value > highest) [next, highest] = [at, value];
      }
    }
    const [row] = left.splice(next, 1);
    walk.push(row!);
    like = (other) => similarity(row!, other);
  }
  return walk;
}
