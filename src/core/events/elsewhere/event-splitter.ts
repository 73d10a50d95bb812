/**
 * The events of some rows, split by their user into parts for other tasks to add up; and how many events each item has, split by
 * item. Which part an id belongs to is the same everywhere.
 */
import type { EventLayout } from '../event-of-record.js';
import { readEventBatch, type BadRow, type TextColumn } from './event-batch.js';
import { keptBy, type EventFilter } from '../event-filter.js';
import type { ParsedEvent } from '../event-rules.js';
import { bytesOf } from '../../files/npy.js';
import { withArtists, type Artists } from '../shared-titles.js';
import { GrowingIds } from './growing-ids.js';
import { stringsAt } from '../../tables/string-column.js';

/** Of what is held until it is handed on: events, and text of ids and of what is wrong with rows. */
const mostEvents = 1 << 20;
const mostTextBytes = 1 << 25;

/** What a splitter has to know. */
export interface Splitting {
  /** Which of the sources that are read. */
  readonly source: number;
  readonly layout: EventLayout;
  readonly filter: EventFilter;
  /** Into how many parts. */
  readonly parts: number;
}

/** What is said beside the items of a part. */
export interface EventNotes {
  readonly source: number;
  /** Events that count. */
  readonly rows: number;
  /** The JSON of BadRows, and how many rows are like it. */
  readonly bad: readonly (readonly [string, number])[];
  /** Of titles beside artists: the part's items, by their order in it, each with two of its artists. */
  readonly artists?: readonly (Artists | null)[];
}

/**
 * Blobs for parts, which say of consecutive ones what they are for: first parts of items (offsets, UTF-8, events u32, JSON of
 * EventNotes), then, by the number of parts more, parts of events (offsets and UTF-8 of users, of items; user and item of each event
 * u32, weight i64, time f64, type u8).
 */
export interface Split {
  readonly parts: readonly number[];
  readonly blobs: readonly Uint8Array[];
}

export class EventSplitter {
  readonly #numParts: number;
  readonly #source: number;
  readonly #layout: EventLayout;
  readonly #isKept: (event: ParsedEvent) => boolean;
  readonly #mostEvents: number;
  readonly #users = new GrowingIds();
  readonly #items = new GrowingIds();
  /** By item that is a title: the first and the last of its artists. */
  readonly #artists: Artists[] = [];
  readonly #user: Uint32Array;
  readonly #item: Uint32Array;
  readonly #weight: BigInt64Array;
  readonly #time: Float64Array;
  readonly #type: Uint8Array;
  #numEvents = 0;
  /** The JSON of BadRows, and how many rows are bad in that way. */
  readonly #bad = new GrowingIds();
  readonly #numBad: number[] = [];

  constructor({ source, layout, filter, parts }: Splitting, most = mostEvents) {
    this.#numParts = parts;
    this.#source = source;
    this.#layout = layout;
    this.#isKept = keptBy(filter);
    this.#mostEvents = most;
    this.#user = new Uint32Array(most);
    this.#item = new Uint32Array(most);
    this.#weight = new BigInt64Array(most);
    this.#time = new Float64Array(most);
    this.#type = new Uint8Array(most);
  }

  /** Takes the rows of a batch. What had to be handed on meanwhile, as of `take`. */
  add(columns: readonly TextColumn[]): Split {
    const parts: number[] = [];
    const blobs: Uint8Array[] = [];
    const handOn = (): void => {
      if (!this.#isFull()) return;
      const taken = this.take();
      // Of ten thousand parts there are more than a call takes arguments.
      for (const part of taken.parts) parts.push(part);
      for (const blob of taken.blobs) blobs.push(blob);
    };
    const sink = {
      event: (event: ParsedEvent, artist: string): void => {
        if (!this.#isKept(event)) return;
        this.#push(event, artist);
        handOn();
      },
      bad: (row: BadRow): void => {
        const index = this.#bad.indexOf(JSON.stringify(row));
        this.#numBad[index] = (this.#numBad[index] ?? 0) + 1;
        handOn();
      },
    };
    readEventBatch({ layout: this.#layout, columns }, sink);
    return { parts, blobs };
  }

  #push({ user, item, weight, time, type }: ParsedEvent, artist: string): void {
    const at = this.#numEvents++;
    const index = this.#items.indexOf(item);
    this.#user[at] = this.#users.indexOf(user);
    this.#item[at] = index;
    if (artist !== '') this.#artists[index] = withArtists(this.#artists[index], [artist, artist]);
    this.#weight[at] = weight;
    this.#time[at] = time;
    this.#type[at] = type;
  }

  #isFull(): boolean {
    return (
      this.#numEvents === this.#mostEvents ||
      this.#users.numBytes + this.#items.numBytes + this.#bad.numBytes >= mostTextBytes
    );
  }

  /** What is held, which it no longer is. */
  take(): Split {
    const parts: number[] = [];
    const blobs: Uint8Array[] = [];
    for (const [part, found] of this.#itemParts()) {
      parts.push(part);
      blobs.push(...found);
    }
    for (const [part, found] of this.#eventParts()) {
      parts.push(this.#numParts + part);
      blobs.push(...found);
    }
    this.#users.clear();
    this.#items.clear();
    this.#bad.clear();
    this.#numBad.length = 0;
    this.#artists.length = 0;
    this.#numEvents = 0;
    return { parts, blobs };
  }

  *#itemParts(): Generator<[number, Uint8Array[]]> {
    const events = new Uint32Array(this.#items.length);
    for (let at = 0; at < this.#numEvents; at++) events[this.#item[at]!]! += 1;
    const notes = this.#notes();
    const { starts, order } = placesByPart(partsOf(this.#items, this.#numParts), this.#numParts);
    for (let part = 0; part < this.#numParts; part++) {
      const own = order.subarray(starts[part], starts[part + 1]);
      const note = notes.get(part);
      if (own.length === 0 && note === undefined) continue;
      const counted = bytesOf(Uint32Array.from(own, (item) => events[item]!));
      const artists = Array.from(own, (item) => this.#artists[item] ?? null);
      const all = { source: this.#source, rows: 0, bad: [], ...note };
      const text = new TextEncoder().encode(
        JSON.stringify(this.#layout.titles === undefined ? all : { ...all, artists }),
      );
      yield [part, [...idBlobs(this.#items, own), counted, text]];
    }
  }

  /** Rows in the first part, and what is wrong with others in the part of what it says. */
  #notes(): ReadonlyMap<number, EventNotes> {
    const source = this.#source;
    const notes = new Map<number, EventNotes & { readonly bad: [string, number][] }>();
    if (this.#numEvents > 0) notes.set(0, { source, rows: this.#numEvents, bad: [] });
    const bad = this.#bad.column();
    for (const [index, rows] of this.#numBad.entries()) {
      const part = this.#bad.hashOf(index) % this.#numParts;
      const note = notes.get(part) ?? { source, rows: 0, bad: [] };
      note.bad.push([bad.at(index), rows]);
      notes.set(part, note);
    }
    return notes;
  }

  *#eventParts(): Generator<[number, Uint8Array[]]> {
    const parts = partsOf(this.#users, this.#numParts);
    const partOfEvent = new Uint32Array(this.#numEvents);
    for (let at = 0; at < partOfEvent.length; at++) partOfEvent[at] = parts[this.#user[at]!]!;
    const { starts, order } = placesByPart(partOfEvent, this.#numParts);
    const users = new Places(this.#users.length);
    const items = new Places(this.#items.length);
    for (let part = 0; part < this.#numParts; part++) {
      const own = order.subarray(starts[part], starts[part + 1]);
      if (own.length === 0) continue;
      users.begin();
      items.begin();
      const user = new Uint32Array(own.length);
      const item = new Uint32Array(own.length);
      const weight = new BigInt64Array(own.length);
      const time = new Float64Array(own.length);
      const type = new Uint8Array(own.length);
      for (let to = 0; to < own.length; to++) {
        const at = own[to]!;
        user[to] = users.of(this.#user[at]!);
        item[to] = items.of(this.#item[at]!);
        weight[to] = this.#weight[at]!;
        time[to] = this.#time[at]!;
        type[to] = this.#type[at]!;
      }
      const ids = [...idBlobs(this.#users, users.seen()), ...idBlobs(this.#items, items.seen())];
      yield [part, [...ids, ...[user, item, weight, time, type].map(bytesOf)]];
    }
  }
}

/** Numbers from 0, in the order in which what has them was seen since it began. */
class Places {
  readonly #place: Uint32Array;
  readonly #seen: Uint32Array;
  #numSeen = 0;

  constructor(length: number) {
    this.#place = new Uint32Array(length);
    this.#seen = new Uint32Array(length);
  }

  begin(): void {
    this.#numSeen = 0;
  }

  of(index: number): number {
    const place = this.#place[index]!;
    // A number of an earlier part stands for another index there, or for none.
    if (place < this.#numSeen && this.#seen[place] === index) return place;
    this.#seen[this.#numSeen] = index;
    this.#place[index] = this.#numSeen;
    return this.#numSeen++;
  }

  seen(): Uint32Array {
    return this.#seen.subarray(0, this.#numSeen);
  }
}

/** Places by their part, and where each part's begin. */
function placesByPart(
  parts: Uint32Array,
  numParts: number,
): { readonly starts: Uint32Array; readonly order: Uint32Array } {
  const { length } = parts;
  const starts = new Uint32Array(numParts + 1);
  for (let at = 0; at < length; at++) starts[parts[at]! + 1]! += 1;
  for (let part = 0; part < numParts; part++) starts[part + 1]! += starts[part]!;
  const next = starts.slice();
  const order = new Uint32Array(length);
  for (let at = 0; at < length; at++) order[next[parts[at]!]!++] = at;
  return { starts, order };
}

/** The part of each id. */
function partsOf(ids: GrowingIds, numParts: number): Uint32Array {
  const parts = new Uint32Array(ids.length);
  for (let index = 0; index < parts.length; index++) parts[index] = ids.hashOf(index) % numParts;
  return parts;
}

/** Offsets from 0, and UTF-8. */
function idBlobs(ids: GrowingIds, indices: Uint32Array): Uint8Array[] {
  const { offsets, bytes } = stringsAt(ids.column(), indices);
  return [offsets, bytes].map(bytesOf);
}
