/** From plays sorted by user and then as they followed each other to sequences. */
import type { Sequences } from '../contracts.js';
import { noTime, placeAsTime } from '../numeric/pairs.js';
import { pickPlays } from '../numeric/sequences.js';
import { isWanted } from '../numeric/split-pairs.js';
import { noTimeNumber } from './event-rules.js';
import type { CountedEvents } from './interactions-hash.js';

export class PlayFold {
  readonly #indptr: Uint32Array;
  readonly #item: Uint32Array;
  readonly #at: Float64Array;
  #length = 0;
  #hasTimes = false;

  /** @param numEvents the most that will be pushed; what is not written to is not taken from the machine */
  constructor(numUsers: number, numEvents: number) {
    this.#indptr = new Uint32Array(numUsers + 1);
    this.#item = new Uint32Array(numEvents);
    this.#at = new Float64Array(numEvents);
  }

  /** Some plays in order: [length] user rows, item rows, and ms or noTimeNumber. */
  push(length: number, user: Uint32Array, item: Uint32Array, time: Float64Array): void {
    this.#item.set(item.subarray(0, length), this.#length);
    this.#at.set(time.subarray(0, length), this.#length);
    this.#length += length;
    for (let e = 0; e < length; e++) {
      this.#indptr[user[e]! + 1]! += 1;
      if (time[e] !== noTimeNumber) this.#hasTimes = true;
    }
  }

  finish(): Sequences {
    const indptr = this.#indptr;
    const length = this.#length;
    for (let u = 1; u < indptr.length; u++) indptr[u]! += indptr[u - 1]!;
    return {
      indptr,
      item: this.#item.slice(0, length),
      at: this.#hasTimes ? this.#at.slice(0, length) : undefined,
    };
  }
}

/**
 * The events with the order of their plays, those of disliked pairs left out. Where no event has a time, a
 * pair's `lastAt` becomes the place of its latest play: what looks for what came later then finds it.
 */
export function withOrder(events: CountedEvents, plays: Sequences): CountedEvents {
  const sequences = pickPlays(plays, events.pairs, (p) => isWanted(events.pairs, p));
  if (events.lastAt !== null) return { ...events, sequences };
  const { pairs } = events;
  const { indptr, item } = sequences;
  const lastAt = new BigInt64Array(pairs.item.length).fill(noTime);
  const pairOf = new Uint32Array(pairs.numItems);
  for (let u = 0; u < pairs.numUsers; u++) {
    for (let p = pairs.indptr[u]!; p < pairs.indptr[u + 1]!; p++) pairOf[pairs.item[p]!] = p;
    for (let e = indptr[u]!; e < indptr[u + 1]!; e++) lastAt[pairOf[item[e]!]!] = placeAsTime(e - indptr[u]!);
  }
  return { ...events, pairs: { ...pairs, lastAt }, sequences };
}
