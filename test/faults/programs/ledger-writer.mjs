// Adds entries to a ledger and says on stdout which were acknowledged, until it is killed: plain JavaScript, run by processes.
import { writeSync } from 'node:fs';
import { openLedger } from '#dist/core/ledger/open-ledger.js';

const [directory, name, first] = process.argv.slice(2);
const context = { signal: new AbortController().signal, onProgress: () => undefined };
const ledger = await openLedger(directory, context);
let compacting;

for (let n = Number(first); ; n += 8) {
  const entries = Array.from({ length: 8 }, (_, at) => ({
    id: `${name}-${n + at}`,
    ...{ user: `u${(n + at) % 11}`, item: 'x'.repeat((n + at) % 90), type: 'play', scope: 'item' },
    ...{ weight: 1_000_000_000n, atMs: n + at, position: { partition: name, offset: n + at } },
  })).map((entry) => ({ ...entry, item: `i${entry.item}` }));
  const added = await Promise.all(entries.map((entry) => ledger.add([entry])));
  for (const [{ id, seq, leftOut }] of added) writeSync(1, `${id} ${seq ?? leftOut}\n`);
  // Beside what goes on being added.
  if (n % 5 === 0)
    compacting ??= ledger
      .compact(context)
      .catch(() => undefined)
      .then(() => (compacting = undefined));
}
