/**
 * Words of commands and answers that are suggested, as a POSIX shell reads them: whatever a file, an item or a user is
 * called, pasting what is printed names it, and runs nothing.
 */
import { safeText } from './safe-text.js';

/** A word as a shell reads it back: quoted where it has to be; by escapes (bash, zsh, ksh) what would not be seen as it is. */
export function shellWord(word: string): string {
  if (safeText(word) !== word) return `$'${word.replaceAll(/['\\]|[^\x20-\x7e]/gu, escaped)}'`;
  // zsh replaces =word by where that command is.
  const isPlain = /^[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+=:,./-]*$/.test(word);
  if (isPlain) return word;
  const isLiteral = !/["\\$`!]/.test(word);
  return word.includes("'") && isLiteral ? `"${word}"` : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Quotes and backslashes too: a shell that knows no escapes then reads another word, but still one. */
function escaped(character: string): string {
  const hex = (character.codePointAt(0) ?? 0).toString(16);
  // \x is a byte, of which a character beyond ASCII has several.
  if (character < '\x80') return `\\x${hex.padStart(2, '0')}`;
  return hex.length > 4 ? `\\U${hex.padStart(8, '0')}` : `\\u${hex.padStart(4, '0')}`;
}

/** A file as an argument: never a flag, whatever it is called. */
export function fileWord(path: string): string {
  return shellWord(path.startsWith('-') ? `./${path}` : path);
}

/** A name in double quotes where a shell takes all between them literally, else as a word. */
export function quotedName(name: string): string {
  return /["\\$`!]/.test(name) || safeText(name) !== name ? shellWord(name) : `"${name}"`;
}
