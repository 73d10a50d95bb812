/** How mainstream and how broad a user listens, and where that stands among the users of the snapshot. */
import type { NonNegative, Pairs, Positive, Share } from '../../contracts.js';
import type { FeedbackOptions } from '../../feedback/follow-ledger.js';
import { isUnseen, preferred } from '../../numeric/pairs.js';
import { kindsOf, numRanked } from '../../snapshot/kinds.js';
import { readItemGroups, type ItemGroups } from '../item-groups.js';
import type { KnownUsers } from '../known-users.js';
import type { Recommender } from '../open-recommender.js';

/** Users whose numbers make the percentiles: all of them where there are no more. */
const mostCompared = 4096;
/** Histories that are read at a time. */
const readAtOnce = 512;

/** A number, and the share of the users compared with that have a lower one (half of those with the same), 0..1. */
export interface Placed {
  readonly value: NonNegative;
  readonly percentile: Share;
}

export interface Taste {
  /** Mean popularity of what they play: 0..1, the share of items that have fewer events. */
  readonly mainstream: Placed;
  /** Items in effect: as many, played equally often, would be as varied. */
  readonly items: Placed;
  /** The same of artists, where the snapshot has them. */
  readonly artists?: Placed;
  /** Users compared with. */
  readonly comparedUsers: Positive;
}

type Numbers = Readonly<Record<'mainstream' | 'items' | 'artists', number>>;

/** Reads the histories of up to 4096 users once, for the first query, and again for one that obeys the ledger otherwise. */
export class Tastes {
  readonly #recommender: Recommender;
  #known: { readonly obeying: string; readonly measure: Promise<Measure> } | undefined;

  constructor(recommender: Recommender) {
    this.#recommender = recommender;
  }

  /** null where they played nothing that they do not dislike, and where it is not known how often items were played. */
  async of(
    history: Pairs,
    users: KnownUsers,
    { feedback, skipWeight }: FeedbackOptions,
  ): Promise<Taste | null> {
    if (this.#recommender.snapshot.manifest.inputs.interactions.events === 0) return null;
    const obeying = JSON.stringify([feedback, skipWeight]);
    if (this.#known?.obeying !== obeying) {
      const measure = this.#measure(users).catch((error: unknown) => {
        // The next query tries again.
        this.#known = undefined;
        throw error;
      });
      this.#known = { obeying, measure };
    }
    const { numbersOf, columns, hasArtists } = await this.#known.measure;
    const own = numbersOf(history, 0);
    if (own === undefined) return null;
    const place = (name: keyof Numbers): Placed => ({
      value: own[name],
      percentile: percentileOf(own[name], columns[name]),
    });
    return {
      mainstream: place('mainstream'),
      items: place('items'),
      ...(hasArtists ? { artists: place('artists') } : {}),
      comparedUsers: columns.items.length,
    };
  }

  async #measure(users: KnownUsers): Promise<Measure> {
    const { snapshot } = this.#recommender;
    const kind = this.#recommender.kind();
    const { events } = await kind.popular();
    const popularity = popularityOf(events);
    const hasArtists = kindsOf(snapshot.manifest).some(({ name }) => name === 'artist');
    const artists = hasArtists
      ? readItemGroups(snapshot, 'artist', numRanked(snapshot, 'artist'))
      : undefined;
    const numbersOf = (pairs: Pairs, user: number): Numbers | undefined =>
      tasteNumbers(pairs, user, popularity, artists);
    const numUsers = users.numStored;
    const numCompared = Math.min(mostCompared, numUsers);
    // Evenly spaced, whatever the order of the rows is.
    const rows = Uint32Array.from({ length: numCompared }, (_, at) =>
      Math.floor((at * numUsers) / numCompared),
    );
    const all: Numbers[] = [];
    for (let from = 0; from < numCompared; from += readAtOnce) {
      const pairs = users.readMany(rows.subarray(from, from + readAtOnce));
      for (let user = 0; user < pairs.numUsers; user++) {
        const numbers = numbersOf(pairs, user);
        if (numbers !== undefined) all.push(numbers);
      }
    }
    const column = (name: keyof Numbers): Float64Array =>
      Float64Array.from(all, (numbers) => numbers[name]).sort();
    const columns = {
      mainstream: column('mainstream'),
      items: column('items'),
      artists: column('artists'),
    };
    return { numbersOf, columns, hasArtists };
  }
}

interface Measure {
  /** Of a row of pairs; undefined for a user who played nothing. */
  readonly numbersOf: (pairs: Pairs, user: number) => Numbers | undefined;
  /** The users compared with, ascending. */
  readonly columns: Readonly<Record<keyof Numbers, Float64Array>>;
  readonly hasArtists: boolean;
}

/** By row the share of items that have fewer events, and half of those with as many, itself among them. */
function popularityOf(events: Float32Array): Float64Array {
  const sorted = events.slice().sort();
  return Float64Array.from(events, (count) => percentileOf(count, sorted));
}

/** @param sorted ascending */
function percentileOf(value: number, sorted: Float32Array | Float64Array): number {
  const first = (isPast: (other: number) => boolean): number => {
    let [from, to] = [0, sorted.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (isPast(sorted[middle]!)) to = middle;
      else from = middle + 1;
    }
    return from;
  };
  const below = first((other) => other >= value);
  const upTo = first((other) => other > value);
  return sorted.length === 0 ? 0.5 : (below + upTo) / (2 * sorted.length);
}

/**
 * Over plays, with c events of an item and n in all: mainstream = Σ c·q / n, of the item's popularity q; in effect, 1 / Σ
 * (c / n)² items, the inverse of Simpson's index, and likewise of the sums of each artist.
 */
function tasteNumbers(
  { indptr, item, count, weight, flags }: Pairs,
  user: number,
  popularity: Float64Array,
  artists: ItemGroups | undefined,
): Numbers | undefined {
  let [plays, popular, squares] = [0, 0, 0];
  const byArtist = new Map<number, number>();
  for (let p = indptr[user]!; p < indptr[user + 1]!; p++) {
    if ((flags[p]! & preferred) === 0 || isUnseen(flags[p]!) || !(weight[p]! > 0n)) continue;
    const [row, events] = [item[p]!, count[p]!];
    plays += events;
    popular += events * popularity[row]!;
    squares += events * events;
    if (artists === undefined) continue;
    const group = artists.groupOf[row] ?? artists.numItems.length;
    if (group < artists.numItems.length) byArtist.set(group, (byArtist.get(group) ?? 0) + events);
  }
  if (plays === 0) return undefined;
  let [ofArtists, artistSquares] = [0, 0];
  for (const events of byArtist.values()) {
    ofArtists += events;
    artistSquares += events * events;
  }
  return {
    mainstream: popular / plays,
    items: (plays * plays) / squares,
    artists: ofArtists === 0 ? 0 : (ofArtists * ofArtists) / artistSquares,
  };
}
