import { bytesOf, npyHeader } from '../files/npy.js';
import { checkedValues, type TableColumn, type TableWriter } from './table-writer.js';

/** The column of type vector as a .npy matrix: f32 [numRows × dim] in C order, data at a multiple of 64. */
export function openNpyWriter(columns: readonly TableColumn[], numRows: number): TableWriter {
  const at = columns.findIndex(({ type }) => type === 'vector');
  const column = columns[at];
  if (column?.dim === undefined) throw new RangeError('there is no column of vectors');
  let head: Uint8Array[] = [npyHeader('<f4', [numRows, column.dim])];
  const withHead = (pieces: Uint8Array[]): Uint8Array[] => {
    const all = [...head, ...pieces];
    head = [];
    return all;
  };
  return {
    write(rows, values) {
      return withHead([bytesOf(checkedValues(column, values[at], rows) as Float32Array)]);
    },
    finish: () => withHead([]),
  };
}
