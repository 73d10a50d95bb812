/** Prints the milliseconds that a first search takes in a process of its own: `cold-search.js ROOT exact|ivf`. */
import { performance } from 'node:perf_hooks';
import { snapshotFile } from '#dist/core/snapshot/layout.js';
import { openForReading } from '#dist/core/snapshot/open-snapshot.js';

const [, , root = '', way = 'exact'] = process.argv;
const context = { signal: new AbortController().signal, onProgress: () => {} };
const snapshot = await openForReading(root, 'latest', context);
const { index } = snapshot.manifest;
const begin = performance.now();
const search = way === 'ivf' ? await openIvf() : await openExact();
search.best(search.vectorOf(7), 10, [7]);
process.stdout.write(`${performance.now() - begin}\n`);
search.close();
snapshot.close();

async function openIvf() {
  const { openIndexSearch } = await import('#dist/core/snapshot/open-index.js');
  if (index === null) throw new Error(`${root} has no index`);
  return openIndexSearch((name) => snapshot.file(name), index.item, { maxK: 10, inMemory: false });
}

async function openExact() {
  const { openExactSearch } = await import('#dist/core/search/exact-search.js');
  const { openVectorFile } = await import('#dist/core/compute/vector-file.js');
  const file = openVectorFile(snapshot.file(snapshotFile.itemVectors));
  return openExactSearch(file, { measure: 'cosine', maxK: 10, inMemory: false });
}
