/**
 * segue's ALS beside implicit's (PyPI; the driver is train_implicit.py): the same generated pairs, threads, dimensions,
 * steps of conjugate gradient, weights and objective (Hu et al. 2008: c = 1 + plays, a plain λ), in turn.
 *
 *   node build/bench/train.js --size S,M --factors 64,128
 *
 * Every run is a process that reads the pairs from files: its peak memory is that of training. Quality is measured in
 * runs of its own, by one program: NDCG@100 of held-out pairs after every epoch. "to 99 %" is the time from the pairs in
 * memory to the first epoch that has 99 % of the best final NDCG@100 in the table, start included.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { npyHeader } from '#dist/core/files/npy.js';
import { plantedSizes, writePlantedPairs } from './planted-pairs.js';
import { ndcgOfFactors, readRows, usersToRank } from './rank-factors.js';
import { formatTable, summarise, type Result } from './training-table.js';
import { implicitIsMissing, train, type Run, type Settings, type Trainer } from './training-runs.js';

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: 'S' },
    factors: { type: 'string', default: '64' },
    /** Of the runs that quality is measured in. */
    epochs: { type: 'string', default: '12' },
    /** Of the runs that are timed, and how often each is run; 0 rounds: only those that quality is measured in. */
    'timed-epochs': { type: 'string', default: '6' },
    rounds: { type: 'string', default: '3' },
    /** Users whose rankings are measured; 0: no quality. */
    'ranked-users': { type: 'string', default: '5000' },
    threads: { type: 'string', default: '2' },
    steps: { type: 'string', default: '3' },
    reg: { type: 'string', default: '10' },
    seed: { type: 'string', default: '42' },
    python: { type: 'string', default: 'python3' },
    /** Where generated pairs are kept, to be used again. */
    data: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const steps = Number(values.steps);
const segueDefaultSteps = 2;
const note = (text: string): void => void process.stderr.write(`${text}\n`);

const missing = implicitIsMissing(values.python);
if (missing !== undefined) note(`implicit is left out: ${missing}`);
const trainers: Trainer[] = [
  ...(missing === undefined ? [{ name: 'implicit', library: 'implicit' as const, steps }] : []),
  { name: 'segue', library: 'segue', steps },
  ...(steps === segueDefaultSteps
    ? []
    : [{ name: 'segue, its default', library: 'segue' as const, steps: segueDefaultSteps }]),
  {
    name: 'segue, partial sums',
    library: 'segue',
    steps: Math.min(steps, segueDefaultSteps),
    solver: 'partial-sums',
  },
];

/** NDCG@100 after every epoch. */
async function quality(trainer: Trainer, settings: Settings, folder: string): Promise<number[]> {
  const rows = { train: readRows(settings.data, 'train'), test: readRows(settings.data, 'test') };
  const users = usersToRank(rows.test, Number(values['ranked-users']));
  writeFileSync(
    join(folder, 'sample.npy'),
    Buffer.concat([npyHeader('<u4', [users.length]), new Uint8Array(users.buffer)]),
  );
  const files = [join(folder, 'users.npy'), join(folder, 'items.npy')] as const;
  const found: number[] = [];
  await train(trainer, settings, {
    folder,
    afterEpoch: async () => {
      found.push(await ndcgOfFactors(...files, users, rows, settings.threads));
    },
  });
  return found;
}

const work = mkdtempSync(join(tmpdir(), 'segue-bench-'));
const results: Result[] = [];
try {
  for (const size of values.size.split(',')) {
    if (size !== 'S' && size !== 'M' && size !== 'L') throw new Error(`--size ${size}: wanted S, M or L`);
    const data = join(values.data ?? work, size);
    if (!existsSync(join(data, 'items.npy'))) {
      mkdirSync(data, { recursive: true });
      writePlantedPairs(data, plantedSizes[size], 1);
    }
    for (const factors of values.factors.split(',').map(Number)) {
      const settings: Settings = {
        ...{ data, factors, epochs: Number(values.epochs), threads: Number(values.threads) },
        ...{ reg: Number(values.reg), seed: Number(values.seed), python: values.python },
      };
      const measured: { trainer: Trainer; ndcg: number[]; runs: Run[] }[] = trainers.map((trainer) => ({
        trainer,
        ndcg: [],
        runs: [],
      }));
      if (Number(values['ranked-users']) > 0) {
        for (const { trainer, ndcg } of measured) {
          note(`${size} × ${factors}: quality of ${trainer.name}`);
          ndcg.push(...(await quality(trainer, settings, work)));
        }
      }
      for (let round = 1; round <= Number(values.rounds); round++) {
        for (const { trainer, runs } of measured) {
          note(`${size} × ${factors}: round ${round}, ${trainer.name}`);
          runs.push(await train(trainer, { ...settings, epochs: Number(values['timed-epochs']) }));
        }
      }
      results.push(...summarise(size, factors, measured));
    }
  }
} finally {
  rmSync(work, { recursive: true });
}
process.stdout.write(values.json ? `${JSON.stringify(results, undefined, 2)}\n` : formatTable(results));
