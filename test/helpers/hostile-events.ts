/** Cells of events that are easily read wrong, each of them good. */

export const ids = [
  'a',
  'A',
  'ä',
  '日本',
  'x,y',
  'q"q',
  ' lead',
  'trail ',
  '\u{1F3B5}',
  '\u{10000}',
  '\u{E000}',
  '12',
  '12.0',
  '-',
  'a - b',
  '\u0001',
];
export const weights = [
  '1',
  '2.5',
  '1e-9',
  '0.0000000015',
  '0.0000000025',
  '3.14159265358979',
  '1e3',
  '007',
  '.5',
  '0',
];
export const times = [
  '',
  '1700000000',
  '1700000000123',
  '2024-05-31T20:15:00Z',
  '2024-05-31 20:15:00.123456',
  '2024-05-31T20:15:00+02:00',
  '31.5.2024',
  '-5',
  '0',
];
export const types = ['', 'play', 'like', 'dislike', 'ban', 'LIKE', ' ban '];

/** A cell of CSV. */
export function quoted(cell: string): string {
  return /[",\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
