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
