/**
 * Times ALS training on synthetic events with planted clusters (or on event files of your own): seconds an epoch and
 * the loss after each, and the peak memory of the process.
 *
 *   node build/bench/train.js --size S            20,000 users × 10,000 items, 1.55M events, about 1M pairs
 *   node build/bench/train.js --size M            200,000 × 50,000, 13M events, about 10M pairs
 *   node build/bench/train.js plays.tsv --factors 128 --threads 2
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readInteractions } from '#dist/core/events/read-events.js';
import { alsModel } from '#dist/core/models/als.js';
import { generateEvents } from './generate-events.js';

const sizes = {
  S: { events: 1_550_000, users: 20_000, items: 10_000 },
  M: { events: 13_000_000, users: 200_000, items: 50_000 },
} as const;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    size: { type: 'string', default: 'S' },
    factors: { type: 'string', default: '64' },
    epochs: { type: 'string', default: '8' },
    threads: { type: 'string', default: '2' },
    'cg-steps': { type: 'string', default: '2' },
    init: { type: 'string', default: 'svd' },
  },
});
if (values.size !== 'S' && values.size !== 'M') throw new Error('--size is S or M');
if (values.init !== 'svd' && values.init !== 'normal') throw new Error('--init is svd or normal');
const threads = Number(values.threads);
const context = { signal: new AbortController().signal, onProgress: () => undefined };
const clock = (): number => performance.now() / 1000;

const folder = mkdtempSync(join(tmpdir(), 'segue-bench-'));
try {
  let files = positionals;
  if (files.length === 0) {
    files = [join(folder, 'events.tsv')];
    generateEvents(join(folder, 'events.tsv'), {
      ...sizes[values.size],
      clusters: 50,
      tastes: 3,
      seed: 1,
      extras: [],
    });
  }
  const read = { files, skipBadRows: false, minUserItems: 1, minItemUsers: 1, threads };
  const { interactions } = await readInteractions({ ...read, ...context });
  const { pairs } = interactions;
  const factors = Number(values.factors);
  const options = alsModel.resolve({
    ...{ factors, epochs: Number(values.epochs), init: values.init },
    'cg-steps': Number(values['cg-steps']),
  });
  const started = clock();
  const trained = await alsModel.plan({ pairs }, options, 42).fit({ threads, clock, context });
  await trained.userVectors(pairs);
  const seconds = clock() - started;
  await trained.close();

  process.stdout.write(
    `${pairs.numUsers} users × ${pairs.numItems} items, ${pairs.item.length} pairs, dim ${factors}, ` +
      `${values['cg-steps']} steps, ${threads} threads\n`,
  );
  for (const { epoch, loss, seconds: spent } of trained.epochs)
    process.stdout.write(`epoch ${epoch}  ${spent.toFixed(3)} s  loss ${loss.toFixed(6)}\n`);
  const sorted = trained.epochs.map((epoch) => epoch.seconds).sort((a, b) => a - b);
  const text = interactions.users.bytes.length + interactions.items.bytes.length;
  const rows = pairs.numUsers + pairs.numItems;
  const allowed = 48 * pairs.item.length + 12 * rows * factors + 3 * text + 300e6;
  process.stdout.write(
    `median ${(sorted[sorted.length >> 1] ?? 0).toFixed(3)} s an epoch; start, epochs and user vectors ${seconds.toFixed(1)} s; ` +
      `peak ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB (reading included), ` +
      `of ${(allowed / 2 ** 20).toFixed(0)} MiB that training may take\n`,
  );
} finally {
  rmSync(folder, { recursive: true });
}
