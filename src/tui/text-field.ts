/**
 * A line of text being typed, and the place in it where the next letter goes.
 *
 * The cursor moves by grapheme clusters, so that an emoji of several code points or a letter with its accent is one step.
 */

export interface TextField {
  readonly text: string;
  /** Index into `text` in UTF-16 units, at the edge of a grapheme cluster; 0 ≤ cursor ≤ text.length. */
  readonly cursor: number;
}

export const emptyField: TextField = { text: '', cursor: 0 };

/** Longer than any name that someone would type; a pasted novel is cut here. */
const longestText = 256;

export function insert(field: TextField, typed: string): TextField {
  const room = longestText - field.text.length;
  const added = typed.length <= room ? typed : typed.slice(0, Math.max(0, edgeAtOrBefore(typed, room)));
  const text = field.text.slice(0, field.cursor) + added + field.text.slice(field.cursor);
  // An accent joins the letter before it: the cursor goes behind the cluster that came of it.
  return { text, cursor: edgeAtOrAfter(text, field.cursor + added.length) };
}

export function eraseBefore(field: TextField): TextField {
  return cut(field, edgeAtOrBefore(field.text, field.cursor - 1), field.cursor);
}

export function eraseAfter(field: TextField): TextField {
  return cut(field, field.cursor, edgeAtOrAfter(field.text, field.cursor + 1));
}

/** Erases the word before the cursor, with the spaces between. */
export function eraseWord(field: TextField): TextField {
  const kept = field.text.slice(0, field.cursor).replace(/\S+\s*$|\s+$/, '').length;
  return cut(field, edgeAtOrBefore(field.text, kept), field.cursor);
}

export function moveBack(field: TextField): TextField {
  return { ...field, cursor: edgeAtOrBefore(field.text, field.cursor - 1) };
}

export function moveOn(field: TextField): TextField {
  return { ...field, cursor: edgeAtOrAfter(field.text, field.cursor + 1) };
}

export function moveToStart(field: TextField): TextField {
  return { ...field, cursor: 0 };
}

export function moveToEnd(field: TextField): TextField {
  return { ...field, cursor: field.text.length };
}

function cut(field: TextField, from: number, to: number): TextField {
  const text = field.text.slice(0, from) + field.text.slice(to);
  return { text, cursor: edgeAtOrAfter(text, from) };
}

function edgeAtOrBefore(text: string, index: number): number {
  let edge = 0;
  for (const start of clusterStarts(text)) if (start <= index) edge = start;
  return index >= text.length ? text.length : edge;
}

function edgeAtOrAfter(text: string, index: number): number {
  for (const start of clusterStarts(text)) if (start >= index) return start;
  return text.length;
}

function clusterStarts(text: string): number[] {
  return [...new Intl.Segmenter().segment(text)].map((cluster) => cluster.index);
}
