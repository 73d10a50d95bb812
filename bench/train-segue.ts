/**
 * Trains segue's ALS on the files of planted-pairs.ts; bench/train.ts starts it. Prints what training-runs.ts's Run says
 * as JSON. With --keep FOLDER it writes users.npy (those of FOLDER/sample.npy) and items.npy there after every epoch,
 * says so, and waits for a line.
 */
import { readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openPool } from '#dist/core/compute/pool.js';
import { storedBytes, type StoredRows } from '#dist/core/compute/stored-rows.js';
import { npyHeader, readNpy } from '#dist/core/files/npy.js';
import { transpose } from '#dist/core/numeric/csr.js';
import { resolveAlsOptions } from '#dist/core/models/als/als-options.js';
import { partialSumsMemory, trainByPartialSums } from '#dist/core/models/als/partial-sums.js';
import { alsMemory, alsShape, trainAls } from '#dist/core/models/als/train-als.js';
import type { EpochReport } from '#dist/core/contracts.js';
import { readPairs } from './read-pairs.js';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: '' },
    factors: { type: 'string' },
    epochs: { type: 'string' },
    steps: { type: 'string' },
    threads: { type: 'string' },
    reg: { type: 'string' },
    seed: { type: 'string' },
    init: { type: 'string' },
    solver: { type: 'string', default: 'in-memory' },
    keep: { type: 'string' },
  },
});
const read = <D extends '<u4' | '<f4'>(folder: string, name: string, dtype: D) =>
  readNpy(join(folder, `${name}.npy`), { dtype, shape: [undefined] }).data;

const clock = (): number => performance.now() / 1000;
const byUser = readPairs(values.data);
const numItems = read(values.data, 'items', '<u4')[0] ?? 0;
const options = resolveAlsOptions({
  factors: Number(values.factors),
  epochs: Number(values.epochs),
  objective: 'hu',
  reg: Number(values.reg),
  init: values.init === 'normal' ? 'normal' : 'svd',
  cgSteps: Number(values.steps),
  seed: Number(values.seed),
});
const sample = values.keep === undefined ? undefined : read(values.keep, 'sample', '<u4');

const before = process.cpuUsage();
const started = clock();
const memoryOf = values.solver === 'partial-sums' ? partialSumsMemory : alsMemory;
const pool = openPool({
  threads: Number(values.threads),
  ...memoryOf(alsShape(byUser, numItems), options.factors),
  signal: new AbortController().signal,
});

/** A side's row, without padding. */
type RowOf = (row: number) => Float32Array;

/** f32 [rows.length × factors]: these rows of a side. */
function write(folder: string, name: string, rowOf: RowOf, rows: Iterable<number>, numRows: number): void {
  const data = new Float32Array(numRows * options.factors);
  let at = 0;
  for (const row of rows) {
    data.set(rowOf(row), at);
    at += options.factors;
  }
  const bytes = new Uint8Array(data.buffer);
  writeFileSync(
    join(folder, `${name}.npy`),
    Buffer.concat([npyHeader('<f4', [numRows, options.factors]), bytes]),
  );
}

const epochSeconds: number[] = [];
const cpuAfter: number[] = [];
function afterEpoch({ epoch, seconds }: EpochReport, users: RowOf, items: RowOf): Promise<boolean> {
  epochSeconds.push(seconds);
  const used = process.cpuUsage(before);
  cpuAfter.push((used.user + used.system) / 1e6);
  if (values.keep !== undefined && sample !== undefined) {
    write(values.keep, 'users', users, sample, sample.length);
    write(values.keep, 'items', items, Array(numItems).keys(), numItems);
    process.stdout.write(`${JSON.stringify({ epoch })}\n`);
    readSync(0, Buffer.alloc(1));
  }
  return Promise.resolve(true);
}
if (values.solver === 'partial-sums') {
  const rowOf =
    (side: StoredRows): RowOf =>
    (row) => {
      const { buffer, byteOffset } = storedBytes(side, row, row + 1);
      return new Float32Array(buffer, byteOffset, options.factors);
    };
  await trainByPartialSums(pool, { byUser, numItems }, options, clock, () => ({
    afterEpoch: (report, { users, items }) => afterEpoch(report, rowOf(users), rowOf(items)),
  }));
} else {
  // Threads start meanwhile.
  const rows = { byUser, byItem: transpose(byUser, numItems) };
  await trainAls(pool, rows, options, clock, {
    afterEpoch(report, { users, items }) {
      const rowOf =
        ({ address, dim }: typeof users): RowOf =>
        (row) =>
          pool.workspace.f32(address + row * dim * 4, options.factors);
      return afterEpoch(report, rowOf(users), rowOf(items));
    },
  });
}
const total = clock() - started;
await pool.close();
process.stdout.write(
  JSON.stringify({
    startSeconds: total - epochSeconds.reduce((sum, seconds) => sum + seconds, 0),
    epochSeconds,
    cpuAfter,
    peakBytes: process.resourceUsage().maxRSS * 1024,
  }) + '\n',
);
