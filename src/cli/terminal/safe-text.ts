/**
 * The one function through which text from data (names, ids, paths, messages that quote them) passes before a terminal
 * sees it, and its counterpart for JSON.
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

const onlyPrintableAscii = /^[\x20-\x7e]*$/;

/** `text` on one line, harmless to any terminal; text that is harmless already comes back as it is. */
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

/** Text of several lines whose line feeds are ours and stay; within each line nothing is trusted. */
export function safeLines(text: string): string {
  return text.split('\n').map(safeText).join('\n');
}

/** Like `unsafe`, without what JSON.stringify escapes itself (C0 and lone surrogates). */
const unsafeInJson =
  /(?![\p{Cs}\ufe0e\ufe0f])[\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** `value` as one line of JSON that is also harmless to a terminal: the same document for any parser. */
export function safeJson(value: unknown): string {
  const text = JSON.stringify(value);
  // Of most there is nothing to look at twice.
  if (onlyPrintableAscii.test(text)) return text;
  return text.replace(unsafeInJson, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
