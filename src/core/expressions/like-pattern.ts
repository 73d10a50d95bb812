/** Texts by patterns, in any case: % stands for any text, _ for any one character, \ takes the next one as it is. */
import type { StringColumn } from '../contracts.js';
import { foldName } from '../store/casefold.js';
import { partsOfPattern } from './like.js';

const anyText = -1;
const anyOne = -2;
/** After the last token. */
const nothing = -3;

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
    const length = offsets[row + 1]! - start;
    if (length > characters.length) characters = new Int32Array(2 * length);
    if (loweredAsciiInto(characters, bytes, start, length)) return matches(tokens, characters, length);
    const folded = foldName(column.at(row));
    if (folded.length > characters.length) characters = new Int32Array(2 * folded.length);
    return matches(tokens, characters, charactersInto(characters, folded));
  };
}

/** The same of a text. */
export function textMatcher(pattern: string): (text: string) => boolean {
  const tokens = tokensOf(pattern);
  return (text) => {
    const folded = foldName(text);
    const characters = new Int32Array(folded.length);
    return matches(tokens, characters, charactersInto(characters, folded));
  };
}

/** ASCII is its own folding but for capitals. False where there are other characters. */
function loweredAsciiInto(characters: Int32Array, bytes: Uint8Array, start: number, length: number): boolean {
  let all = 0;
  for (let at = 0; at < length; at++) {
    const byte = bytes[start + at]!;
    all |= byte;
    characters[at] = byte >= 65 && byte <= 90 ? byte + 32 : byte;
  }
  return all < 0x80;
}

/** The code points of a text, and how many there are. */
function charactersInto(characters: Int32Array, text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text.codePointAt(at)!;
    characters[count++] = character;
    if (character > 0xffff) at++;
  }
  return count;
}

function tokensOf(pattern: string): Int32Array {
  const tokens: number[] = [];
  for (const part of partsOfPattern(pattern)) {
    if ('text' in part) tokens.push(...Array.from(part.text, (character) => character.codePointAt(0)!));
    else if (part.any === '_') tokens.push(anyOne);
    else if (tokens.at(-1) !== anyText) tokens.push(anyText);
  }
  return Int32Array.from(tokens);
}

/** Goes back to the last % only: what stood before it has its first place already. */
function matches(tokens: Int32Array, characters: Int32Array, length: number): boolean {
  const numTokens = tokens.length;
  let token = 0;
  let afterAnyText = -1;
  let from = 0;
  for (let at = 0; at < length;) {
    const wanted = token < numTokens ? tokens[token]! : nothing;
    if (wanted === anyText) {
      afterAnyText = ++token;
      if (token === numTokens) return true;
    } else if (wanted === anyOne || wanted === characters[at]) {
      token++;
      at++;
      continue;
    } else if (afterAnyText >= 0) {
      token = afterAnyText;
      at = from + 1;
    } else return false;
    const next = tokens[token]!;
    // What follows % has its next chance where its first character is.
    if (next >= 0) while (at < length && characters[at] !== next) at++;
    from = at;
  }
  while (tokens[token] === anyText) token++;
  return token === numTokens;
}
