import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seededRandom } from '#dist/core/numeric/random.js';
import { hashesBelow, makeFolder, type Folder } from '../helpers/trained-root.js';

// DuckDB gives threads some 120,000 rows at a time: this is work for all of them too.
const shape = { events: 3_000_000, users: 20_000, items: 3000 };
let folder: Folder;
beforeAll(() => {
  folder = makeFolder();
  writeEvents(join(folder.path, 'events.tsv'));
});
afterAll(() => folder.remove());

/**
 * Weights such as 0.1, whose sums in floating point depend on their order; some finer than 1e-9, which are rounded. A
 * user's choice among few items makes most pairs repeat: the sums are of several fractions.
 */
function writeEvents(path: string): void {
  const random = seededRandom(3);
  const file = openSync(path, 'w');
  writeSync(file, 'user\titem\tweight\n');
  const rowsAtOnce = 50_000;
  for (let from = 0; from < shape.events; from += rowsAtOnce) {
    let text = '';
    for (let row = 0; row < rowsAtOnce; row++) {
      const user = random.nextBelow(shape.users);
      const item = (user * 17 + Math.floor(random.nextFraction() ** 2 * 60)) % shape.items;
      const weight = row % 100 === 0 ? '0.00000000149' : `${random.nextBelow(4)}.${random.nextBelow(1000)}`;
      text += `u${user}\ti${item}\t${weight}\n`;
    }
    writeSync(file, text);
  }
  closeSync(file);
}

it(`${shape.events / 1e6}M events with fractional weights and repeats give the same files at 1, 2 and 3 threads`, async () => {
  const hashes = new Map<number, Record<string, string>>();
  for (const threads of [1, 2, 3]) {
    const at = ['--threads', String(threads), '--root', join(folder.path, String(threads))];
    const options = ['--factors', '24', '--epochs', '2', '--holdout', '0.1'];
    const [trained] = await folder.json(['train', 'events.tsv', ...options, ...at]);
    expect(trained).toMatchObject({ events: shape.events, users: shape.users });
    expect(trained!['interactions']).toBeLessThan(shape.events / 2);
    await folder.segue(['build-index', ...at]);
    hashes.set(threads, hashesBelow(join(folder.path, String(threads), 'snapshots')));
  }
  expect(Object.keys(hashes.get(1)!).length).toBeGreaterThan(20);
  expect(hashes.get(2)).toEqual(hashes.get(1));
  expect(hashes.get(3)).toEqual(hashes.get(1));
});
