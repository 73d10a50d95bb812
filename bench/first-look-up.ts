/**
 * Run by store.ts in processes of its own: imports a reader, opens a store, finds one item by name and reads ten
 * records. Prints the milliseconds that passed, and those of processor time.
 */
import type { Catalogue } from '#dist/core/store/catalogue.js';

const [reader = '', path = '', name = ''] = process.argv.slice(2);
const kind = 'item';
const start = performance.now();
const startCpu = process.cpuUsage();

if (reader === 'ours') {
  const { openCatalogue } = await import('#dist/core/store/catalogue.js');
  const catalogue: Catalogue = openCatalogue(path);
  const row = catalogue.find(kind, name);
  const numRows = catalogue.numRows(kind);
  for (let i = 0; i < 10; i++) catalogue.record(kind, (row + i * 104_729) % numRows);
} else {
  const { open } = await import('lmdb');
  const { foldName } = await import('#dist/core/store/casefold.js');
  const { countKey, nameKey, recordKey } = await import('#dist/core/store/store-keys.js');
  const store = open<Buffer, Buffer>({
    path,
    noSubdir: true,
    readOnly: true,
    encoding: 'binary',
    keyEncoding: 'binary',
  });
  const number = (key: Buffer): number => store.get(key)?.readUInt32LE(0) ?? 0;
  const row = number(nameKey(kind, foldName(name)));
  const numRows = number(countKey(kind));
  for (let i = 0; i < 10; i++) {
    JSON.parse(store.get(recordKey(kind, (row + i * 104_729) % numRows))?.toString('utf8') ?? '');
  }
}

const { user, system } = process.cpuUsage(startCpu);
process.stdout.write(`${performance.now() - start} ${(user + system) / 1000}`);
