/** How many columns of a terminal a text takes, and texts cut to so many. */

/** Columns of a text that is safe to show. */
export type Measure = (text: string) => number;

/** Latin, Greek, Cyrillic and their punctuation: a column a code unit, so that length is width. */
const narrow = /^[\x20-\x7e\xa0-\xac\xae-\u02ff\u0370-\u0482\u048a-\u052f\u2010-\u2027\u2030-\u205e]*$/;

/**
 * A measure for `texts`. What knows of wide characters and emoji takes 30 ms to load, which is only spent where one of
 * the texts needs it.
 */
export async function measureFor(texts: Iterable<string>): Promise<Measure> {
  for (const text of texts) {
    if (!narrow.test(text)) return (await import('string-width')).default;
  }
  return (text) => text.length;
}

/** Scripts and pictures that take two columns a character. */
const wide =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff01-\uff60\uffe0-\uffe6\p{Emoji_Presentation}]/gu;
const marks = /[\p{M}\u200d]/gu;

/** About the columns of a text that is safe to show, at once and never fewer than it takes: what lines are broken by. */
export function roughWidth(text: string): number {
  if (narrow.test(text)) return text.length;
  const characters = Array.from(text.replace(marks, '')).length;
  // An emoji that is text takes two columns with the selector behind it.
  return characters + (text.match(wide)?.length ?? 0) + (text.match(/\ufe0f/g)?.length ?? 0);
}

/** `text` (safe to show) in at most `width` columns: as it is, or whole characters from its start and an ellipsis. */
export function cut(text: string, width: number, measure: Measure): string {
  if (width >= 1 && narrow.test(text)) {
    return text.length <= width ? text : `${text.slice(0, width - 1).trimEnd()}…`;
  }
  // No character is narrower than a sixteenth of a column on average (marks are limited): the rest of a text of
  // megabytes need not be measured.
  const looked = text.length > 16 * width + 64 ? text.slice(0, 16 * width + 64) : text;
  if (looked === text && measure(text) <= width) return text;
  if (width < 1) return '';
  let taken = 0;
  let kept = '';
  for (const { segment } of new Intl.Segmenter('en').segment(looked)) {
    taken += measure(segment);
    if (taken > width - 1) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}

/** `text` filled up with spaces to `width` columns. */
export function padded(text: string, width: number, align: 'left' | 'right', measure: Measure): string {
  const fill = ' '.repeat(Math.max(0, width - measure(text)));
  return align === 'left' ? text + fill : fill + text;
}
