/**
 * The largest training that fits, through the whole command: from a Parquet file of events to a snapshot that answers.
 *
 *   node build/bench/scale.js                       1M, 3M, 10M, 30M users, a fifteenth as many items, 3.35 pairs each, × 64
 *   node build/bench/scale.js --users 30000000 --items 2000000 --solver partial-sums
 *   node build/bench/scale.js --users 8000000 --pairs 1.5 --id-bytes 300      ids that pass 2^31 bytes
 *
 * Prints what `train --dry-run` expected and what the training took: seconds and peak memory of the process by phase, the size
 * of the snapshot; then the same of what is asked of it, and of everyone's vectors anew in another snapshot. At 30M users it
 * needs 36 GB of disk below TMPDIR: all is removed at the end, or with --work DIR stays there.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { segue, type Phase } from './run-segue.js';

interface Shape {
  readonly users: number;
  readonly items: number;
  /** Of a user, on average: 1 … 2 · pairs − 1 of them. */
  readonly pairs: number;
  /** Length of a user's id; undefined: u and a number. */
  readonly idBytes: number | undefined;
}

const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '1000000,3000000,10000000,30000000' },
    items: { type: 'string' },
    pairs: { type: 'string', default: '3.33' },
    'id-bytes': { type: 'string' },
    factors: { type: 'string', default: '64' },
    epochs: { type: 'string', default: '2' },
    threads: { type: 'string', default: '2' },
    solver: { type: 'string' },
    work: { type: 'string' },
    /** Only the plan and the training. */
    'no-questions': { type: 'boolean', default: false },
  },
});

/**
 * Rows of user and item, all different, in no order of users. A user's nth item of c is drawn, evenly, from those from
 * items · (n/c)³ to items · ((n+1)/c)³: all together are as a draw of items · r³, popular ones ahead. In bounded memory.
 */
async function writeEvents(path: string, { users, items, pairs, idBytes }: Shape): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:', { threads: values.threads, memory_limit: '2GB' });
  const connection = await instance.connect();
  const uniform = (seed: number, ...of: string[]): string =>
    `(hash(${[...of, String(seed)].join(', ')}) / 18446744073709551616.0)`;
  // A prime larger than any number of users here, so that every user comes once.
  const user = `n * 67108859 % ${users}`;
  const from = (nth: string): string => `floor(${items} * (${nth} / c) ^ 3)`;
  const id =
    idBytes === undefined ? `'u' || u` : `rpad('u' || u || '-', ${idBytes}, 'abcdefghijklmnopqrstuvwxyz')`;
  await connection.run(
    `COPY (SELECT ${id} AS user, 'i' || CAST(floor(low + (high - low) * ${uniform(1, 'u', 'nth')}) AS BIGINT) AS item ` +
      `FROM (SELECT u, nth, ${from('nth')} AS low, ${from('(nth + 1)')} AS high ` +
      `FROM (SELECT u, 1 + CAST(floor(${2 * pairs - 1} * ${uniform(2, 'u')}) AS BIGINT) AS c FROM (SELECT ${user} AS u FROM range(${users}) AS t(n))), ` +
      `range(${Math.ceil(2 * pairs - 1)}) AS r(nth) WHERE nth < c)) ` +
      `TO '${path}' (FORMAT parquet, COMPRESSION zstd)`,
  );
  connection.closeSync();
  instance.closeSync();
}

function bytesBelow(directory: string): number {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

function gb(bytes: unknown): string {
  return `${(Number(bytes) / 1e9).toFixed(2)} GB`;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function sayPhases(phases: readonly Phase[]): void {
  for (const { line, seconds, peakBytes } of phases)
    say(`  ${seconds.toFixed(1)} s, peak ${gb(peakBytes)}: ${line === '' ? 'the rest' : line}`);
}

async function measure(work: string, shape: Shape): Promise<void> {
  const events = join(work, 'events.parquet');
  if (!existsSync(events)) {
    const started = performance.now();
    await writeEvents(events, shape);
    const took = `${((performance.now() - started) / 1000).toFixed(0)} s`;
    say(`${shape.users} users: events of ${gb(statSync(events).size)}, written in ${took}`);
  }
  const root = join(work, 'root');
  const args = ['train', events, '--root', root, '--verbose'];
  for (const name of ['factors', 'epochs', 'threads', 'solver'] as const) {
    const value = values[name];
    if (value !== undefined) args.push(`--${name}`, value);
  }
  const plan = await segue([...args, '--dry-run']);
  const { solver, memoryBytes, diskBytes, trainingSeconds } = plan.json;
  say(
    `expected: solver ${String(solver)}, ${gb(memoryBytes)} of memory, ${gb(diskBytes)} of disk, ` +
      `${Number(trainingSeconds).toFixed(0)} s of epochs`,
  );
  sayPhases(plan.phases);
  const { json, seconds, peakBytes, phases } = await segue(args);
  say(
    `${String(json['users'])} users × ${String(json['items'])} items × ${values.factors}, ` +
      `${String(json['interactions'])} pairs, ${values.threads} threads: ${seconds.toFixed(0)} s, ` +
      `peak ${gb(peakBytes)}, snapshot ${gb(bytesBelow(String(json['path'])))}`,
  );
  sayPhases(phases);
  for (const epoch of json['epochs'] as { epoch: number; loss: number; seconds: number }[])
    say(`  epoch ${epoch.epoch}: ${epoch.seconds.toFixed(1)} s, loss ${epoch.loss.toFixed(6)}`);
  if (values['no-questions']) return;
  const someone = await idOfSomeone(events);
  const more = join(work, 'more.jsonl');
  writeFileSync(more, `${JSON.stringify({ user: someone, item: 'i7' })}\n`);
  for (const question of [
    ['snapshots', 'verify'],
    ['recommend', someone],
    ['recommend', someone],
    ['similar', 'i7'],
    ['user-vector', someone],
    ['users', 'show', someone],
    ['user-vector', '--all', '--events', more, '--threads', values.threads],
  ]) {
    const asked = await segue([...question, '--root', root]);
    say(
      `${question.slice(0, 2).join(' ').slice(0, 40)}: ${asked.seconds.toFixed(2)} s, peak ${gb(asked.peakBytes)}`,
    );
  }
}

async function idOfSomeone(events: string): Promise<string> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const rows = await connection.runAndReadAll(`SELECT user FROM '${events}' LIMIT 1`);
  return String(rows.getRows()[0]?.[0]);
}

for (const users of values.users.split(',').map(Number)) {
  const work = values.work ?? mkdtempSync(join(tmpdir(), 'segue-scale-'));
  mkdirSync(work, { recursive: true });
  const items = values.items === undefined ? Math.ceil(users / 15) : Number(values.items);
  const idBytes = values['id-bytes'] === undefined ? undefined : Number(values['id-bytes']);
  try {
    await measure(work, { users, items, pairs: Number(values.pairs), idBytes });
  } finally {
    if (values.work === undefined) rmSync(work, { recursive: true });
  }
}
