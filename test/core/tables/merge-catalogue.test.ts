import { describe, expect, it } from 'vitest';
import { mergeCatalogue } from '#dist/core/tables/merge-catalogue.js';
import { packStrings } from '#dist/core/tables/string-column.js';
import type { ItemTable } from '#dist/core/contracts.js';

const table: ItemTable = {
  ids: packStrings(['__proto__', 'a', 'c', 'z']),
  columns: [
    { name: 'name', type: 'text', values: ['Proto', 'Ay', null, 'Zed'] },
    { name: 'released', type: 'int', values: [1, 2, 3, null] },
  ],
  sha256: '',
};

describe('mergeCatalogue', () => {
  it('gives played items their metadata, then lists what nobody played', () => {
    const { ids, counts, columns, numDescribed } = mergeCatalogue(packStrings(['c', 'b', 'a']), Uint32Array.of(9, 5, 2), table);
    expect(Array.from({ length: ids.length }, (_, row) => ids.at(row))).toEqual(['c', 'b', 'a', '__proto__', 'z']);
    expect([...counts]).toEqual([9, 5, 2, 0, 0]);
    expect(columns).toEqual([
      { name: 'name', type: 'text', values: [null, null, 'Ay', 'Proto', 'Zed'] },
      { name: 'released', type: 'int', values: [3, null, 2, 1, null] },
    ]);
    expect(numDescribed).toBe(2);
  });

  it('is the trained items alone without a table', () => {
    const items = packStrings(['b', 'a']);
    expect(mergeCatalogue(items, Uint32Array.of(2, 1), undefined)).toEqual({
      ids: items,
      counts: Uint32Array.of(2, 1),
      columns: [],
      numDescribed: 0,
    });
  });
});
