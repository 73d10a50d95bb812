/** How a ranked list differs from another: what entered, left, and moved. */

export interface Ranked {
  readonly id: string;
  readonly rank: number;
}

export type Change =
  | { readonly kind: 'same' }
  /** By so many ranks, towards the top where positive. */
  | { readonly kind: 'moved'; readonly by: number }
  | { readonly kind: 'entered' }
  | { readonly kind: 'left' };

export interface ListDifference {
  /** Of what stands in the first list: same, moved or left. */
  readonly before: ReadonlyMap<string, Change>;
  /** Of what stands in the second list: same, moved or entered. */
  readonly after: ReadonlyMap<string, Change>;
  readonly both: number;
  readonly entered: number;
  readonly left: number;
  readonly rose: number;
  readonly fell: number;
}

/** Ids are distinct within each list. */
export function compareLists(first: readonly Ranked[], second: readonly Ranked[]): ListDifference {
  const rankBefore = new Map(first.map(({ id, rank }) => [id, rank]));
  const after = new Map<string, Change>();
  for (const { id, rank } of second) {
    const from = rankBefore.get(id);
    after.set(id, from === undefined ? { kind: 'entered' } : moved(from - rank));
  }
  const before = new Map<string, Change>(first.map(({ id }) => [id, after.get(id) ?? { kind: 'left' }]));
  const steps = [...after.values()].map((change) => (change.kind === 'moved' ? change.by : 0));
  const entered = [...after.values()].filter(({ kind }) => kind === 'entered').length;
  const both = second.length - entered;
  return {
    before,
    after,
    both,
    entered,
    left: first.length - both,
    rose: steps.filter((by) => by > 0).length,
    fell: steps.filter((by) => by < 0).length,
  };
}

function moved(by: number): Change {
  return by === 0 ? { kind: 'same' } : { kind: 'moved', by };
}

/** `14 of 20 in both · 6 entered · 6 left · 5 rose · 3 fell`. */
export function differenceInWords({
  both,
  entered,
  left,
  rose,
  fell,
  before,
  after,
}: ListDifference): string {
  if (both + entered + left === 0) return 'nothing in either';
  if (entered + left + rose + fell === 0) return `the same ${both}, in the same order`;
  const of = Math.max(before.size, after.size);
  return `${both} of ${of} in both · ${entered} entered · ${left} left · ${rose} rose · ${fell} fell`;
}
