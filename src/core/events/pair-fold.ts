/**
 * From events sorted by (user row, item row) to pairs: one pass that adds up what stands together. Sums are int64, kept as two
 * 32-bit words, since a BigInt for every event would cost more than all the rest.
 */
import { AppError, isOutOfMemory, machineError } from '../errors.js';
import type { Pairs } from '../contracts.js';
import { banned, noTime, preferred, weightUnits } from '../numeric/pairs.js';
import { ban, dislike, like, noTimeNumber } from './event-rules.js';

/** Some events in order. Columns that no file has are undefined: an event weighs 1, has no time, is a play. */
export interface EventRun {
  readonly length: number;
  /** [length] user and item rows. */
  readonly user: Uint32Array;
  readonly item: Uint32Array;
  /** [2 × length] int64 units of 1e-9 as words: low, high. */
  readonly weight: Uint32Array | undefined;
  /** [length] ms, or noTimeNumber. */
  readonly time: Float64Array | undefined;
  /** [length] event type. */
  readonly type: Uint8Array | undefined;
}

export interface FoldedPairs {
  readonly pairs: Pairs;
  /** Times of the first and the latest event that has one; null where none has. */
  readonly firstAt: bigint | null;
  readonly lastAt: bigint | null;
  /** Events that have no time. */
  readonly numUntimed: number;
}

const two32 = 2 ** 32;
/** More would not fit the counts of pairs. */
const maxEvents = two32 - 1;

/** AppError 'too-large' */
export function requireCountable(numEvents: number): void {
  if (numEvents <= maxEvents) return;
  const message = `${numEvents} events are more than the ${maxEvents} that can be counted`;
  throw new AppError('too-large', message);
}

const noEvent = -Infinity;

export class PairFold {
  readonly #numUsers: number;
  readonly #numItems: number;
  readonly #indptr: Uint32Array;
  readonly #item: Uint32Array;
  readonly #count: Uint32Array;
  readonly #weight: Uint32Array | undefined;
  readonly #last: Float64Array | undefined;
  readonly #flags: Uint8Array | undefined;
  #nnz = 0;
  #firstAt = Infinity;
  #latestAt = noEvent;
  #numEvents = 0;
  #numTimed = 0;
  // Of the pair that is being added up: when it was last liked and disliked.
  #likedAt = noEvent;
  #dislikedAt = noEvent;
  #user = -1;

  /**
   * Memory is asked for all events at once; what is not written to is not taken from the machine. AppError 'too-large'
   * where it is not to be had.
   */
  constructor(
    numUsers: number,
    numItems: number,
    numEvents: number,
    columns: { readonly weight: boolean; readonly time: boolean; readonly type: boolean },
  ) {
    this.#numUsers = numUsers;
    this.#numItems = numItems;
    try {
      // The longest first: where it cannot be, nothing was taken. (A process with more mapped than the machine has cannot fork.)
      this.#weight = columns.weight ? new Uint32Array(2 * numEvents) : undefined;
      this.#indptr = new Uint32Array(numUsers + 1);
      this.#item = new Uint32Array(numEvents);
      this.#count = new Uint32Array(numEvents);
      this.#last = columns.time ? new Float64Array(numEvents) : undefined;
      this.#flags = columns.type ? new Uint8Array(numEvents) : undefined;
    } catch (error) {
      if (isOutOfMemory(error)) throw machineError(error, `add up ${numEvents} events`);
      // A RangeError: an array longer than the runtime makes them.
      throw new AppError('too-large', `${numEvents} events are more than can be added up`, {
        suggestions: [
          'Add up repeated events of a user and an item beforehand, and give the sum as the weight.',
        ],
        details: { events: numEvents },
        cause: error,
      });
    }
  }

  /** Throws AppError 'too-large' where a pair's weights add up to more than int64 holds. */
  push({ length, user, item: items, weight, time, type }: EventRun): void {
    const indptr = this.#indptr;
    const item = this.#item;
    const count = this.#count;
    const sums = this.#weight;
    const last = this.#last;
    const flags = this.#flags;
    let at = this.#nnz - 1;
    for (let e = 0; e < length; e++) {
      const i = items[e]!;
      const u = user[e]!;
      if (u !== this.#user || i !== item[at]) {
        if (flags !== undefined) this.#settlePreference(at);
        at += 1;
        this.#user = u;
        item[at] = i;
        indptr[u + 1]! += 1;
        if (last !== undefined) last[at] = noTimeNumber;
      }
      count[at]! += 1;
      if (sums !== undefined && weight !== undefined) {
        const low = sums[2 * at]! + weight[2 * e]!;
        const high = sums[2 * at + 1]! + weight[2 * e + 1]! + (low >= two32 ? 1 : 0);
        if (high >= two32 / 2) throw sumTooLarge();
        sums[2 * at] = low;
        sums[2 * at + 1] = high;
      }
      let t = noTimeNumber;
      if (last !== undefined && time !== undefined) {
        t = time[e]!;
        if (t > last[at]!) last[at] = t;
        if (t !== noTimeNumber) {
          this.#numTimed += 1;
          if (t < this.#firstAt) this.#firstAt = t;
          if (t > this.#latestAt) this.#latestAt = t;
        }
      }
      if (flags !== undefined && type !== undefined) {
        const kind = type[e];
        if (kind === ban) flags[at]! |= banned;
        else if (kind === like) this.#likedAt = Math.max(this.#likedAt, t);
        else if (kind === dislike) this.#dislikedAt = Math.max(this.#dislikedAt, t);
      }
    }
    this.#nnz = at + 1;
    this.#numEvents += length;
  }

  /** The pairs. Nothing may be pushed afterwards. */
  finish(): FoldedPairs {
    const nnz = this.#nnz;
    const indptr = this.#indptr;
    const numUsers = this.#numUsers;
    if (this.#flags !== undefined) this.#settlePreference(nnz - 1);
    for (let u = 0; u < numUsers; u++) indptr[u + 1]! += indptr[u]!;
    const count = used(this.#count, nnz);
    const sums = this.#weight === undefined ? plainWeights(count) : new BigInt64Array(this.#weight.buffer);
    const hasTimes = this.#last !== undefined && this.#latestAt !== noEvent;
    return {
      pairs: {
        numUsers,
        numItems: this.#numItems,
        indptr,
        item: used(this.#item, nnz),
        weight: used(sums, nnz),
        count,
        lastAt: hasTimes ? used(toWholeNumbers(this.#last, nnz), nnz) : new BigInt64Array(nnz).fill(noTime),
        flags: this.#flags === undefined ? new Uint8Array(nnz).fill(preferred) : used(this.#flags, nnz),
      },
      firstAt: hasTimes ? BigInt(this.#firstAt) : null,
      lastAt: hasTimes ? BigInt(this.#latestAt) : null,
      numUntimed: this.#numEvents - this.#numTimed,
    };
  }

  /** The latest like or dislike decides; of equal times the dislike; without either, it is preferred. */
  #settlePreference(at: number): void {
    if (at < 0) return;
    if (this.#dislikedAt === noEvent || this.#dislikedAt < this.#likedAt) this.#flags![at]! |= preferred;
    this.#likedAt = noEvent;
    this.#dislikedAt = noEvent;
  }
}

function sumTooLarge(): AppError {
  return new AppError(
    'too-large',
    'the weights of one user and item add up to more than 9223372036.854775807',
    {
      suggestions: ['Give the weights in a larger unit, such as hours for milliseconds.'],
    },
  );
}

/** Weights where every event weighs 1; a count is below 2³², so the product fits. */
function plainWeights(count: Uint32Array): BigInt64Array {
  const weight = new BigInt64Array(count.length);
  const words = new Uint32Array(weight.buffer);
  const unit = Number(weightUnits);
  for (let p = 0; p < count.length; p++) {
    // count · 10⁹ < 2⁶² is split so that every product stays below 2⁵³.
    const lowPart = (count[p]! & 0xffff) * unit;
    const highPart = (count[p]! >>> 16) * unit;
    const middle = highPart % 65536;
    const low = lowPart + middle * 65536;
    words[2 * p] = low % two32;
    words[2 * p + 1] = Math.floor(highPart / 65536) + Math.floor(low / two32);
  }
  return weight;
}

/** The first `length` numbers, whole ones or −2⁶³, become int64 where they stand. */
function toWholeNumbers(values: Float64Array, length: number): BigInt64Array {
  const words = new Int32Array(values.buffer);
  for (let p = 0; p < length; p++) {
    const value = values[p]!;
    const high = Math.floor(value / two32);
    words[2 * p] = value - high * two32;
    words[2 * p + 1] = high;
  }
  return new BigInt64Array(values.buffer);
}

/** The first `length` entries: a view where most are used, for a copy would need the memory twice. */
function used<T extends Uint8Array | Uint32Array | BigInt64Array>(array: T, length: number): T {
  return (length < array.length / 4 ? array.slice(0, length) : array.subarray(0, length)) as T;
}
