import type { ItemColumn } from '../contracts.js';

/** Cells as a column of metadata: of whole numbers where every filled cell is one, else of text. */
export function columnOfCells(name: string, cells: readonly (string | number | null)[]): ItemColumn {
  const filled = cells.filter((cell) => cell !== null);
  return filled.length > 0 && filled.every((cell) => Number.isSafeInteger(cell))
    ? { name, type: 'int', values: cells as readonly (number | null)[] }
    : {
        name,
        type: 'text',
        values: cells.map((cell) => (cell === null || cell === '' ? null : String(cell))),
      };
}
