import type * as options from '../options/catalogue/event-options.js';
import type { Asked } from '../options/option.js';

/** How the text of input files is written, as far as it cannot be seen from the files. */
export type TextOptions = Asked<typeof options.textOptions>;

/** The same for events and a table of items: what is said of items alone holds for these, all else for both. */
export type TextOptionsOfBoth = TextOptions & Asked<typeof options.itemTextOptions>;

/** The text options among others, for a reader of events further down. */
export function textOptions(options: TextOptions): TextOptions {
  const { columns, delimiter, quote, noHeader, decimalComma, encoding, filter, types, sql } = options;
  return { columns, delimiter, quote, noHeader, decimalComma, encoding, filter, types, sql };
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
