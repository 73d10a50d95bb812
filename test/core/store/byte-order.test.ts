import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rowsByBytes } from '#dist/core/store/byte-order.js';
import { packStrings } from '#dist/core/tables/string-column.js';
import { anyCharacter } from '../../helpers/any-character.js';

test('rows come in the order of their UTF-8 bytes, equals by row', () => {
  const text = fc.oneof(
    fc.constantFrom('', 'a', 'aa', 'ab', '\uffff', '😀'),
    fc.string({ unit: anyCharacter, maxLength: 5 }),
  );
  fc.assert(
    fc.property(fc.array(text, { maxLength: 30 }), (strings) => {
      const { bytes, offsets } = packStrings(strings);
      const wanted = strings
        .map((string, row) => ({ string, row }))
        .sort((a, b) => Buffer.compare(Buffer.from(a.string), Buffer.from(b.string)) || a.row - b.row)
        .map(({ row }) => row);
      expect([...rowsByBytes(bytes, offsets)]).toEqual(wanted);
    }),
  );
});
