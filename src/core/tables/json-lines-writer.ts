import { checkedValues, type TableColumn, type TableWriter } from './table-writer.js';

/** A JSON object a line, of all columns but those of vectors; an empty cell is left out. */
export function openJsonLinesWriter(columns: readonly TableColumn[]): TableWriter {
  return {
    write(rows, values) {
      const cells = columns.flatMap((column, at) =>
        column.type === 'vector'
          ? []
          : [{ key: JSON.stringify(column.name), values: checkedValues(column, values[at], rows) }],
      );
      const lines = Array.from({ length: rows }, (_, row) => {
        const filled = cells.filter((cell) => cell.values[row] !== null);
        return `{${filled.map((cell) => `${cell.key}:${JSON.stringify(cell.values[row])}`).join(',')}}\n`;
      });
      return [Buffer.from(lines.join(''))];
    },
    finish: () => [],
  };
}
