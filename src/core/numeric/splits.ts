/**
 * Which pairs are trained on and which are targets: marks, one a pair. Only pairs that their user wanted (plays and
 * likes with a weight) become targets; dislikes and bans stay in histories. Seeded: the same pairs and seed give the
 * same split.
 */
import { seededRandom, sampleRows, shuffled, type Random } from './random.js';
import type { PairArrays } from './pairs.js';
import { isWanted } from './split-pairs.js';

/** What becomes of a pair. */
export const mark = {
  /** Trained on, and part of its user's history. */
  train: 0,
  /** To be found. */
  target: 1,
  /** Part of its user's history, but not trained on: the user is new to the model. */
  fold: 2,
  /** Neither. */
  none: 3,
} as const;

export interface StrongSplit {
  /** [nnz] */
  readonly marks: Uint8Array;
  /** Users who were held out to be measured, of whom those with a target are. */
  readonly heldOutUsers: number;
  /** Pairs of theirs whose items no user who is trained on has: left out, as Liang et al. do. */
  readonly unknownPairs: number;
}

/**
 * Strong generalisation (Liang et al. 2018, §4.1, and the code beside it): `held` users for validation and as many for
 * test are drawn and not trained on. Of those that are measured, pairs of items that nobody trained on has are left
 * out; of what remains a random floor(share · n) are targets and the rest is folded in.
 * @param part which of the two is measured; the other is left out
 */
export function strongSplit(
  pairs: PairArrays,
  { held, share, part, seed }: { held: number; share: number; part: 'valid' | 'test'; seed: number },
): StrongSplit {
  const random = seededRandom(seed);
  const order = shuffled(pairs.numUsers, random);
  const firstValid = pairs.numUsers - 2 * held;
  const firstTest = pairs.numUsers - held;
  const marks = new Uint8Array(pairs.item.length).fill(mark.none);
  const known = new Uint8Array(pairs.numItems);
  for (let at = 0; at < firstValid; at++) {
    for (let p = pairs.indptr[order[at]]; p < pairs.indptr[order[at] + 1]; p++) {
      marks[p] = mark.train;
      known[pairs.item[p]] = 1;
    }
  }
  const measured =
    part === 'test' ? order.subarray(firstTest) : order.subarray(Math.max(0, firstValid), firstTest);
  let unknownPairs = 0;
  for (const u of measured) {
    for (let p = pairs.indptr[u]; p < pairs.indptr[u + 1]; p++) {
      if (known[pairs.item[p]] === 1) marks[p] = mark.fold;
      else unknownPairs++;
    }
    if (takeTargets(pairs, u, share, random, marks, mark.fold) === 0)
      marks.fill(mark.none, pairs.indptr[u], pairs.indptr[u + 1]);
  }
  return { marks, heldOutUsers: measured.length, unknownPairs };
}

/** A random floor(share · n) of each user's n wanted pairs are targets, never all of them. @returns marks [nnz] */
export function randomSplit(pairs: PairArrays, { share, seed }: { share: number; seed: number }): Uint8Array {
  const random = seededRandom(seed);
  const marks = new Uint8Array(pairs.item.length);
  for (let u = 0; u < pairs.numUsers; u++) takeTargets(pairs, u, share, random, marks, mark.train);
  return marks;
}

/** Makes a random floor(share · n) of the user's wanted pairs marked `from` targets; how many it made. */
function takeTargets(
  pairs: PairArrays,
  u: number,
  share: number,
  random: Random,
  marks: Uint8Array,
  from: number,
): number {
  const wanted: number[] = [];
  for (let p = pairs.indptr[u]; p < pairs.indptr[u + 1]; p++)
    if (marks[p] === from && isWanted(pairs, p)) wanted.push(p);
  const count = Math.min(wanted.length - 1, Math.floor(share * wanted.length));
  if (count < 1) return 0;
  for (const at of sampleRows(random, count, wanted.length)) marks[wanted[at]] = mark.target;
  return count;
}

/**
 * A random floor(share · n) of the n items that at least `leastUsers` want are held out with all their pairs. Their targets
 * are of users who have other items too, a random `mostUsers` of those at most.
 * @returns marks [nnz]; `cold`, the rows of the items in the order in which they were drawn; how many users could be measured
 */
export function coldSplit(
  pairs: PairArrays,
  { share, leastUsers, mostUsers, seed }: Record<'share' | 'leastUsers' | 'mostUsers' | 'seed', number>,
): { readonly marks: Uint8Array; readonly cold: Uint32Array; readonly numMeasurable: number } {
  const random = seededRandom(seed);
  const users = new Uint32Array(pairs.numItems);
  for (let p = 0; p < pairs.item.length; p++) if (isWanted(pairs, p)) users[pairs.item[p]]++;
  const eligible = Array.from(users.keys()).filter((i) => users[i] >= leastUsers);
  const order = shuffled(eligible.length, random);
  const cold = order.subarray(0, Math.floor(share * eligible.length)).map((at) => eligible[at]);
  const isCold = new Uint8Array(pairs.numItems);
  for (const i of cold) isCold[i] = 1;
  const marks = new Uint8Array(pairs.item.length);
  for (let p = 0; p < marks.length; p++)
    if (isCold[pairs.item[p]] === 1) marks[p] = isWanted(pairs, p) ? mark.target : mark.none;
  const measurable: Uint8Array[] = [];
  for (let u = 0; u < pairs.numUsers; u++) {
    const own = marks.subarray(pairs.indptr[u], pairs.indptr[u + 1]);
    if (own.includes(mark.target) && own.includes(mark.train)) measurable.push(own);
  }
  const measured = new Set(sampleRows(random, mostUsers, measurable.length));
  measurable.forEach((own, at) => {
    if (!measured.has(at)) own.forEach((is, p) => (own[p] = is === mark.target ? mark.none : is));
  });
  return { marks, cold, numMeasurable: measurable.length };
}

export interface LastOut {
  /** [nnz] */
  readonly marks: Uint8Array;
  /** Users whose last time several items share: one of them was drawn. */
  readonly tiedUsers: number;
}

/**
 * The wanted pair of each user whose latest event is the latest is the target, of users with at least two. Of several
 * with the same time one is drawn.
 * @param place [nnz] of a pair's latest event in the order of events, where that is known better than by time
 */
export function leaveLastOut(pairs: PairArrays, seed: number, place?: ArrayLike<number>): LastOut {
  const random = seededRandom(seed);
  const marks = new Uint8Array(pairs.item.length);
  let tiedUsers = 0;
  const isLater = (p: number, than: number): boolean =>
    place === undefined ? pairs.lastAt[p] > pairs.lastAt[than] : place[p] > place[than];
  for (let u = 0; u < pairs.numUsers; u++) {
    let latest: number[] = [];
    let wanted = 0;
    for (let p = pairs.indptr[u]; p < pairs.indptr[u + 1]; p++) {
      if (!isWanted(pairs, p)) continue;
      wanted++;
      if (latest.length === 0 || isLater(p, latest[0])) latest = [p];
      else if (!isLater(latest[0], p)) latest.push(p);
    }
    if (wanted < 2) continue;
    if (latest.length > 1) tiedUsers++;
    marks[latest.length > 1 ? latest[random.nextBelow(latest.length)] : latest[0]] = mark.target;
  }
  return { marks, tiedUsers };
}
