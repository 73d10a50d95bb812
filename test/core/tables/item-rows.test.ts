import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ItemTable } from '#dist/core/contracts.js';
import { itemRows } from '#dist/core/tables/item-rows.js';
import { packStrings } from '#dist/core/tables/string-column.js';

const all = (column: { length: number; at(row: number): string }) =>
  Array.from({ length: column.length }, (_, row) => column.at(row));

const tableOf = (ids: readonly string[]): ItemTable => ({
  ids: packStrings(ids),
  columns: [
    { name: 'name', type: 'text', values: ids.map((id) => (id.length % 3 === 0 ? null : `name of ${id}`)) },
    { name: 'place', type: 'int', values: ids.map((_, row) => row) },
  ],
  sha256: '',
});

test('items of the model keep their rows, the rest of the catalogue follows in its order', () => {
  const { ids, counts, columns } = itemRows(
    packStrings(['c', 'a', 'unknown']),
    Uint32Array.of(9, 5, 1),
    tableOf(['a', 'b', 'c', 'ddd']),
  );
  expect(all(ids)).toEqual(['c', 'a', 'unknown', 'b', 'ddd']);
  expect([...counts]).toEqual([9, 5, 1, 0, 0]);
  expect(columns).toEqual([
    { name: 'name', type: 'text', values: ['name of c', 'name of a', null, 'name of b', null] },
    { name: 'place', type: 'int', values: [2, 0, null, 1, 3] },
  ]);
});

test('without a catalogue the model is all there is', () => {
  const ids = packStrings(['a']);
  expect(itemRows(ids, Uint32Array.of(1))).toEqual({ ids, counts: Uint32Array.of(1), columns: [] });
});

test('the join is that of a map, whatever the ids', () => {
  const id = fc.oneof(
    fc.constantFrom('__proto__', '', 'ab', 'ba', '😀'),
    fc.string({ unit: 'grapheme', maxLength: 3 }),
  );
  const ids = fc.uniqueArray(id, { maxLength: 60 });
  fc.assert(
    fc.property(ids, ids, (modelIds, tableIds) => {
      const joined = itemRows(packStrings(modelIds), new Uint32Array(modelIds.length), tableOf(tableIds));
      const wanted = [...modelIds, ...tableIds.filter((id) => !modelIds.includes(id))];
      expect(all(joined.ids)).toEqual(wanted);
      const placeOf = new Map(tableIds.map((id, row) => [id, row]));
      expect(joined.columns[1]?.values).toEqual(wanted.map((id) => placeOf.get(id) ?? null));
    }),
  );
});
