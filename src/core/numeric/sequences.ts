/** Plays in order, user by user. */
import type { PairArrays, PlaySequences } from './pairs.js';

/**
 * The plays of those pairs that `keep` holds for, by their place p, in the order they are in; users and items numbered anew
 * where that is given. O(nnz + plays).
 * @param userBefore [new users] the row that each had before @param itemNow [numItems] the row that each has now
 */
export function pickPlays(
  { indptr, item, at }: PlaySequences,
  pairs: Pick<PairArrays, 'numUsers' | 'numItems' | 'indptr' | 'item'>,
  keep: (p: number) => boolean,
  userBefore?: Uint32Array,
  itemNow?: Int32Array,
): PlaySequences {
  const numUsers = userBefore?.length ?? pairs.numUsers;
  const kept = { indptr: new Uint32Array(numUsers + 1), item: new Uint32Array(item.length) };
  const keptAt = at === undefined ? undefined : new Float64Array(item.length);
  // By item: the last user, from 1, who has a pair with it that is kept.
  const keptFor = new Uint32Array(pairs.numItems);
  let length = 0;
  for (let u = 0; u < numUsers; u++) {
    const old = userBefore === undefined ? u : userBefore[u];
    for (let p = pairs.indptr[old]; p < pairs.indptr[old + 1]; p++)
      if (keep(p)) keptFor[pairs.item[p]] = u + 1;
    for (let e = indptr[old]; e < indptr[old + 1]; e++) {
      if (keptFor[item[e]] !== u + 1) continue;
      kept.item[length] = itemNow === undefined ? item[e] : itemNow[item[e]];
      if (keptAt !== undefined && at !== undefined) keptAt[length] = at[e];
      length++;
    }
    kept.indptr[u + 1] = length;
  }
  return { indptr: kept.indptr, item: kept.item.slice(0, length), at: keptAt?.slice(0, length) };
}

/** Sequences cut for training: [numSequences + 1] where each starts in `item`. */
export interface CutSequences {
  readonly offsets: Uint32Array;
  readonly item: Uint32Array;
}

/**
 * Sequences whose plays follow each other by at most `gapMs`, none longer than `longest`; of a single play none, as it has
 * no neighbours. Plays without a time are not cut by time.
 * @param noTime what stands for no time in `at`
 */
export function cutSequences(
  { indptr, item, at }: PlaySequences,
  gapMs: number,
  longest: number,
  noTime: number,
): CutSequences {
  const kept = new Uint32Array(item.length);
  const offsets = [0];
  let length = 0;
  const close = (from: number, to: number): void => {
    if (to - from < 2) return;
    kept.set(item.subarray(from, to), length);
    length += to - from;
    offsets.push(length);
  };
  for (let u = 0; u + 1 < indptr.length; u++) {
    let from = indptr[u];
    for (let e = from + 1; e < indptr[u + 1]; e++) {
      const isGap = at !== undefined && at[e - 1] !== noTime && at[e] - at[e - 1] > gapMs;
      if (!isGap && e - from < longest) continue;
      close(from, e);
      from = e;
    }
    close(from, indptr[u + 1]);
  }
  return { offsets: Uint32Array.from(offsets), item: kept.slice(0, length) };
}
