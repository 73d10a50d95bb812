/** Text in a given number of terminal columns. Everything that reaches the screen from data goes through here. */
import stringWidth from 'string-width';
import { cut, padded } from '../cli/terminal/display-width.js';
import { safeText } from '../cli/terminal/safe-text.js';

/** `text` made safe to show, cut with an ellipsis where it is wider than `width` columns. */
export function cutText(text: string, width: number): string {
  return cut(safeText(text), width, stringWidth);
}

/** The same, filled up with spaces to exactly `width` columns. */
export function fitText(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  return padded(cutText(text, width), width, align, stringWidth);
}

/** The width in columns that `text` has once it is safe to show. */
export function shownWidth(text: string): number {
  return stringWidth(safeText(text));
}

/** As many whole characters from the end of `text`, made safe to show, as `width` columns hold. */
export function trailingText(text: string, width: number): string {
  let part = '';
  let taken = 0;
  for (const { segment } of [...new Intl.Segmenter('en').segment(safeText(text))].reverse()) {
    taken += stringWidth(segment);
    if (taken > width) break;
    part = segment + part;
  }
  return part;
}
