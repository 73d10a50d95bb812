/** Text from data on a terminal: a line of it, several lines, JSON. */
import { onlyPrintableAscii, safeText } from '../../core/safe-text.js';

export { safeText };

/** Text of several lines whose line feeds are ours and stay; within each line nothing is trusted. */
export function safeLines(text: string): string {
  return text.split('\n').map(safeText).join('\n');
}

/** What safeText escapes, without what JSON.stringify escapes itself (C0 and lone surrogates). */
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
