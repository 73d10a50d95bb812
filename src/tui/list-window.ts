/**
 * Which row of a list is chosen, and which part of the list is on screen.
 *
 * A window always contains its selection and never shows emptiness below the last row while there is something above.
 */

export interface ListWindow {
  /** Index of the chosen row; 0 for an empty list. */
  readonly selected: number;
  /** Index of the first row on screen. */
  readonly top: number;
}

export const startOfList: ListWindow = { selected: 0, top: 0 };

/** The window moved so that `selected` is a row of the list and on screen. `rows` ≥ 1 are visible of `length`. */
export function select(window: ListWindow, selected: number, length: number, rows: number): ListWindow {
  const chosen = clamp(selected, 0, length - 1);
  const top = clamp(window.top, chosen - rows + 1, chosen);
  return { selected: chosen, top: clamp(top, 0, length - rows) };
}

/** The window moved by whole screens: selection and rows on screen together, as far as the list goes. */
export function turnPage(window: ListWindow, pages: number, length: number, rows: number): ListWindow {
  const by = pages * rows;
  return select({ ...window, top: window.top + by }, window.selected + by, length, rows);
}

/** The same row chosen, in a list or on a screen of another size. */
export function fit(window: ListWindow, length: number, rows: number): ListWindow {
  return select(window, window.selected, length, rows);
}

/** `value` within low … high; where there is nothing in between, low, and never less than 0. */
function clamp(value: number, low: number, high: number): number {
  return Math.max(0, low, Math.min(value, high));
}

/** Where a scrollbar's thumb is, in rows of the window. */
export interface Thumb {
  includes(row: number): boolean;
}

/** The thumb for a window of `rows` rows at `top` of `length`; undefined where everything is on screen. */
export function scrollbar(top: number, rows: number, length: number): Thumb | undefined {
  if (length <= rows) return undefined;
  const size = Math.max(1, Math.round((rows * rows) / length));
  const start = Math.round((top / (length - rows)) * (rows - size));
  return { includes: (row) => row >= start && row < start + size };
}
