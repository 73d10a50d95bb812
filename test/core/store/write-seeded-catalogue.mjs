// Run by catalogue.test.ts in processes of its own: writes a catalogue that depends on its size only.
import { writeCatalogue } from '#dist/core/store/catalogue-writer.js';
import { packStrings } from '#dist/core/tables/string-column.js';

const [path, count] = process.argv.slice(2);
const rows = Array.from({ length: Number(count) }, (_, row) => (row * 7919) % Number(count));

await writeCatalogue(path, 'item', {
  ids: packStrings(rows.map((number) => `id-${number}`)),
  columns: [
    {
      name: 'name',
      type: 'text',
      values: rows.map((number) => (number % 5 === 0 ? null : `Ñame ${number % 999}`)),
    },
    {
      name: 'released',
      type: 'int',
      values: rows.map((number) => (number % 3 === 0 ? null : 1950 + (number % 70))),
    },
  ],
});
