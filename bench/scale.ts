/**
 * The largest training that fits: many users and items with few pairs each, through the whole command.
 *
 *   node build/bench/scale.js                                   10,000,000 users × 1,000,000 items × 64, 30M pairs
 *   node build/bench/scale.js --users 1000000 --items 100000
 *
 * Prints what `train --dry-run` expected, and what the training took: seconds, peak memory of the process, and the size
 * of the snapshot. Needs about 12 GB of disk below TMPDIR at its full size; everything is removed at the end.
 */
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { segue } from './run-segue.js';
import { randomFractions } from './seeded-random.js';

interface Shape {
  readonly users: number;
  readonly items: number;
  /** A user's pairs: 1 … 2 · pairs − 1 of them, all as likely. */
  readonly pairs: number;
}

const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '10000000' },
    items: { type: 'string', default: '1000000' },
    pairs: { type: 'string', default: '3' },
    factors: { type: 'string', default: '64' },
    epochs: { type: 'string', default: '2' },
    threads: { type: 'string', default: '2' },
    solver: { type: 'string' },
  },
});
const shape = { users: Number(values.users), items: Number(values.items), pairs: Number(values.pairs) };

/**
 * Rows of user and item in no order of users; the first item of user u is u mod items, so that every item is there, and
 * the others are drawn with popular ones ahead. Returns the number of rows.
 */
function writeEvents(path: string, { users, items, pairs }: Shape): number {
  const fraction = randomFractions(1);
  const file = openSync(path, 'w');
  // A prime larger than any number of users here, so that every user comes once.
  const stride = 67_108_859;
  let rows = 0;
  let text = 'user\titem\n';
  for (let n = 0; n < users; n++) {
    const user = (n * stride) % users;
    const count = 1 + Math.floor(fraction() * (2 * pairs - 1));
    for (let p = 0; p < count; p++) {
      const item = p === 0 ? user % items : Math.floor(items * fraction() ** 3);
      text += `u${user}\ti${item}\n`;
    }
    rows += count;
    if (text.length > 1 << 20) {
      writeSync(file, text);
      text = '';
    }
  }
  writeSync(file, text);
  closeSync(file);
  return rows;
}

function bytesBelow(directory: string): number {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

function gb(bytes: unknown): string {
  return `${(Number(bytes) / 1e9).toFixed(2)} GB`;
}

const folder = mkdtempSync(join(tmpdir(), 'segue-scale-'));
try {
  const events = join(folder, 'events.tsv');
  const rows = writeEvents(events, shape);
  process.stdout.write(`${rows} rows, ${gb(statSync(events).size)}\n`);
  const args = ['train', events, '--root', join(folder, 'root')];
  for (const name of ['factors', 'epochs', 'threads', 'solver'] as const) {
    const value = values[name];
    if (value !== undefined) args.push(`--${name}`, value);
  }
  const plan = await segue([...args, '--dry-run']);
  process.stdout.write(
    `expected: solver ${String(plan.json['solver'])}, ${gb(plan.json['memoryBytes'])} of memory, ${gb(plan.json['diskBytes'])} of disk, ` +
      `${Number(plan.json['trainingSeconds']).toFixed(0)} s of epochs\n` +
      `  (reading alone: ${plan.seconds.toFixed(0)} s, peak ${gb(plan.peakBytes)})\n`,
  );
  const { json, seconds, peakBytes, phases } = await segue(args);
  const epochs = json['epochs'] as { epoch: number; loss: number; seconds: number }[];
  process.stdout.write(
    `${String(json['users'])} users × ${String(json['items'])} items × ${values.factors}, ` +
      `${String(json['interactions'])} pairs, ${values.threads} threads: ${seconds.toFixed(0)} s, ` +
      `peak ${gb(peakBytes)}, snapshot ${gb(bytesBelow(String(json['path'])))}\n`,
  );
  for (const epoch of epochs)
    process.stdout.write(
      `  epoch ${epoch.epoch}: ${epoch.seconds.toFixed(1)} s, loss ${epoch.loss.toFixed(6)}\n`,
    );
  for (const line of phases) process.stdout.write(`  ${line}\n`);
} finally {
  rmSync(folder, { recursive: true });
}
