/** How the text of input files is written, as far as it cannot be seen from the files. */
export interface TextOptions {
  /** Which column is what; see find-columns.ts. */
  readonly columns?: string | undefined;
  /** What separates the cells of delimited files (delimiters.ts); default: by the file's name and its first line. */
  readonly delimiter?: string | undefined;
  /** The quote of delimited files, or none; default `"`, and none where tabs or several characters separate. */
  readonly quote?: string | undefined;
  /** Whether the first line of delimited files is data, whatever it looks like; default: by its looks (first-line.ts). */
  readonly noHeader?: boolean | undefined;
  /** Whether weights in delimited files are written 0,5; default false. */
  readonly decimalComma?: boolean | undefined;
  /** What text is written in, such as latin1; default UTF-8. Parquet says itself what it is written in. */
  readonly encoding?: string | undefined;
}

/** The same for events and a table of items: what is said of items alone holds for these, all else for both. */
export interface TextOptionsOfBoth extends TextOptions {
  readonly itemColumns?: string | undefined;
  readonly itemDelimiter?: string | undefined;
  readonly itemHeader?: 'yes' | 'no' | undefined;
  readonly itemEncoding?: string | undefined;
}

/** The text options among others, for a reader of events further down. */
export function textOptions(options: TextOptions): TextOptions {
  const { columns, delimiter, quote, noHeader, decimalComma, encoding } = options;
  return { columns, delimiter, quote, noHeader, decimalComma, encoding };
}

/** Those of a table of items. */
export function itemTextOptions(options: TextOptionsOfBoth): TextOptions {
  const { itemColumns, itemDelimiter, itemHeader, itemEncoding } = options;
  return {
    columns: itemColumns,
    delimiter: itemDelimiter ?? options.delimiter,
    quote: options.quote,
    noHeader: itemHeader === undefined ? options.noHeader : itemHeader === 'no',
    encoding: itemEncoding ?? options.encoding,
  };
}
