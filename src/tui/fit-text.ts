/** Text in a given number of terminal columns. Everything that reaches the screen from data goes through here. */
import stringWidth from 'string-width';
import { safeText } from '../cli/safe-text.js';

const ellipsis = '…';

/** `text` made safe to show, cut with an ellipsis where it is wider than `width` columns. */
export function cutText(text: string, width: number): string {
  const safe = safeText(text);
  if (stringWidth(safe) <= width) return safe;
  if (width < 1) return '';
  return leadingPart(safe, width - 1).trimEnd() + ellipsis;
}

/** The same, filled up with spaces to exactly `width` columns. */
export function fitText(text: string, width: number): string {
  const cut = cutText(text, width);
  return cut + ' '.repeat(Math.max(0, width - stringWidth(cut)));
}

/** The same, filled up on the left. */
export function fitTextRight(text: string, width: number): string {
  const cut = cutText(text, width);
  return ' '.repeat(Math.max(0, width - stringWidth(cut))) + cut;
}

/** The width in columns that `text` has once it is safe to show. */
export function shownWidth(text: string): number {
  return stringWidth(safeText(text));
}

/** As many whole grapheme clusters from the start as `width` columns hold. `text` is safe to show. */
function leadingPart(text: string, width: number): string {
  let part = '';
  let taken = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    taken += stringWidth(segment);
    if (taken > width) break;
    part += segment;
  }
  return part;
}

/** As many whole grapheme clusters from the end as `width` columns hold. `text` is safe to show. */
export function trailingPart(text: string, width: number): string {
  let part = '';
  let taken = 0;
  for (const { segment } of [...new Intl.Segmenter().segment(text)].reverse()) {
    taken += stringWidth(segment);
    if (taken > width) break;
    part = segment + part;
  }
  return part;
}
