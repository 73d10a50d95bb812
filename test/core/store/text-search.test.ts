import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { textSearch } from '#dist/core/store/text-search.js';

/** Texts end to end, as they are loaded. */
function textsOf(texts: readonly string[]): { bytes: Buffer; offsets: Uint32Array } {
  const offsets = new Uint32Array(texts.length + 1);
  texts.forEach((text, row) => (offsets[row + 1] = offsets[row]! + Buffer.byteLength(text)));
  return { bytes: Buffer.from(texts.join('')), offsets };
}

/** Of a text and a query of ASCII: 0 for an exact name … 5, 6 for its words; undefined where it does not match. */
function kindOf(text: string, query: string): number | undefined {
  const name = text.split('\u001f', 1)[0]!;
  const isWord = (part: string, at: number): boolean => at > 0 && !/[a-z0-9]/.test(part[at - 1]!);
  const places = Array.from(text, (_, at) => at).filter((at) => text.startsWith(query, at));
  const kinds = places.map((at) => {
    if (at === 0) return name === query ? 0 : 1;
    if (at < name.length) return isWord(text, at) ? 2 : 3;
    return isWord(text, at) ? 4 : 5;
  });
  if (kinds.length > 0) return Math.min(...kinds);
  const words = query.split(' ');
  return words.length > 1 && words.every((word) => text.includes(word)) ? 6 : undefined;
}

/** Exact names, then rows that were played, then others; each by kind, then row. */
function naive(texts: readonly string[], query: string, numPlayed: number): number[] {
  const found = texts.flatMap((text, row) => {
    const kind = kindOf(text, query);
    return kind === undefined ? [] : [{ row, order: kind + (kind > 0 && row >= numPlayed ? 10 : 0) }];
  });
  return found.sort((a, b) => a.order - b.order || a.row - b.row).map(({ row }) => row);
}

/** How many bytes a search looks at: each that is read, and all that a native search passes. */
function bytesLookedAt(texts: readonly string[], query: string): number {
  const { bytes, offsets } = textsOf(texts);
  let looked = 0;
  const counted = (buffer: Buffer): Buffer =>
    new Proxy(buffer, {
      get(_, name) {
        if (name === 'subarray') return (from: number, to: number) => counted(buffer.subarray(from, to));
        if (name === 'indexOf')
          return (phrase: Buffer, from: number) => {
            const at = buffer.indexOf(phrase, from);
            looked += (at < 0 ? buffer.length : at) - from;
            return at;
          };
        if (typeof name === 'string' && /^\d+$/.test(name)) looked += 1;
        return Reflect.get(buffer, name, buffer) as unknown;
      },
    });
  textSearch({ bytes: counted(bytes), offsets }).rows(query, { limit: 10 });
  return looked;
}

describe('a search of texts', () => {
  const word = fc.constantFrom('ab', 'abc', 'b', 'c a', '-', 'a', '\u001f', ' ');
  const textOf = fc.array(word, { maxLength: 6 }).map((words) => words.join(''));

  test('finds what the naive one finds, in its order, and any part of it', () => {
    fc.assert(
      fc.property(
        fc.array(textOf, { maxLength: 30 }),
        fc.constantFrom('ab', 'a', 'b', 'c a', 'abc b', '-', 'a b c'),
        fc.nat(30),
        fc.nat(12),
        fc.nat(12),
        (texts, query, numPlayed, from, limit) => {
          const wanted = naive(texts, query, numPlayed);
          const search = textSearch(textsOf(texts));
          expect(search.rows(query, { limit, from, numPlayed })).toEqual(wanted.slice(from, from + limit));
          const has = (row: number): boolean => row % 3 !== 0;
          expect(search.rows(query, { limit, numPlayed, has })).toEqual(wanted.filter(has).slice(0, limit));
        },
      ),
      { numRuns: 300 },
    );
  });

  test('finds what lies beyond what is looked at byte by byte, and in another window', () => {
    const texts = Array.from({ length: 40_000 }, (_, row) => (row % 19_999 === 0 ? `name ${row}` : '.'));
    texts[7] = `${'x'.repeat(5000)} name\u001f${'y'.repeat(300)}name`;
    expect(textSearch(textsOf(texts)).rows('name', { limit: 9 })).toEqual([0, 19_999, 39_998, 7]);
    const apart = [`${'x'.repeat(100)} longest`, 'word', `longest ${'x'.repeat(100)} word`];
    expect(textSearch(textsOf(apart)).rows('longest word', { limit: 9 })).toEqual([2]);
  });

  test('puts an exact name first, and what nobody played behind all that was', () => {
    const texts = ['lock skyrim', 'the elder scrolls v: skyrim', 'unskyrimed', 'skyrim extender', 'skyrim'];
    const search = textSearch(textsOf(texts));
    expect(search.rows('skyrim', { limit: 9, numPlayed: 3 })).toEqual([4, 0, 1, 2, 3]);
    expect(search.rows('skyrim', { limit: 9, numPlayed: 5 })).toEqual([4, 3, 0, 1, 2]);
  });

  test.each([
    ['ids alone, which all match', (row: number) => `item${row}`, 'item', 4],
    ['ids alone, in the middle', (row: number) => `item${row}`, 'tem', 4],
    ['words apart', (row: number) => `item${row}`, 'item 0', 6],
    ['names and artists', (row: number) => `la la la${row}\u001fthe artist\u001fid${row}`, 'la', 4],
    ['long names that match everywhere', () => 'b'.repeat(400), 'bb', 4],
    ['a phrase that begins everywhere', () => 'xaaaaaaaaa', 'aaaab', 6],
  ])('looks at each byte a few times, however many there are: %s', (_, text, query, most) => {
    const texts = Array.from({ length: 2000 }, (__, row) => text(row));
    const all = Buffer.byteLength(texts.join(''));
    const [few, many] = [texts.slice(0, 500), texts].map((each) => bytesLookedAt(each, query));
    expect(many).toBeLessThan(most * all);
    expect(many! / few!).toBeLessThan(4.6);
  });

  test('stops where nobody waits for it', () => {
    const { rows } = textSearch(textsOf(Array.from({ length: 40_000 }, () => 'a')));
    let looks = 0;
    const checkAbort = (): void => {
      looks += 1;
      if (looks === 3) throw new Error('nobody waits');
    };
    expect(() => rows('a', { limit: 1, checkAbort })).toThrow('nobody waits');
  });
});
