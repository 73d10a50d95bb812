/**
 * Times event files → interactions, and the peak memory of the process:
 *
 *   node build/bench/ingest.js events.tsv [--threads 2] [--columns …] [--skip-bad-rows]
 */
import { parseArgs } from 'node:util';
import { readInteractions } from '#dist/core/events/read-events.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    threads: { type: 'string', default: '2' },
    columns: { type: 'string' },
    'skip-bad-rows': { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
});

const begin = performance.now();
let phase = '';
const { interactions, skippedRows } = await readInteractions({
  files: positionals,
  columns: values.columns,
  skipBadRows: values['skip-bad-rows'],
  minUserItems: 1,
  minItemUsers: 1,
  threads: Number(values.threads),
  signal: new AbortController().signal,
  onProgress(progress) {
    if (!values.verbose || progress.kind !== 'step' || progress.phase === phase) return;
    phase = progress.phase;
    process.stderr.write(`${((performance.now() - begin) / 1000).toFixed(2)} s  ${phase}\n`);
  },
});
const seconds = (performance.now() - begin) / 1000;
const { users, items, pairs, numEvents, sha256 } = interactions;
process.stdout.write(
  `${numEvents} events (${skippedRows} skipped) → ${users.length} users, ${items.length} items, ${pairs.item.length} pairs: ` +
    `${seconds.toFixed(2)} s, peak ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB, sha256 ${sha256.slice(0, 16)}\n`,
);
