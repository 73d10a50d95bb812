/** Texts by patterns, in any case: % stands for any text, _ for any one character, \ takes the next one as it is. */
import type { StringColumn } from '../contracts.js';
import { foldName } from '../store/casefold.js';

const anyText = -1;
const anyOne = -2;

/** The pattern of texts that hold `text` somewhere. */
export function textWithin(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`;
}

/**
 * Whether the text of a row is as `pattern` says, from end to end; both are case-folded (store/casefold.ts), and characters are
 * counted after it. O(text) for the patterns that people write, O(text × pattern) at worst.
 */
export function likeMatcher(column: StringColumn, pattern: string): (row: number) => boolean {
  const tokens = tokensOf(pattern);
  const { bytes, offsets } = column;
  let characters = new Int32Array(256);
  return (row) => {
    const start = offsets[row]!;
    const end = offsets[row + 1]!;
    if (end - start > characters.length) characters = new Int32Array(2 * (end - start));
    for (let at = start; at < end; at++) {
      const byte = bytes[at]!;
      if (byte >= 0x80) return matches(tokens, foldedCharacters(column.at(row)));
      // ASCII is its own folding but for capitals.
      characters[at - start] = byte >= 65 && byte <= 90 ? byte + 32 : byte;
    }
    return matches(tokens, characters, end - start);
  };
}

function foldedCharacters(text: string): Int32Array {
  return Int32Array.from(foldName(text), (character) => character.codePointAt(0) ?? 0);
}

function tokensOf(pattern: string): Int32Array {
  const tokens: number[] = [];
  // What lies between wildcards is folded as a whole: an accent may belong to the letter before it.
  for (const [part] of pattern.matchAll(/[%_]|(?:\\[\\%_]|[^%_])+/g)) {
    if (part === '%') {
      if (tokens.at(-1) !== anyText) tokens.push(anyText);
    } else if (part === '_') tokens.push(anyOne);
    else tokens.push(...foldedCharacters(part.replace(/\\([\\%_])/g, '$1')));
  }
  return Int32Array.from(tokens);
}

/** Goes back to the last % only: what stood before it has its first place already. */
function matches(tokens: Int32Array, characters: Int32Array, length = characters.length): boolean {
  let token = 0;
  let afterAnyText = -1;
  let from = 0;
  for (let at = 0; at < length;) {
    const wanted = tokens[token];
    if (wanted === anyText) {
      afterAnyText = ++token;
      from = at;
    } else if (wanted === anyOne || (wanted !== undefined && wanted === characters[at])) {
      token++;
      at++;
    } else if (afterAnyText >= 0) {
      token = afterAnyText;
      at = ++from;
    } else return false;
  }
  while (tokens[token] === anyText) token++;
  return token === tokens.length;
}
