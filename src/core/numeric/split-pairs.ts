/** Parts of a set of pairs: by pair, and by user. */
import { preferred, type PairArrays } from './pairs.js';
import { sampleRows, seededRandom } from './random.js';

/** The pairs whose mark is `wanted`, of the same users and items. @param marks [nnz] */
export function pairsMarked(pairs: PairArrays, marks: Uint8Array, wanted: number): PairArrays {
  const { numUsers } = pairs;
  const kept = new Uint32Array(marks.reduce((count, mark) => count + (mark === wanted ? 1 : 0), 0));
  const indptr = new Uint32Array(numUsers + 1);
  let next = 0;
  for (let u = 0; u < numUsers; u++) {
    for (let p = pairs.indptr[u]; p < pairs.indptr[u + 1]; p++) if (marks[p] === wanted) kept[next++] = p;
    indptr[u + 1] = next;
  }
  return pairsAt(pairs, kept, indptr);
}

/** The pairs at `positions`, cut into users by `indptr`. */
export function pairsAt(pairs: PairArrays, positions: ArrayLike<number>, indptr: Uint32Array): PairArrays {
  const result = emptyPairs(indptr, pairs.numItems);
  for (let to = 0; to < positions.length; to++) {
    const from = positions[to];
    result.item[to] = pairs.item[from];
    result.weight[to] = pairs.weight[from];
    result.count[to] = pairs.count[from];
    result.lastAt[to] = pairs.lastAt[from];
    result.flags[to] = pairs.flags[from];
  }
  return result;
}

/** The pairs of the items 0 … end − 1; the same ones where there are no others. */
export function firstItemsOf(pairs: PairArrays, end: number): PairArrays {
  if (pairs.item.every((item) => item < end)) return pairs;
  return pairsMarked(
    pairs,
    Uint8Array.from(pairs.item, (item) => Number(item < end)),
    1,
  );
}

/** The pairs of users `from` … `to` − 1, who become users 0 …, over the same memory. */
export function usersOf(pairs: PairArrays, from: number, to: number): PairArrays {
  const first = pairs.indptr[from];
  const end = pairs.indptr[to];
  return {
    numUsers: to - from,
    numItems: pairs.numItems,
    indptr: pairs.indptr.subarray(from, to + 1).map((at) => at - first),
    item: pairs.item.subarray(first, end),
    weight: pairs.weight.subarray(first, end),
    count: pairs.count.subarray(first, end),
    lastAt: pairs.lastAt.subarray(first, end),
    flags: pairs.flags.subarray(first, end),
  };
}

/** The pairs of the users given, in their order, who become users 0 … */
export function usersAt(pairs: PairArrays, users: ArrayLike<number>): PairArrays {
  return gatherUsers(users, () => pairs, pairs.numItems);
}

/** User `at` of the result is the user users[at] of `from(at)`; all are of the same items. */
export function gatherUsers(
  users: ArrayLike<number>,
  from: (at: number) => PairArrays,
  numItems: number,
): PairArrays {
  const indptr = new Uint32Array(users.length + 1);
  for (let at = 0; at < users.length; at++) {
    const bounds = from(at).indptr;
    indptr[at + 1] = indptr[at] + bounds[users[at] + 1] - bounds[users[at]];
  }
  const result = emptyPairs(indptr, numItems);
  for (let at = 0; at < users.length; at++) {
    const pairs = from(at);
    const first = pairs.indptr[users[at]];
    const end = pairs.indptr[users[at] + 1];
    result.item.set(pairs.item.subarray(first, end), indptr[at]);
    result.weight.set(pairs.weight.subarray(first, end), indptr[at]);
    result.count.set(pairs.count.subarray(first, end), indptr[at]);
    result.lastAt.set(pairs.lastAt.subarray(first, end), indptr[at]);
    result.flags.set(pairs.flags.subarray(first, end), indptr[at]);
  }
  return result;
}

/** The pairs of several sets, of the same items, whose users follow each other. */
export function joinUsers(parts: readonly PairArrays[], numItems: number): PairArrays {
  if (parts.length === 1) return parts[0];
  const seen = joinSeen(parts);
  const count = new Uint32Array(seen.item.length);
  const lastAt = new BigInt64Array(seen.item.length);
  let at = 0;
  for (const part of parts) {
    count.set(part.count, at);
    lastAt.set(part.lastAt, at);
    at += part.item.length;
  }
  return { numUsers: seen.indptr.length - 1, numItems, ...seen, count, lastAt };
}

type SeenArrays = Pick<PairArrays, 'indptr' | 'item' | 'weight' | 'flags'>;

/** The same of what filters. */
export function joinSeen(parts: readonly SeenArrays[]): SeenArrays {
  if (parts.length === 1) return parts[0];
  const nnz = parts.reduce((sum, { item }) => sum + item.length, 0);
  const indptr = new Uint32Array(parts.reduce((sum, part) => sum + part.indptr.length - 1, 1));
  const item = new Uint32Array(nnz);
  const weight = new BigInt64Array(nnz);
  const flags = new Uint8Array(nnz);
  let [user, at] = [0, 0];
  for (const part of parts) {
    part.indptr.forEach((end, u) => (indptr[user + u] = at + end));
    item.set(part.item, at);
    weight.set(part.weight, at);
    flags.set(part.flags, at);
    user += part.indptr.length - 1;
    at += part.item.length;
  }
  return { indptr, item, weight, flags };
}

/** Of so many pairs a user, all zero as yet. */
export function emptyPairs(indptr: Uint32Array, numItems: number): PairArrays {
  const numUsers = indptr.length - 1;
  const nnz = indptr[numUsers];
  return {
    numUsers,
    numItems,
    indptr,
    item: new Uint32Array(nnz),
    weight: new BigInt64Array(nnz),
    count: new Uint32Array(nnz),
    lastAt: new BigInt64Array(nnz),
    flags: new Uint8Array(nnz),
  };
}

/** Whether a pair says that its user wants its item: a play or a like that weighs something. */
export function isWanted(pairs: Pick<PairArrays, 'weight' | 'flags'>, p: number): boolean {
  return pairs.weight[p] > 0n && (pairs.flags[p] & preferred) !== 0;
}

export interface HeldOut {
  /** What is trained on. */
  readonly train: PairArrays;
  /** What is measured against: liked or played pairs only. */
  readonly test: PairArrays;
}

/**
 * Holds out a random share of each user's liked or played pairs: every such pair with probability `fraction`, but
 * never a user's last one. Disliked and banned pairs are always trained on. The same split for the same pairs and seed.
 */
export function holdOut(pairs: PairArrays, fraction: number, seed: number): HeldOut {
  const random = seededRandom(seed);
  const held = new Uint8Array(pairs.item.length);
  for (let u = 0; u < pairs.numUsers; u++) {
    let left = 0;
    for (let p = pairs.indptr[u]; p < pairs.indptr[u + 1]; p++) left += isWanted(pairs, p) ? 1 : 0;
    for (let p = pairs.indptr[u]; p < pairs.indptr[u + 1]; p++) {
      if (!isWanted(pairs, p) || random.nextFraction() >= fraction || left === 1) continue;
      held[p] = 1;
      left--;
    }
  }
  return { train: pairsMarked(pairs, held, 0), test: pairsMarked(pairs, held, 1) };
}

/** Users who have held-out pairs, a seeded sample of `most` of them: what is left of each, and what is to be found. */
export function measuredUsers(
  { train, test }: HeldOut,
  most: number,
  seed: number,
): { readonly histories: PairArrays; readonly targets: PairArrays } {
  const withTargets: number[] = [];
  for (let u = 0; u < test.numUsers; u++) if (test.indptr[u + 1] > test.indptr[u]) withTargets.push(u);
  const chosen = Array.from(
    sampleRows(seededRandom(seed), most, withTargets.length),
    (index) => withTargets[index],
  );
  return { histories: usersAt(train, chosen), targets: usersAt(test, chosen) };
}
