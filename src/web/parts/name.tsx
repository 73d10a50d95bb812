import type { ComponentChild } from 'preact';
import { safeText } from '../../cli/terminal/safe-text.js';

/** Of a longer name lists, titles and labels have the beginning: one row would fill the page. */
const longest = 200;

/** Text from data, what cannot be seen of it as its escape, and no more of it than so many letters. */
export function shortText(text: string, most = longest): string {
  const shown = safeText(text);
  if (shown.length <= most) return shown;
  const letters = Array.from(shown);
  return letters.length <= most ? shown : `${letters.slice(0, most - 1).join('')}…`;
}

/** The same in its own reading direction; on its own page whole. */
export function Name({
  text,
  isWhole = false,
}: {
  readonly text: string;
  readonly isWhole?: boolean;
}): ComponentChild {
  return <bdi>{isWhole ? safeText(text) : shortText(text)}</bdi>;
}
