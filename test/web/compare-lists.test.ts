import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareLists, differenceInWords } from '../../src/web/compare/compare-lists.js';

const ranked = (ids: readonly string[]) => ids.map((id, at) => ({ id, rank: at + 1 }));
const list = fc.uniqueArray(fc.constantFrom(...'a b c d e f g h i j'.split(' ')), { maxLength: 8 });

describe('two lists', () => {
  it('differ as a look at each id says', () => {
    fc.assert(
      fc.property(list, list, (first, second) => {
        const { before, after, both, entered, left, rose, fell } = compareLists(
          ranked(first),
          ranked(second),
        );
        expect([...before.keys()]).toEqual(first);
        expect([...after.keys()]).toEqual(second);
        for (const id of new Set([...first, ...second])) {
          const [from, to] = [first.indexOf(id), second.indexOf(id)];
          const expected =
            from === -1
              ? { kind: 'entered' }
              : to === -1
                ? { kind: 'left' }
                : from === to
                  ? { kind: 'same' }
                  : { kind: 'moved', by: from - to };
          if (from !== -1) expect(before.get(id)).toEqual(expected);
          if (to !== -1) expect(after.get(id)).toEqual(expected);
        }
        const shared = first.filter((id) => second.includes(id));
        expect({ both, entered, left }).toEqual({
          ...{
            both: shared.length,
            entered: second.length - shared.length,
            left: first.length - shared.length,
          },
        });
        expect(rose).toBe(shared.filter((id) => second.indexOf(id) < first.indexOf(id)).length);
        expect(fell).toBe(shared.filter((id) => second.indexOf(id) > first.indexOf(id)).length);
      }),
    );
  });

  it('are said in words', () => {
    expect(differenceInWords(compareLists(ranked(['a', 'b', 'c']), ranked(['b', 'a', 'd'])))).toBe(
      '2 of 3 in both · 1 entered · 1 left · 1 rose · 1 fell',
    );
    expect(differenceInWords(compareLists([], []))).toBe('nothing in either');
    expect(differenceInWords(compareLists(ranked(['a', 'b']), ranked(['a', 'b'])))).toBe(
      'the same 2, in the same order',
    );
  });
});
