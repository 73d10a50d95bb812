import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseKeys } from '#dist/tui/key-parser.js';
import type { Key } from '#dist/tui/key-parser.js';
import { anyCharacter } from '../helpers/any-character.js';

/** Names of keys, and texts in quotes. */
const keysIn = (chunk: string): string[] => parseKeys(chunk).keys.map(shown);
const shown = (key: Key): string => (key.kind === 'named' ? key.name : `'${key.text}'`);

describe('the keys of a terminal', () => {
  it.each([
    ['\x1b[A', 'up'],
    ['\x1bOA', 'up'],
    ['\x1b[B', 'down'],
    ['\x1b[1;5C', 'right'],
    ['\x1b[H', 'home'],
    ['\x1b[1~', 'home'],
    ['\x1bOF', 'end'],
    ['\x1b[5~', 'page-up'],
    ['\x1b[6;2~', 'page-down'],
    ['\x1b[3~', 'delete'],
    ['\x7f', 'backspace'],
    ['\b', 'backspace'],
    ['\r', 'enter'],
    ['\t', 'tab'],
    ['\x1b[Z', 'back-tab'],
    ['\x1b', 'escape'],
    ['\x03', 'interrupt'],
    ['\x15', 'clear-text'],
  ])('know %j', (chunk, name) => expect(keysIn(chunk)).toEqual([name]));

  it('come one by one, however many were typed before anybody looked', () => {
    expect(keysIn('plé\r\x1b[B\x1b[Bq')).toEqual(["'p'", "'l'", "'é'", 'enter', 'down', 'down', "'q'"]);
    expect(keysIn('ab\x7fc')).toEqual(["'a'", "'b'", 'backspace', "'c'"]);
  });

  it('wait for the rest of a sequence', () => {
    const first = parseKeys('a\x1b[');
    expect(first.keys.map(shown)).toEqual(["'a'"]);
    expect(keysIn(`${first.rest}6~`)).toEqual(['page-down']);
  });

  it('take a paste as one text on one line, without anything that a terminal would obey', () => {
    expect(keysIn('\x1b[200~Come\r\nAs \x1b[31mYou\x07 Are\x1b[201~\r')).toEqual([
      "'Come As [31mYou Are'",
      'enter',
    ]);
    const first = parseKeys('\x1b[200~Come ');
    expect(first.keys).toEqual([]);
    expect(keysIn(`${first.rest}As\x1b[201~`)).toEqual(["'Come As'"]);
  });

  it('leave out what they do not know: function keys, unknown sequences, control characters', () => {
    expect(keysIn('\x1b[1;5P\x1bOP\x1b[15~\x1b[99;99u\x00\x1c\u0085')).toEqual([]);
  });

  it('are found in anything, without controls in a text, and chunked in any way', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '\x1b[A',
        '\x1b[3~',
        '\x1bOB',
        '\x1b[1;5D',
        '\r',
        '\x7f',
        '\x03',
        '\x1b[200~a\nb\x1b[201~',
      ),
      fc.string({ unit: anyCharacter }),
      fc.string({ unit: 'grapheme' }),
    );
    fc.assert(
      fc.property(fc.array(piece), fc.nat(), (pieces, cut) => {
        const text = pieces.join('');
        const whole = parseKeys(text);
        for (const key of whole.keys) if (key.kind === 'text') expect(key.text).not.toMatch(/\p{Cc}/u);
        // Cut anywhere but behind an ESC (a key by itself) or within a character.
        const at = cut % (text.length + 1);
        if (text[at - 1] === '\x1b' || (text.codePointAt(at - 1) ?? 0) > 0xffff) return;
        const first = parseKeys(text.slice(0, at));
        const second = parseKeys(first.rest + text.slice(at));
        expect([...first.keys, ...second.keys]).toEqual(whole.keys);
      }),
    );
  });
});
