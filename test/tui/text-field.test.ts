import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as textField from '#dist/tui/text-field.js';
import type { TextField } from '#dist/tui/text-field.js';
import { anyCharacter } from '../helpers/any-character.js';

const at = (text: string, cursor = text.length): TextField => ({ text, cursor });

describe('a line of text being typed', () => {
  it('takes letters where the cursor is', () => {
    expect(textField.insert(at('plsh', 2), 'u')).toEqual(at('plush', 3));
  });

  it('erases before, after, and by the word', () => {
    expect(textField.eraseBefore(at('plush', 3))).toEqual(at('plsh', 2));
    expect(textField.eraseAfter(at('plush', 3))).toEqual(at('pluh', 3));
    expect(textField.eraseWord(at('come as  '))).toEqual(at('come '));
    expect(textField.eraseWord(at('come as', 4))).toEqual(at(' as', 0));
    expect(textField.eraseBefore(at('plush', 0))).toEqual(at('plush', 0));
    expect(textField.eraseAfter(at('plush'))).toEqual(at('plush'));
  });

  it('steps over what is one character to a reader', () => {
    const family = '👨‍👩‍👧‍👦';
    expect(textField.moveBack(at(`a${family}`)).cursor).toBe(1);
    expect(textField.moveOn(at(`${family}b`, 0)).cursor).toBe(family.length);
    expect(textField.eraseBefore(at(`a${family}`))).toEqual(at('a'));
    expect(textField.eraseBefore(at('Mo\u0308'))).toEqual(at('M'));
  });

  it('puts the cursor behind the letter that an accent joined', () => {
    expect(textField.insert(at('oz', 1), '\u0308')).toEqual(at('o\u0308z', 2));
  });

  it('goes to its ends', () => {
    expect(textField.moveToStart(at('plush')).cursor).toBe(0);
    expect(textField.moveToEnd(at('plush', 0)).cursor).toBe(5);
  });

  it('cuts what is too long to be a name, between characters', () => {
    const pasted = textField.insert(at('x'), '👩‍🚀'.repeat(200));
    expect(pasted.text.length).toBeLessThanOrEqual(256);
    expect(pasted.text).toMatch(/^x(👩‍🚀)+$/u);
    expect(textField.insert(pasted, 'abcdefgh').text.length).toBeLessThanOrEqual(256);
  });

  it('keeps the cursor at the edge of a character whatever is done', () => {
    const edits = fc.array(
      fc.oneof(
        fc
          .string({ unit: 'grapheme', maxLength: 4 })
          .map((text) => (field: TextField) => textField.insert(field, text)),
        fc
          .string({ unit: anyCharacter, maxLength: 2 })
          .map((text) => (field: TextField) => textField.insert(field, text)),
        fc.constantFrom(
          textField.eraseBefore,
          textField.eraseAfter,
          textField.eraseWord,
          textField.moveBack,
          textField.moveOn,
          textField.moveToStart,
          textField.moveToEnd,
        ),
      ),
    );
    fc.assert(
      fc.property(edits, (steps) => {
        let field = textField.emptyField;
        for (const step of steps) {
          field = step(field);
          const edges = [...new Intl.Segmenter().segment(field.text)].map((cluster) => cluster.index);
          expect([...edges, field.text.length]).toContain(field.cursor);
        }
      }),
    );
  });
});
