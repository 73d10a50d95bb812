/**
 * Which parts of the browser a terminal has room for, from 1 × 1 up.
 *
 * Both views have the same parts, so that the list stays where it is as one walks:
 *
 *     header         segue, the snapshot
 *     (space)
 *     top            the search box, or breadcrumb, item and its metadata
 *     caption        what the list is, which rows of how many
 *     list
 *     (space)
 *     hints          the keys
 */

export interface BrowserLayout {
  /** Columns between the margins. */
  readonly width: number;
  /** Empty columns on the left; on the right one more column, the terminal's last, is never written to. */
  readonly margin: number;
  readonly header: boolean;
  readonly headerSpace: boolean;
  /** Three rows on top, or one. */
  readonly tall: boolean;
  readonly caption: boolean;
  readonly hintsSpace: boolean;
  readonly hints: boolean;
  /** ≥ 1 */
  readonly listRows: number;
}

/** Wider lines are no easier to read: what is left of a wide terminal stays empty. */
const widest = 140;

export function layoutFor(columns: number, rows: number): BrowserLayout {
  const margin = columns >= 40 ? 1 : 0;
  const width = Math.max(1, Math.min(widest, columns - 2 * margin - (margin === 0 ? 1 : 0)));
  const header = rows >= 12;
  const headerSpace = rows >= 24;
  const tall = rows >= 10;
  const caption = rows >= 8;
  const hintsSpace = rows >= 16;
  const hints = rows >= 5;
  const around =
    Number(header) +
    Number(headerSpace) +
    (tall ? 3 : 1) +
    Number(caption) +
    Number(hintsSpace) +
    Number(hints);
  const listRows = Math.max(1, rows - around);
  return { width, margin, header, headerSpace, tall, caption, hintsSpace, hints, listRows };
}
