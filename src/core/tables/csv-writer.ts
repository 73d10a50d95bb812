/**
 * CSV (RFC 4180, lines that end in a line feed): a header, then a row a line, the numbers of a vector in columns of their own,
 * v0 … v<dim − 1>, with as many leading underscores as keep them apart from other columns. An empty cell is null, "" an
 * empty text.
 */
import { checkedValues, type TableColumn, type TableWriter } from './table-writer.js';
import { f32Text } from './word2vec-text.js';

export function openCsvWriter(columns: readonly TableColumn[]): TableWriter {
  const isTaken = (prefix: string): boolean =>
    columns.some(({ name }) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)));
  let prefix = 'v';
  while (isTaken(prefix)) prefix = `_${prefix}`;
  const names = columns.flatMap(({ name, type, dim = 0 }) =>
    type === 'vector' ? Array.from({ length: dim }, (_, at) => `${prefix}${String(at)}`) : [csvCell(name)],
  );
  let head = `${names.join(',')}\n`;
  const takeHead = (): string => {
    const text = head;
    head = '';
    return text;
  };
  return {
    write(rows, values) {
      const checked = columns.map((column, at) => checkedValues(column, values[at], rows));
      const lines = [takeHead()];
      for (let row = 0; row < rows; row++) {
        const cells = columns.map(({ type, dim = 0 }, at) => {
          const all = checked[at] ?? [];
          if (type === 'real') return f32Text(Number(all[row]));
          if (type !== 'vector') return csvCell(all[row] ?? null);
          return Array.from({ length: dim }, (_, f) => f32Text(Number(all[row * dim + f]))).join(',');
        });
        lines.push(cells.join(','), '\n');
      }
      return [Buffer.from(lines.join(''))];
    },
    finish: () => [Buffer.from(takeHead())],
  };
}

/** A text that a reader might take for another one, or for none, is quoted. */
export function csvCell(value: string | number | null): string {
  if (typeof value !== 'string') return value === null ? '' : String(value);
  return value === '' || /[",\r\n]|^\s|\s$/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
