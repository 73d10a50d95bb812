import { safeText } from './safe-text.js';
import { styled } from './screen.js';
import type { Screen } from './screen.js';

/** A place in a text that somebody wrote, as `details.pointer` of an error has it; `at` in UTF-16 units. */
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

const indent = 4;
/** Columns, where nothing else limits a line. */
const widest = 100;

/** The text, or what of it is around the place, and under it a caret. */
export function drawPointer({ text, at }: Pointer, screen: Screen): string {
  const most = Math.max(16, Math.min(screen.width, widest) - indent - 2);
  const from = text.length <= most ? 0 : Math.max(0, Math.min(at - Math.floor(most / 2), text.length - most));
  const before = safeText(text.slice(from, at));
  const after = safeText(text.slice(at, from + most));
  const [left, right] = [from > 0 ? '…' : '', from + most < text.length ? '…' : ''];
  const margin = ' '.repeat(indent);
  const caret = styled(screen, 'red', '^');
  return `${margin}${left}${before}${after}${right}\n${margin}${left && ' '}${blank(before)}${caret}`;
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
