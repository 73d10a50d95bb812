/**
 * A map of a catalogue: where each item lies in a picture whose near points are items that are alike. It stands in memory, on
 * disk and in an answer of the service as the same bytes; docs/reference/map.md has the layout. Nothing of Node is used, so that a page
 * can read it too.
 */

/** Colour classes that there are at most: as many as a reader tells apart. */
export const mostGroups = 8;
/** The group of an item that has no place: its vector is zero. */
export const noGroup = 255;
/** Coordinates and popularity are whole numbers of 0 to these. */
export const mostPlace = 65_535;
export const mostPopularity = 255;

/** Raised whenever a map of the same snapshot would have other bytes: kept ones are then made anew. */
const version = 1;
const magic = 'SEGUEMAP';
const headBytes = 16;
const bytesOfItem = 6;

/** By item row, each [numItems]; what is in it is not written after it was made. */
export interface CatalogueMap {
  readonly numItems: number;
  /** From left to right, and from the bottom up, both on one scale; 0 of an item that has no place. */
  readonly x: Uint16Array;
  readonly y: Uint16Array;
  /** ln(1 + events), the most played item's being 255. */
  readonly popularity: Uint8Array;
  /** 0 … mostGroups − 1, the group of the most played item being 0; or `noGroup`. */
  readonly group: Uint8Array;
}

/** One without any item in its place. */
export function emptyMap(numItems: number): CatalogueMap {
  return {
    numItems,
    x: new Uint16Array(numItems),
    y: new Uint16Array(numItems),
    popularity: new Uint8Array(numItems),
    group: new Uint8Array(numItems).fill(noGroup),
  };
}

/** Its bytes: a head of 16, then 6 an item. */
export function encodeMap({ numItems, x, y, popularity, group }: CatalogueMap): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(headBytes + bytesOfItem * numItems);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < magic.length; at++) bytes[at] = magic.charCodeAt(at);
  view.setUint32(8, version, true);
  view.setUint32(12, numItems, true);
  for (let row = 0; row < numItems; row++) {
    view.setUint16(headBytes + 2 * row, x[row]!, true);
    view.setUint16(headBytes + 2 * (numItems + row), y[row]!, true);
  }
  bytes.set(popularity, headBytes + 4 * numItems);
  bytes.set(group, headBytes + 5 * numItems);
  return bytes;
}

/** The map in these bytes, or undefined where they are not one of this version. */
export function decodeMap(bytes: Uint8Array): CatalogueMap | undefined {
  if (bytes.length < headBytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const numItems = view.getUint32(12, true);
  const isOurs = Array.from(magic).every((letter, at) => letter.charCodeAt(0) === bytes[at]);
  if (!isOurs || view.getUint32(8, true) !== version) return undefined;
  if (bytes.length !== headBytes + bytesOfItem * numItems) return undefined;
  const numbers = (from: number): Uint16Array =>
    Uint16Array.from({ length: numItems }, (_, row) => view.getUint16(from + 2 * row, true));
  return {
    numItems,
    x: numbers(headBytes),
    y: numbers(headBytes + 2 * numItems),
    popularity: bytes.slice(headBytes + 4 * numItems, headBytes + 5 * numItems),
    group: bytes.slice(headBytes + 5 * numItems),
  };
}
