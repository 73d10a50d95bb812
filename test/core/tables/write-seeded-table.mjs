// Run by arrow-file.test.ts in processes of its own: writes a table of every type of column.
import { writeFileSync } from 'node:fs';
import { arrowFileChunks } from '#dist/core/tables/arrow-writer.js';
import { packStrings } from '#dist/core/tables/string-column.js';

const rows = Array.from({ length: 1000 }, (_, row) => row);
const chunks = await arrowFileChunks([
  { name: 'id', type: 'string', values: packStrings(rows.map((row) => `id-${row}`)) },
  { name: 'count', type: 'uint32', values: Uint32Array.from(rows) },
  { name: 'share', type: 'float64', values: Float64Array.from(rows, (row) => row / 1000) },
  { name: 'artist', type: 'text', values: rows.map((row) => (row % 3 === 0 ? null : `Ärtist ${row % 7}`)) },
  { name: 'released', type: 'int', values: rows.map((row) => (row % 5 === 0 ? null : 1950 + (row % 70))) },
]);
writeFileSync(process.argv[2], Buffer.concat(chunks));
