import fc from 'fast-check';
import { GrowingIds } from '#dist/core/events/elsewhere/growing-ids.js';
import { describe, expect, it } from 'vitest';

/** Of few letters, so that they come again; some take several bytes, and some bytes are those of others. */
const texts = fc.array(
  fc.string({ unit: fc.constantFrom('a', 'b', 'é', 'Ã', '©', '漢', '🎵'), maxLength: 4 }),
  { maxLength: 400 },
);

describe('ids that grow', () => {
  it('have the numbers that a Map gives them, and their text', () => {
    const ids = new GrowingIds();
    fc.assert(
      fc.property(texts, (all) => {
        ids.clear();
        const known = new Map<string, number>();
        for (const text of all) {
          const wanted = known.get(text) ?? known.size;
          known.set(text, wanted);
          expect(ids.indexOf(text)).toBe(wanted);
        }
        const column = ids.column();
        expect(Array.from({ length: column.length }, (_, row) => column.at(row))).toEqual([...known.keys()]);
        expect(ids.length).toBe(known.size);
      }),
    );
  });

  it('hash to what the text alone says', () => {
    const [one, two] = [new GrowingIds(), new GrowingIds()];
    for (let n = 0; n < 1000; n++) one.indexOf(`user ${n}`);
    for (let n = 999; n >= 0; n--) two.indexOf(`user ${n}`);
    for (let n = 0; n < 1000; n++) expect(one.hashOf(n)).toBe(two.hashOf(999 - n));
    expect(new Set(Array.from({ length: 1000 }, (_, n) => one.hashOf(n) % 7)).size).toBe(7);
  });
});
