import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  maxColumnBytes,
  packStrings,
  sliceStrings,
  stringsAt,
  stringColumnFrom,
  StringColumnBuilder,
} from '#dist/core/tables/string-column.js';

const anyText = fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 200 });
const all = (column: { length: number; at(row: number): string }) =>
  Array.from({ length: column.length }, (_, row) => column.at(row));

describe('a string column', () => {
  test('gives back the strings that went in, in any script', () => {
    fc.assert(
      fc.property(anyText, (strings) => {
        const column = packStrings(strings);
        expect(column.length).toBe(strings.length);
        expect(all(column)).toEqual(strings);
      }),
    );
  });

  test('is UTF-8 end to end with offsets from 0, as Arrow wants it', () => {
    const column = packStrings(['', 'a', 'é', '😀', '']);
    expect([...column.offsets]).toEqual([0, 0, 1, 3, 7, 7]);
    expect(column.bytes).toEqual(new TextEncoder().encode('aé😀'));
  });

  test('is the same whether rows come as strings or as bytes', () => {
    fc.assert(
      fc.property(anyText, (strings) => {
        const builder = new StringColumnBuilder('ids', 1, 0);
        for (const string of strings) {
          const padded = new TextEncoder().encode(`<${string}>`);
          builder.pushBytes(padded, 1, padded.length - 1);
        }
        const column = builder.finish();
        const packed = packStrings(strings);
        expect(column.bytes).toEqual(packed.bytes);
        expect(column.offsets).toEqual(packed.offsets);
      }),
    );
  });

  test('has no rows where none were pushed, and its builder starts again', () => {
    const builder = new StringColumnBuilder();
    expect(builder.finish().length).toBe(0);
    builder.push('again');
    expect(all(builder.finish())).toEqual(['again']);
    expect(builder.length).toBe(0);
  });

  test('holds no more memory than its strings take', () => {
    const builder = new StringColumnBuilder('ids', 1_000_000, 1_000_000);
    builder.push('short');
    const { bytes, offsets } = builder.finish();
    expect([bytes.buffer.byteLength, offsets.buffer.byteLength]).toEqual([5, 8]);
  });

  test('turns a lone surrogate into U+FFFD instead of bytes that are no UTF-8', () => {
    const column = packStrings(['a\ud800b']);
    expect(column.at(0)).toBe('a\ufffdb');
  });

  test('refuses rows that it does not have, and offsets that do not span the bytes', () => {
    expect(() => packStrings(['a']).at(1)).toThrow(RangeError);
    expect(() => packStrings(['a']).at(-1)).toThrow(RangeError);
    expect(() => stringColumnFrom(new Uint8Array(3), Int32Array.of(0, 2))).toThrow(RangeError);
    expect(() => stringColumnFrom(new Uint8Array(0), Int32Array.of())).toThrow(RangeError);
  });

  test('refuses to grow past what Arrow offsets can hold', () => {
    const builder = new StringColumnBuilder('user ids');
    // Large, but never touched: the check comes before the copy.
    const claim = { length: maxColumnBytes + 1 } as Uint8Array;
    expect(() => {
      builder.pushBytes(claim, 0, claim.length);
    }).toThrow(expect.objectContaining({ code: 'too-large', message: expect.stringContaining('user ids') }));
  });

  test('past that its parts are as Arrow wants them', () => {
    // Zeros that nobody writes take no memory.
    const bytes = new Uint8Array(maxColumnBytes + 6);
    const far = 'far·';
    bytes.set(new TextEncoder().encode(far), maxColumnBytes + 1);
    const column = stringColumnFrom(
      bytes,
      Float64Array.of(0, 3, maxColumnBytes - 2, maxColumnBytes + 1, maxColumnBytes + 6),
    );
    expect(column.at(3)).toBe(far);
    const end = sliceStrings(column, 2, 4);
    expect(end.offsets).toEqual(Int32Array.of(0, 3, 8));
    expect(all(end)).toEqual(['\0\0\0', far]);
    expect(sliceStrings(column, 0, 1).offsets).toEqual(Int32Array.of(0, 3));
    const some = stringsAt(column, Uint32Array.of(3, 0));
    expect([some.offsets, all(some)]).toEqual([Int32Array.of(0, 5, 8), [far, '\0\0\0']]);
  });
});
