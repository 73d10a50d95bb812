/** Sentences on a screen: lines of whole words, so that a terminal does not cut words where its edge is. */
import { roughWidth } from './display-width.js';

/** Lines of at most `width` columns; a word that is longer (a path) has its own line and stays whole. `text` is safe. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let taken = 0;
  for (const word of text.split(' ')) {
    const columns = roughWidth(word);
    const last = lines.at(-1);
    if (last !== undefined && taken + 1 + columns <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
      taken += 1 + columns;
    } else {
      lines.push(word);
      taken = columns;
    }
  }
  return lines;
}

/** Fewer columns than these are no room for a sentence, if a margin is what takes the others away. */
const leastRoom = 16;

/** Whether text set in by `margin` columns is read well on a screen of `width`. */
export function hasRoomBeside(margin: number, width: number): boolean {
  return width - margin >= leastRoom || 3 * margin <= width;
}

/**
 * `label text`; further lines begin below the text, or all of it below the label where there is no room beside it.
 * `label` may have style, which takes no columns.
 */
export function hanging(label: string, labelColumns: number, text: string, width: number): string {
  const margin = labelColumns + 1;
  const lines = wrapped(text, width - margin);
  const widest = Math.max(...lines.map(roughWidth));
  const fitsBelowOnly = widest > width - margin && widest <= width;
  if (fitsBelowOnly || !hasRoomBeside(margin, width)) return [label, ...wrapped(text, width)].join('\n');
  return `${label} ${lines.join(`\n${' '.repeat(margin)}`)}`;
}
