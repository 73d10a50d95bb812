import type { StringColumn } from '../contracts.js';

/** A column of a table to compute with: text over the memory of the file, whole numbers as f64. */
export type ColumnValues = (
  | { readonly type: 'text'; readonly values: StringColumn }
  | { readonly type: 'number'; readonly values: Float64Array | Uint32Array }
) & {
  /** Bit r mod 8 of byte r div 8 is set where row r has a value; undefined: every row has one. */
  readonly filled: Uint8Array | undefined;
};
