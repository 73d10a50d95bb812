import { roughWidth } from './display-width.js';
import { safeText } from './safe-text.js';
import { styled, type Screen } from './screen.js';

/** A place in a text that a person wrote, as `details.pointer` of an error has it; `at` in UTF-16 units. */
export interface Pointer {
  readonly text: string;
  readonly at: number;
}

export function isPointer(value: unknown): value is Pointer {
  return (
    typeof value === 'object' &&
    value !== null &&
    'text' in value &&
    'at' in value &&
    typeof value.text === 'string' &&
    typeof value.at === 'number'
  );
}

/** Columns, where nothing else limits a line. */
const widest = 100;

/** The text, or what of it is around the place, and under it a caret. */
export function drawPointer(pointer: Pointer, screen: Screen): string {
  const columns = Math.min(screen.width, widest);
  const margin = ' '.repeat(columns < 30 ? 1 : 4);
  let most = Math.max(1, columns - margin.length - 2);
  let shown = around(pointer, most);
  // Characters may be wide, or shown as their escape.
  while (most > 1 && margin.length + widthOf(shown) > columns) {
    most -= 1;
    shown = around(pointer, most);
  }
  const caret = styled(screen, 'red', '^');
  return `${margin}${shown.text}\n${margin}${shown.blank}${caret}`;
}

/** What of the text is within `most` characters around the place, and what is as wide as all before it. */
function around({ text, at }: Pointer, most: number): { readonly text: string; readonly blank: string } {
  const from = text.length <= most ? 0 : Math.max(0, Math.min(at - Math.floor(most / 2), text.length - most));
  const before = safeText(text.slice(from, at));
  const after = safeText(text.slice(at, from + most));
  const [left, right] = [from > 0 ? '…' : '', from + most < text.length ? '…' : ''];
  return { text: `${left}${before}${after}${right}`, blank: (left && ' ') + blank(before) };
}

/** The caret may stand behind the text. */
function widthOf({ text, blank }: ReturnType<typeof around>): number {
  return Math.max(roughWidth(text), roughWidth(blank) + 1);
}

/** As wide as the text, in spaces: wide characters become wide spaces, marks nothing. */
function blank(text: string): string {
  return text
    .replace(/\p{M}/gu, '')
    .replace(
      /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff01-\uff60]/gu,
      '\u3000',
    )
    .replace(/[\p{Emoji_Presentation}]/gu, '  ')
    .replace(/[^\u3000 ]/gu, ' ');
}
