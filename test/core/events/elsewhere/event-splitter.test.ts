import { EventSplitter, type EventNotes } from '#dist/core/events/elsewhere/event-splitter.js';
import { idsIn, textIn, u32In } from '#dist/core/events/elsewhere/blob-arrays.js';
import type { EventLayout } from '#dist/core/events/event-of-record.js';
import { bytesOf } from '#dist/core/files/npy.js';
import { packStrings } from '#dist/core/tables/string-column.js';
import type { TextColumn } from '#dist/core/events/elsewhere/event-batch.js';
import { describe, expect, it } from 'vitest';

const layout: EventLayout = {
  ...{ columns: { user: 0, item: 1, weight: 2 }, joined: {}, weightOptional: false, decimalComma: false },
  ...{ format: 'parquet', names: ['user', 'item', 'weight'], types: [], header: false },
  ...{ file: { name: 'plays.parquet' }, isUnnumbered: true },
};
const columnOf = (texts: readonly string[]): TextColumn => {
  const { offsets, bytes } = packStrings(texts);
  return textIn(bytesOf(offsets), bytes);
};
const columnsOf = (numRows: number, weight = '1'): TextColumn[] => {
  const rows = Array.from({ length: numRows }, (_, row) => row);
  // As many columns as an event's cells can be in.
  const [users, items] = ['u', 'i'].map((side) => columnOf(rows.map((row) => `${side}${row}`)));
  return [
    users!,
    items!,
    columnOf(rows.map(() => weight)),
    columnOf(rows.map(() => '')),
    columnOf(rows.map(() => '')),
  ];
};

describe('events that are split', () => {
  it('are all handed on, into ten thousand parts too', () => {
    const parts = 10_000;
    const splitter = new EventSplitter({ source: 0, layout, filter: {}, parts }, 25_000);
    const added = splitter.add(columnsOf(60_000));
    let rows = 0;
    const users = new Map<string, number>();
    for (const split of [added, splitter.take()]) {
      const rest = split.blobs[Symbol.iterator]();
      const next = (): Uint8Array => rest.next().value!;
      for (const part of split.parts) {
        const blobs = Array.from({ length: part < parts ? 4 : 9 }, next);
        if (part < parts) rows += (JSON.parse(Buffer.from(blobs[3]!).toString()) as EventNotes).rows;
        else {
          const ids = idsIn(blobs[0], blobs[1]);
          for (const user of u32In(blobs[4])) users.set(ids.at(user), part);
        }
      }
      expect(rest.next().done).toBe(true);
    }
    expect(rows).toBe(60_000);
    expect(users.size).toBe(60_000);
    expect(new Set(users.values()).size).toBeGreaterThan(9900);
  });

  it('leave no more than 32 MB of what is wrong in memory', () => {
    const splitter = new EventSplitter({ source: 0, layout, filter: {}, parts: 1 });
    const rows = Array.from({ length: 1000 }, (_, row) => `${row}${'x'.repeat(90)}`);
    const [users, items, , times, types] = columnsOf(1000);
    let blobs = 0;
    for (let batch = 0; batch < 200; batch++) {
      const weights = columnOf(rows.map((row) => `${batch}.${row}`));
      blobs += splitter.add([users!, items!, weights, times!, types!]).blobs.length;
    }
    expect(blobs).toBeGreaterThan(0);
  });
});
