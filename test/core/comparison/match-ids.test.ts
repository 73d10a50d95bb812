import { describe, expect, it } from 'vitest';
import { matchIds, unmatchedRows } from '#dist/core/comparison/match-ids.js';
import { packStrings } from '#dist/core/tables/string-column.js';

describe('matchIds', () => {
  it('pairs rows by id, both ways', () => {
    const a = packStrings(['x', 'y', 'z']);
    const b = packStrings(['z', 'new', 'x']);
    const { rowInB, rowInA, numCommon } = matchIds(a, 3, b, 3);
    expect([...rowInB]).toEqual([2, -1, 0]);
    expect([...rowInA]).toEqual([2, -1, 0]);
    expect(numCommon).toBe(2);
    expect(unmatchedRows(rowInB)).toEqual([1]);
  });

  it('looks at the first rows only: the rest of a catalogue has no vectors', () => {
    const a = packStrings(['x', 'y']);
    const b = packStrings(['y', 'x']);
    expect([...matchIds(a, 1, b, 1).rowInB]).toEqual([-1]);
  });

  it('takes any string for an id', () => {
    const names = packStrings(['__proto__', 'constructor', 'é', '\u0000']);
    expect([...matchIds(names, 4, names, 4).rowInB]).toEqual([0, 1, 2, 3]);
  });
});
