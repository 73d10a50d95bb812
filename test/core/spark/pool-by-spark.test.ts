import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { allocateFactors } from '#dist/core/compute/factors.js';
import { blockRows } from '#dist/core/compute/kernel-exports.js';
import { openPool, type ComputePool, type PoolOptions } from '#dist/core/compute/pool.js';
import { solverRanges, solverScratchBytes } from '#dist/core/compute/sparse-ranges.js';
import { storedBytes } from '#dist/core/compute/stored-rows.js';
import type { EpochReport } from '#dist/core/contracts.js';
import { resolveAlsOptions } from '#dist/core/models/als/als-options.js';
import { partialSumsMemory, trainByPartialSums } from '#dist/core/models/als/partial-sums.js';
import { alsMemory, alsShape, trainAls } from '#dist/core/models/als/train-als.js';
import { sha256Hex } from '#dist/core/files/sha256.js';
import { allocateSparseRows, transpose, type SparseRows } from '#dist/core/numeric/csr.js';
import { seededRandom } from '#dist/core/numeric/random.js';
import type { Frame } from '#dist/core/spark/frames.js';
import { rowBlobs } from '#dist/core/spark/history-chunks.js';
import { poolBySpark } from '#dist/core/spark/pool-by-spark.js';
import { openRunRanges } from '#dist/core/spark/worker/run-ranges.js';
import { isFullTest } from '../../helpers/full-tests.js';
import { plantedEntries, sparseRows, spreadEntries } from '../../helpers/sparse.js';
import { tasksHere, type TasksHere } from '../../helpers/tasks-here.js';

const { signal } = new AbortController();
const hooks = { afterEpoch: () => Promise.resolve(true) };
const clock = (): number => 0;

/** What `train` makes of a pool of this machine, or of one whose passes run elsewhere. */
async function inPool<T>(
  sizes: Omit<PoolOptions, 'threads' | 'signal'>,
  tasks: TasksHere | undefined,
  train: (pool: ComputePool) => Promise<T>,
): Promise<T> {
  const options = { threads: 1, ...sizes, signal };
  const local = openPool(options);
  const pool =
    tasks === undefined
      ? local
      : poolBySpark(
          local,
          options,
          () => Promise.resolve(tasks),
          () => undefined,
        );
  try {
    return await train(pool);
  } finally {
    await pool.close();
    await tasks?.close();
  }
}

interface Trained {
  readonly epochs: readonly EpochReport[];
  readonly hash: string;
}

function hashOf(...arrays: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const array of arrays) hash.update(array);
  return hash.digest('hex');
}

const options = resolveAlsOptions({
  factors: 5,
  epochs: 2,
  objective: 'ials',
  init: 'svd',
  cgSteps: 2,
  seed: 42,
});

function inMemory(byUser: SparseRows, numItems: number, tasks?: TasksHere): Promise<Trained> {
  const sizes = alsMemory(alsShape(byUser, numItems), options.factors);
  return inPool(sizes, tasks, async (pool) => {
    const rows = { byUser, byItem: transpose(byUser, numItems) };
    const { users, items, epochs } = await trainAls(pool, rows, options, clock, hooks);
    const bytes = [users, items].map(({ address, numRows, dim }) =>
      pool.workspace.u8(address, numRows * dim * 4).slice(),
    );
    return { epochs, hash: hashOf(...bytes) };
  });
}

describe('a training whose passes run elsewhere', () => {
  const entries = plantedEntries(5000, 700, { perUser: 12, groups: 9, dislikes: 0.1 });
  entries[5] = [];
  entries[6] = Array.from({ length: 690 }, (_, item) => [item, 1 + (item % 3)] as const);
  const byUser = sparseRows(entries);
  let here: Promise<Trained> | undefined;

  const ways = [
    { parallelism: 3, executors: 3, lossy: 0.2 },
    { parallelism: 1, executors: 1 },
    { parallelism: 2, executors: 2 },
    { parallelism: 7, executors: 2, lossy: 0.3, seed: 5 },
  ];
  it.each(isFullTest() ? ways : ways.slice(0, 1))('has the bits of this machine, by %o', async (how) => {
    const tasks = tasksHere(how);
    here ??= inMemory(byUser, 700);
    expect(await inMemory(byUser, 700, tasks)).toEqual(await here);
    expect(tasks.counts.tasks).toBeGreaterThanOrEqual(6);
    if (how.lossy !== undefined) {
      expect(tasks.counts.lost).toBeGreaterThan(0);
      expect(tasks.counts.late).toBeGreaterThan(0);
    }
  });

  it('brings pairs once, and keeps no vectors that have changed since', async () => {
    const tasks = tasksHere({ parallelism: 2, executors: 1 });
    await inMemory(byUser, 700, tasks);
    expect(tasks.counts.brought).toBe(tasks.counts.kept);
    // One of each side, and the next one before the last is forgotten.
    expect(tasks.counts.mostPieces).toBe(3);
    expect(tasks.kept.size).toBe(0);
  });

  it('writes nothing any more once a task has failed, and says so', async () => {
    const tasks = tasksHere({ parallelism: 7, executors: 2 });
    let [asked, underWay] = [0, 0];
    const failing: TasksHere = {
      ...tasks,
      async ask(...args) {
        if (++asked === 12) throw new Error('lost');
        underWay++;
        const answer = await tasks.ask(...args);
        await setTimeout(20 * (asked % 3));
        underWay--;
        return answer;
      },
    };
    const sizes = alsMemory(alsShape(byUser, 700), options.factors);
    await inPool(sizes, failing, async (pool) => {
      const rows = { byUser, byItem: transpose(byUser, 700) };
      await expect(trainAls(pool, rows, options, clock, hooks)).rejects.toThrow('lost');
      const bytes = (): Uint8Array => pool.workspace.u8(0, pool.workspace.memory.buffer.byteLength);
      const before = hashOf(bytes());
      do await setTimeout(20);
      while (underWay > 0);
      expect(hashOf(bytes())).toBe(before);
    });
  });

  it('takes no answer that is short of an array', async () => {
    const tasks = tasksHere();
    const short: TasksHere = {
      ...tasks,
      async ask(...args) {
        const { head, blobs } = await tasks.ask(...args);
        return { head, blobs: blobs.slice(1) };
      },
    };
    await expect(inMemory(byUser, 700, short)).rejects.toThrow(/^spmm came back with arrays of \d+ bytes$/);
  });

  it('has them by partial sums too, a fixed side in one group and one in several', async () => {
    const numItems = isFullTest() ? blockRows + 900 : 1600;
    const numUsers = isFullTest() ? 2 * blockRows + 100 : blockRows + 300;
    const planted = plantedEntries(numUsers >> 4, numItems >> 4, { perUser: 6, groups: 20, dislikes: 0.1 });
    const rows = sparseRows(spreadEntries(planted, 16, numUsers));
    // Users are fixed by blocks; the items all at once.
    const groups = { users: blockRows, items: numItems, free: 2 ** 20 };
    const sizes = partialSumsMemory(alsShape(rows, numItems), options.factors, groups);
    const bySums = (tasks?: TasksHere): Promise<Trained> =>
      inPool(sizes, tasks, async (pool) => {
        const sides = { byUser: rows, numItems };
        const once = { ...options, epochs: 1 };
        const { users, items, epochs } = await trainByPartialSums(
          ...([pool, sides, once, clock, () => hooks, groups] as const),
        );
        return { epochs, hash: hashOf(storedBytes(users, 0, numUsers), storedBytes(items, 0, numItems)) };
      });
    const lossy = tasksHere({ parallelism: 7, executors: 3, lossy: 0.1 });
    expect(await bySums(lossy)).toEqual(await bySums());
    expect(lossy.counts.lost).toBeGreaterThan(0);
  });
});

it('a pass that runs elsewhere reads a fixed side that travels in several pieces, and folds in where there is much to fold', async () => {
  const dim = 8;
  // More than a piece of 64 MiB.
  const numFixed = 2_100_000;
  // More pairs than are folded in here.
  const [numRows, perRow] = [27_000, 40];
  const random = seededRandom(3);
  const sparse = allocateSparseRows(numRows, numRows * perRow);
  sparse.indptr.forEach((_, row) => (sparse.indptr[row] = row * perRow));
  const apart = numFixed / perRow;
  for (let at = 0; at < sparse.idx.length; at++) {
    sparse.idx[at] = (at % perRow) * apart + random.nextBelow(apart);
    sparse.weight[at] = 1 + random.nextFraction();
  }
  const sizes = {
    workspaceBytes: (numFixed + numRows + 16) * dim * 4 + 4 * numRows + 1024,
    scratchBytes: solverScratchBytes(64, dim),
  };
  const solve = (tasks?: TasksHere): Promise<string> =>
    inPool(sizes, tasks, async (pool) => {
      const { workspace } = pool;
      const fixed = allocateFactors(workspace, numFixed, dim);
      const free = allocateFactors(workspace, numRows, dim);
      const diag = workspace.allocate(4 * dim);
      const reg = workspace.allocate(4 * numRows);
      const values = workspace.f32(fixed.address, numFixed * dim);
      const period = 1013;
      for (let at = 0; at < period; at++) values[at] = ((at * 7919) % period) / period - 0.5;
      for (let at = period; at < values.length; at *= 2) values.copyWithin(at, 0, at);
      workspace.f32(diag, dim).fill(0.3);
      workspace.f32(reg, numRows).fill(0.2);
      const unconverged = await pool.run({
        kernel: 'solveRows',
        bounds: solverRanges(sparse),
        sparse,
        args: [fixed.address, free.address, dim, diag, reg, 0, 4, 1e-6],
      });
      return hashOf(new Uint8Array(unconverged.buffer), workspace.u8(free.address, numRows * dim * 4));
    });
  const tasks = tasksHere();
  expect(await solve(tasks)).toBe(await solve());
  expect(tasks.counts).toMatchObject({ kept: 2 });
  expect(tasks.counts.tasks).toBeGreaterThan(2);
});

it('an executor forgets the pairs that it was given first where there are too many, but never the last ones', async () => {
  const job = openRunRanges({ job: 'run-ranges', workspaceBytes: 1 << 16, scratchBytes: 1 << 16 }, 1);
  const pairs = Array.from({ length: 4 }, (_, at) => rowBlobs(sparseRows([[[at, 1]]])));
  const names = pairs.map((blobs) => sha256Hex(...blobs));
  const bytesOfOne = pairs[0]!.reduce((sum, { length }) => sum + length, 0);
  const ask = (op: string, at: number, mostPairBytes: number): Promise<Frame> => {
    const head = { op, name: names[at], rows: names[at], names: [], mostPairBytes };
    return job.answer({ head, blobs: op === 'keep' ? pairs[at]! : [] });
  };
  const kept = async (): Promise<number[]> => {
    const answers = await Promise.all(names.map((_, at) => ask('missing', at, 0)));
    return [...answers.keys()].filter((at) => (answers[at]!.head['missing'] as string[]).length === 0);
  };
  try {
    for (const at of [0, 1, 2]) await ask('keep', at, 2 * bytesOfOne);
    expect(await kept()).toEqual([1, 2]);
    // One alone does not fit, but what was brought for a task is there when it runs.
    await ask('keep', 3, bytesOfOne - 1);
    expect(await kept()).toEqual([3]);
    await ask('keep', 0, 0);
    expect(await kept()).toEqual([0]);
  } finally {
    await job.close();
  }
});
