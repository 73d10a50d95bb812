/** A history in groups of different taste: spherical k-means over the directions of its items. Pure. */

export interface TasteItem {
  readonly row: number;
  /** How much it was listened to; above 0. */
  readonly weight: number;
  /** Of length 1. */
  readonly direction: Float32Array;
}

export interface TasteGroup {
  /** Positions in `items`, ascending. */
  readonly members: readonly number[];
  /** Sum of its members' weights. */
  readonly weight: number;
}

/** k-means hardly moves after so many rounds over some hundred items. */
const mostRounds = 30;

/**
 * At most `count` groups of at least `atLeast` items each, the heaviest first; equal ones by their first item. Fewer
 * where the items do not make so many; one of all items where there are fewer than 2 · atLeast. Every item is in one.
 *
 * Spherical k-means (Dhillon and Modha 2001) with the items weighted, from centres that are far apart: the heaviest item,
 * then always the item of largest weight × (1 − its largest similarity to a centre), which is k-means++ without chance. A
 * group that ends with too few items is given up, the smallest first, and its items go to the nearest centre that is left. All sums are in f64 in
 * the order of `items`.
 */
export function tasteGroups(items: readonly TasteItem[], count: number, atLeast: number): TasteGroup[] {
  const wanted = Math.max(1, Math.min(count, Math.floor(items.length / atLeast)));
  let centres = farApart(items, wanted);
  let assignment = assign(items, centres);
  for (;;) {
    for (let round = 0; round < mostRounds; round++) {
      centres = centres.map((centre, group) => middleOf(items, assignment, group) ?? centre);
      const next = assign(items, centres);
      const isSettled = next.every((group, at) => group === assignment[at]);
      assignment = next;
      if (isSettled) break;
    }
    const sizes = centres.map((_, group) => assignment.filter((of) => of === group).length);
    const smallest = sizes.reduce((least, size, group) => (size < sizes[least]! ? group : least), 0);
    if (centres.length <= 1 || sizes[smallest]! >= atLeast) break;
    centres = centres.filter((_, group) => group !== smallest);
    assignment = assign(items, centres);
  }
  return centres
    .map((_, group) => {
      const members = items.flatMap((__, at) => (assignment[at] === group ? [at] : []));
      return { members, weight: members.reduce((sum, at) => sum + items[at]!.weight, 0) };
    })
    .filter(({ members }) => members.length > 0)
    .sort((a, b) => b.weight - a.weight || a.members[0]! - b.members[0]!);
}

type Direction = Float32Array | Float64Array;

/** The cosine between two directions of length 1. */
export function cosine(a: Direction, b: Direction): number {
  let sum = 0;
  for (let f = 0; f < a.length; f++) sum += a[f]! * b[f]!;
  return sum;
}

function farApart(items: readonly TasteItem[], count: number): Direction[] {
  const nearest = new Float64Array(items.length).fill(-1);
  const centres: Direction[] = [];
  while (centres.length < count) {
    let next = 0;
    let highest = -Infinity;
    items.forEach(({ weight }, at) => {
      const worth = weight * (1 - nearest[at]!);
      if (worth > highest) [next, highest] = [at, worth];
    });
    const centre = items[next]?.direction;
    if (centre === undefined) break;
    centres.push(centre);
    items.forEach(({ direction }, at) => (nearest[at] = Math.max(nearest[at]!, cosine(centre, direction))));
  }
  return centres;
}

/** The nearest centre of every item, ties to the first. */
function assign(items: readonly TasteItem[], centres: readonly Direction[]): number[] {
  return items.map(({ direction }) => {
    let best = 0;
    let highest = -Infinity;
    centres.forEach((centre, group) => {
      const like = cosine(centre, direction);
      if (like > highest) [best, highest] = [group, like];
    });
    return best;
  });
}

/** The direction of the weighted sum of a group's items; undefined where it has none, or they point nowhere together. */
function middleOf(
  items: readonly TasteItem[],
  assignment: readonly number[],
  group: number,
): Float64Array | undefined {
  const sum = new Float64Array(items[0]?.direction.length ?? 0);
  items.forEach(({ weight, direction }, at) => {
    if (assignment[at] !== group) return;
    for (let f = 0; f < sum.length; f++) sum[f]! += weight * direction[f]!;
  });
  const length = Math.sqrt(sum.reduce((squares, x) => squares + x * x, 0));
  return length > 0 ? sum.map((x) => x / length) : undefined;
}
