/** Sentences on a screen: lines of whole words, so that a terminal does not cut words where its edge is. */

/** Lines of at most `width` columns; a word that is longer (a path) has its own line and stays whole. `text` is safe. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** `label text`; further lines begin below the text. `label` may have style, which takes no columns. */
export function hanging(label: string, labelColumns: number, text: string, width: number): string {
  const below = `\n${' '.repeat(labelColumns + 1)}`;
  return `${label} ${wrapped(text, width - labelColumns - 1).join(below)}`;
}
