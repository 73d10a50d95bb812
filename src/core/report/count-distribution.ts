/** How events are spread over items, or over users: the long tail in a few hundred numbers, however many there are. */

export interface CountBin {
  /** Counts from … up to, but not, `to`. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

export interface CountDistribution {
  /** Items or users, those without events left out. */
  readonly entries: number;
  readonly withoutEvents: number;
  readonly events: number;
  readonly most: number;
  readonly median: number;
  /** 0: all have the same, towards 1: one has everything. */
  readonly gini: number;
  /** The share of events that the most active hundredth, tenth and fifth have. */
  readonly top: readonly { readonly share: number; readonly ofEvents: number }[];
  /** The count at a rank, 1 the largest; at most about 80 ranks, evenly on a logarithmic axis. */
  readonly ranked: readonly (readonly [rank: number, count: number])[];
  /** From the least active on: which share of them has which share of the events. */
  readonly lorenz: readonly (readonly [ofEntries: number, ofEvents: number])[];
  /** By powers of two. */
  readonly bins: readonly CountBin[];
}

const topShares = [0.01, 0.1, 0.2];
const lorenzPoints = 50;
/** From a rank to the next that is shown, once they are many. */
const rankGrowth = 1.12;

/** undefined where nothing has an event. Cost: a sort. @param counts [n] events of each */
export function countDistribution(counts: Uint32Array): CountDistribution | undefined {
  const ascending = counts.filter((count) => count > 0).sort();
  const n = ascending.length;
  if (n === 0) return undefined;
  /** The events of those up to a place. */
  const sums = new Float64Array(n + 1);
  let weighted = 0;
  ascending.forEach((count, at) => {
    sums[at + 1] = sums[at]! + count;
    weighted += (at + 1) * count;
  });
  const events = sums[n]!;
  return {
    entries: n,
    withoutEvents: counts.length - n,
    events,
    most: ascending[n - 1]!,
    median: (ascending[(n - 1) >> 1]! + ascending[n >> 1]!) / 2,
    // Of a list of one it is 0, and never below for what is added up inexactly.
    gini: Math.max(0, (2 * weighted) / (n * events) - (n + 1) / n),
    top: topShares.map((share) => {
      const those = Math.max(1, Math.round(share * n));
      return { share, ofEvents: (events - sums[n - those]!) / events };
    }),
    ranked: shownRanks(n).map((rank) => [rank, ascending[n - rank]!] as const),
    lorenz: Array.from({ length: lorenzPoints + 1 }, (_, at) => {
      const those = Math.round((at * n) / lorenzPoints);
      return [those / n, sums[those]! / events] as const;
    }),
    bins: binsOf(ascending),
  };
}

function shownRanks(n: number): number[] {
  const ranks: number[] = [];
  for (let rank = 1; rank < n; rank = Math.max(rank + 1, Math.round(rank * rankGrowth))) ranks.push(rank);
  return [...ranks, n];
}

function binsOf(ascending: Uint32Array): CountBin[] {
  const counts = new Map<number, number>();
  for (const count of ascending) {
    const power = 31 - Math.clz32(count);
    counts.set(power, (counts.get(power) ?? 0) + 1);
  }
  const [first, last] = [Math.min(...counts.keys()), Math.max(...counts.keys())];
  return Array.from({ length: last - first + 1 }, (_, at) => ({
    from: 2 ** (first + at),
    to: 2 ** (first + at + 1),
    count: counts.get(first + at) ?? 0,
  }));
}
