/** How the text of input files is written, as far as it cannot be seen from the files: the same for events and items. */
export interface TextOptions {
  /** Which column is what; see find-columns.ts. */
  readonly columns?: string | undefined;
  /** The quote of delimited files; default `"` for CSV, none for TSV. */
  readonly quote?: string | undefined;
  /** Whether the first line of delimited files is data, whatever it looks like; default: by its looks (first-line.ts). */
  readonly noHeader?: boolean | undefined;
  /** What text is written in, such as latin1; default UTF-8. Parquet says itself what it is written in. */
  readonly encoding?: string | undefined;
}

/** The text options among others, for a reader further down. */
export function textOptions({ columns, quote, noHeader, encoding }: TextOptions): TextOptions {
  return { columns, quote, noHeader, encoding };
}
