import type { StringColumn } from '../contracts.js';

type FindRow = (column: StringColumn, row: number) => number | undefined;

/**
 * A function that finds the row of another column's id among the first `numRows` of `ids`, comparing bytes. An
 * open-addressing table of rows takes 8 to 16 bytes an id, where a Map of strings takes a hundred, and no string is made.
 */
export function rowFinder(ids: StringColumn, numRows = ids.length): FindRow {
  return finderIn(ids, rowSlots(ids, new Int32Array(numSlots(numRows)), numRows));
}

/** How many a table of so many rows has. */
export function numSlots(numRows: number): number {
  return 2 ** Math.ceil(Math.log2(numRows * 2 + 1));
}

/** @param slots [numSlots] that become the table of a `finderIn` */
export function rowSlots(ids: StringColumn, slots: Int32Array, numRows = ids.length): Int32Array {
  const size = slots.fill(-1).length;
  for (let row = 0; row < numRows; row++) {
    let slot = hashRow(ids, row) & (size - 1);
    while ((slots[slot] ?? 0) >= 0) slot = (slot + 1) & (size - 1);
    slots[slot] = row;
  }
  return slots;
}

/** A `rowFinder` whose table is there. */
export function finderIn(ids: StringColumn, slots: Int32Array): FindRow {
  const last = slots.length - 1;
  return (column, row) => {
    for (let slot = hashRow(column, row) & last; ; slot = (slot + 1) & last) {
      const candidate = slots[slot] ?? -1;
      if (candidate < 0) return undefined;
      if (isSame(ids, candidate, column, row)) return candidate;
    }
  };
}

/** By row the first one of the same bytes. */
export function firstOfSame(strings: StringColumn): Int32Array {
  const first = new Int32Array(strings.length);
  const slots = new Int32Array(numSlots(strings.length)).fill(-1);
  for (let row = 0; row < first.length; row++) {
    let slot = hashRow(strings, row) & (slots.length - 1);
    while (slots[slot]! >= 0 && !isSame(strings, slots[slot]!, strings, row))
      slot = (slot + 1) & (slots.length - 1);
    if (slots[slot]! < 0) slots[slot] = row;
    first[row] = slots[slot]!;
  }
  return first;
}

/** FNV-1a of a row's bytes. */
function hashRow({ bytes, offsets }: StringColumn, row: number): number {
  let hash = 0x811c9dc5;
  const end = offsets[row + 1] ?? 0;
  for (let at = offsets[row] ?? 0; at < end; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  return hash ^ (hash >>> 15);
}

function isSame(a: StringColumn, aRow: number, b: StringColumn, bRow: number): boolean {
  const aStart = a.offsets[aRow] ?? 0;
  const bStart = b.offsets[bRow] ?? 0;
  const length = (a.offsets[aRow + 1] ?? 0) - aStart;
  if ((b.offsets[bRow + 1] ?? 0) - bStart !== length) return false;
  for (let at = 0; at < length; at++) {
    if (a.bytes[aStart + at] !== b.bytes[bStart + at]) return false;
  }
  return true;
}
