/** Options that many functions of the library take. */
import type { Readable } from 'node:stream';
import { anyFunction, flag, isObject, like, or, required, text, wholeNumber } from '../options/kinds.js';
import { optionValues } from '../options/values.js';
import type { ExportVectorsOptions } from '../tasks/export.js';

export const off = or(flag, false);

export const kind = or(text, optionValues.kind.default);
export const minEvents = or(wholeNumber(optionValues.minEvents), optionValues.minEvents.default);
export const k = or(wholeNumber(optionValues.k), optionValues.k.default);

export const onRoot = { root: or(text, optionValues.root.default) };

export const onSnapshot = { ...onRoot, snapshot: text, as: text };

/** How text files are written. */
export const texting = {
  columns: text,
  delimiter: text,
  quote: text,
  noHeader: flag,
  decimalComma: flag,
  encoding: text,
};

export const stdin = like<Readable>(
  'a readable stream',
  (value) => isObject(value) && anyFunction(value['read']),
);

/** Where bytes go. */
export const sink = like<ExportVectorsOptions['out']>(
  'a path, or an object with a function write(bytes)',
  (value) => text.accepts(value) || (isObject(value) && anyFunction(value['write'])),
);

export const out = required(sink);
