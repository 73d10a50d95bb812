import { EventSplitter, type EventNotes, type Split } from '#dist/core/events/elsewhere/event-splitter.js';
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
const columnsOf = (numRows: number): TextColumn[] => {
  const rows = Array.from({ length: numRows }, (_, row) => row);
  // As many columns as an event's cells can be in.
  const [users, items] = ['u', 'i'].map((side) => columnOf(rows.map((row) => `${side}${row}`)));
  return [
    users!,
    items!,
    columnOf(rows.map(() => '1')),
    columnOf(rows.map(() => '')),
    columnOf(rows.map(() => '')),
  ];
};

describe('events that are split', () => {
  it('are all handed on, into ten thousand parts too', () => {
    const [parts, numRows] = [10_000, 26_000];
    const splitter = new EventSplitter({ source: 0, layout, filter: {}, parts }, 25_000);
    const added = splitter.add(columnsOf(numRows));
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
    expect(rows).toBe(numRows);
    expect(users.size).toBe(numRows);
    expect(new Set(users.values()).size).toBeGreaterThan(9000);
  });

  it('leave no more than 32 MB of what is wrong in memory', () => {
    const lines: EventLayout = {
      ...{ ...layout, format: 'csv', dialect: { delimiter: ',', quote: '"' }, header: true },
      ...{ columns: { user: 0, item: 1 }, names: ['user', 'item'] },
    };
    const splitter = new EventSplitter({ source: 0, layout: lines, filter: {}, parts: 1 });
    const [numRows, megabyte] = [34, 1 << 20];
    /** Bytes of the notes that are handed on, and how many bad rows they count. */
    const notesOf = ({ blobs }: Split): [bytes: number, rows: number] => {
      const notes = blobs[3] ?? Buffer.from('{"bad":[]}');
      const { bad } = JSON.parse(Buffer.from(notes).toString()) as EventNotes;
      return [notes.length, bad.reduce((sum, [, rows]) => sum + rows, 0)];
    };
    const handedOn: [number, number][] = [];
    // Headers of other files: what is said of them is as long as they are.
    for (let row = 0; row < numRows; row++)
      handedOn.push(notesOf(splitter.add([columnOf([`track_id,user_id,${row}${'x'.repeat(megabyte)}`])])));
    handedOn.push(notesOf(splitter.take()));
    const full = handedOn.filter(([, rows]) => rows > 0);
    expect(full).toHaveLength(2);
    for (const [bytes] of full) expect(bytes).toBeLessThan(34 * megabyte);
    expect(full.reduce((sum, [, rows]) => sum + rows, 0)).toBe(numRows);
  });
});
