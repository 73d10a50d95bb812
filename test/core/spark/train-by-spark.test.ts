import { describe, expect, it } from 'vitest';
import type { Progress } from '#dist/core/contracts.js';
import { passBytes } from '#dist/core/models/als/als-limits.js';
import { workerBytes } from '#dist/core/spark/open-spark.js';
import { needsOfTraining, trainingBySpark } from '#dist/core/spark/train-by-spark.js';
import { plantedEntries, sparseRows } from '../../helpers/sparse.js';
import { tasksHere } from '../../helpers/tasks-here.js';

const shape = { numUsers: 1000, numItems: 100, longest: 10 };
const options = { factors: 60, cgSteps: 2 };

describe('what a training takes of Spark', () => {
  it('is each side once to everyone, its rows out and back, and a share of the pairs', async () => {
    const passes = passBytes(shape, options, { users: 1000, items: 100 });
    const rowBytes = 64 * 4;
    expect(passes).toEqual({
      fixedBytes: 1000 * rowBytes,
      broadcastBytes: 1100 * rowBytes,
      rowBytes: 2 * 1100 * rowBytes,
    });
    const spent = () => Promise.resolve({ executors: 4, shuffledBytes: 77 });
    expect(await needsOfTraining({ spent }, passes, 5000)).toEqual({
      executors: 4,
      shuffledBytes: 77,
      broadcastBytes: passes.broadcastBytes,
      rowBytes: passes.rowBytes,
      pairBytes: 80_000,
      executorBytes: workerBytes + passes.fixedBytes + 40_000,
    });
  });

  it('is, in groups, a direction and a sum out and a sum back for each group and step', () => {
    const { fixedBytes, rowBytes } = passBytes(shape, options, { users: 300, items: 100 });
    expect(fixedBytes).toBe(300 * 64 * 4);
    // Four groups of users, in two steps and once before.
    expect(rowBytes).toBe((2 * 1000 + 100 * 3 * 4 * 3) * 64 * 4);
  });
});

it('a training by Spark says how far a pass is at the end of what was said last, but not how long it takes', async () => {
  const told: Progress[] = [];
  const tasks = tasksHere();
  const spark = { open: () => Promise.resolve(tasks), close: () => Promise.resolve() };
  const { signal } = new AbortController();
  const { context, openPool } = trainingBySpark(spark, { signal, onProgress: (step) => told.push(step) });
  const sparse = sparseRows(plantedEntries(50, 40));
  const pool = openPool({ threads: 1, workspaceBytes: 1 << 20, scratchBytes: 1 << 23, signal });
  const pass = { kernel: 'spmm', bounds: Uint32Array.of(0, 25, 50), sparse, args: [64, 8192, 8, 0] } as const;
  await pool.run(pass);
  const before = { kind: 'step', phase: 'training', done: 0, total: undefined, unit: 'epochs' };
  const passes = ['task 1 of 2', 'task 2 of 2'];
  const notes = ['50 % of the pairs brought', '100 % of the pairs brought', ...passes];
  expect(told).toEqual(notes.map((note) => ({ ...before, note })));
  context.onProgress({
    ...({ kind: 'step', phase: 'training', done: 3, total: 9, unit: 'epochs' } as const),
    note: 'loss 0.5',
    secondsLeft: 7,
  });
  told.length = 0;
  await pool.run(pass);
  await pool.close();
  await tasks.close();
  const step = { kind: 'step', phase: 'training', done: 3, total: 9, unit: 'epochs' };
  expect(told).toEqual(passes.map((note) => ({ ...step, note: `loss 0.5  ${note}` })));
});
