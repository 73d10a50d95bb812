/**
 * The one function through which text from data (names, ids, paths, messages that quote them) passes before a person sees
 * it, on a terminal or on a page.
 *
 * Whoever names an item could otherwise move the cursor, retitle the window, reverse the reading order of a line, or
 * make two names look the same: such characters are shown as their escape, in ASCII.
 */

/**
 * Everything that is not a visible character or a plain space: controls (C0, DEL, C1), format characters (bidi marks,
 * zero-width ones, BOM), line and paragraph separators, lone surrogates, and the letters that draw nothing (Hangul
 * fillers). The two variation selectors that choose text or emoji style are left.
 */
const unsafe = /(?![\ufe0e\ufe0f])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;

/** A zero-width joiner is part of the picture inside an emoji sequence such as a family. */
const emojiJoiner =
  /(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}]\ufe0f?)\u200d(?=\p{Extended_Pictographic})/gu;

/** Where a joiner stood that may stay, while the rest is escaped: a code point that is no character in any text. */
const keptJoiner = '\u{10ffff}';

/** So many marks on one letter are language; more are a tower that overwrites the lines above. */
const tower = /(\p{M}{8})\p{M}+/gu;

const named = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

function escaped(character: string): string {
  const name = named.get(character);
  if (name !== undefined) return name;
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\u{${hex}}`;
}

/** Of most text there is nothing to look at twice. */
export const onlyPrintableAscii = /^[\x20-\x7e]*$/;

/** `text` on one line, harmless to any terminal or page; text that is harmless already comes back as it is. */
export function safeText(text: string): string {
  if (onlyPrintableAscii.test(text)) return text;
  const shown = text
    .replaceAll(keptJoiner, '\\u{10ffff}')
    .replace(emojiJoiner, keptJoiner)
    .replace(unsafe, escaped)
    .replaceAll(keptJoiner, '\u200d')
    .replace(tower, '$1');
  // A mark without a letter would sit on whatever the line shows before it.
  return /^\p{M}/u.test(shown) ? `\u25cc${shown}` : shown;
}
