import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { blockRows } from '#dist/core/compute/kernel-exports.js';
import { openPool } from '#dist/core/compute/pool.js';
import { storedBytes, type StoredRows } from '#dist/core/compute/stored-rows.js';
import type { EpochReport } from '#dist/core/contracts.js';
import { resolveAlsOptions, type AlsOptions } from '#dist/core/models/als/als-options.js';
import {
  groupSizes,
  partialSumsMemory,
  trainByPartialSums,
  type GroupSizes,
  type PartialSumsState,
} from '#dist/core/models/als/partial-sums.js';
import { alsMemory, alsShape, trainAls } from '#dist/core/models/als/train-als.js';
import { transpose, type SparseRows } from '#dist/core/numeric/csr.js';
import { isFullTest } from '../../../helpers/full-tests.js';
import { plantedEntries, sparseRows, spreadEntries } from '../../../helpers/sparse.js';

const base = { factors: 5, epochs: 4, objective: 'ials', init: 'svd', cgSteps: 2, seed: 42 } as const;
const { signal } = new AbortController();

interface Trained {
  readonly epochs: readonly EpochReport[];
  /** f32 [rows × padded dim]. */
  readonly users: Float32Array;
  readonly items: Float32Array;
  readonly hash: string;
}

function numbers(rows: StoredRows): Float32Array {
  const bytes = storedBytes(rows, 0, rows.numRows).slice();
  return new Float32Array(bytes.buffer);
}

function trained(users: Float32Array, items: Float32Array, epochs: readonly EpochReport[]): Trained {
  const hash = createHash('sha256').update(new Uint8Array(users.buffer)).update(new Uint8Array(items.buffer));
  return { users, items, epochs, hash: hash.digest('hex') };
}

async function byPartialSums(
  byUser: SparseRows,
  numItems: number,
  options: AlsOptions,
  {
    threads = 2,
    groups = undefined as GroupSizes | undefined,
    resume = undefined as ((state: PartialSumsState) => readonly EpochReport[]) | undefined,
    onEpoch = (_state: PartialSumsState): void => undefined,
  } = {},
): Promise<Trained> {
  const sizes = partialSumsMemory(alsShape(byUser, numItems), options.factors, groups);
  const pool = openPool({ threads, ...sizes, signal });
  try {
    const hooks = () => ({
      ...(resume === undefined ? {} : { resume }),
      afterEpoch: (_: EpochReport, state: PartialSumsState) => {
        onEpoch(state);
        return Promise.resolve(true);
      },
    });
    const { users, items, epochs, itemsInMemory } = await trainByPartialSums(
      ...([pool, { byUser, numItems }, options, () => 0, hooks] as const),
      ...(groups === undefined ? [] : [groups]),
    );
    if (groups === undefined || groups.items >= numItems) {
      const { address, numRows, dim } = await itemsInMemory();
      const bytes = pool.workspace.u8(address, numRows * dim * 4);
      expect(Buffer.compare(bytes, new Uint8Array(numbers(items).buffer))).toBe(0);
    }
    return trained(numbers(users), numbers(items), epochs);
  } finally {
    await pool.close();
  }
}

async function inMemory(byUser: SparseRows, numItems: number, options: AlsOptions): Promise<Trained> {
  const pool = openPool({ threads: 2, ...alsMemory(alsShape(byUser, numItems), options.factors), signal });
  try {
    const rows = { byUser, byItem: transpose(byUser, numItems) };
    const hooks = { afterEpoch: () => Promise.resolve(true) };
    const { users, items, epochs } = await trainAls(pool, rows, options, () => 0, hooks);
    const read = ({ address, numRows, dim }: typeof users) =>
      pool.workspace.f32(address, numRows * dim).slice();
    return trained(read(users), read(items), epochs);
  } finally {
    await pool.close();
  }
}

/** Three blocks of users, two of items; most rows have no pairs, one has many. */
const many = { users: 2 * blockRows + 1000, items: blockRows + 500 };
function manyRows(): SparseRows {
  const apart = 50;
  const planted = plantedEntries(Math.floor(many.users / apart), Math.floor(many.items / apart), {
    ...{ perUser: 6, groups: 10, dislikes: 0.1, seed: 3 },
  });
  const entries = spreadEntries(planted, apart, many.users);
  entries[8] = Array.from({ length: 9000 }, (_, at) => [at * 7, 1 + (at % 3)] as const);
  return sparseRows(entries);
}

describe('trainByPartialSums', () => {
  it.each([
    { objective: 'ials' as const },
    { objective: 'ials' as const, init: 'normal' as const, cgSteps: 3, regExponent: 0.5 },
    { objective: 'hu' as const, reg: 0.5, init: 'normal' as const, cgSteps: 1 },
  ])('reaches the loss of the solver in memory, within 1e-6 of it, for %o', async (given) => {
    const entries = plantedEntries(900, 400, { perUser: 12, groups: 9, dislikes: 0.1 });
    entries[5] = [];
    const rows = sparseRows(entries);
    const options = resolveAlsOptions({ ...base, ...given });
    const wanted = await inMemory(rows, 400, options);
    const got = await byPartialSums(rows, 400, options);
    expect(got.epochs).toHaveLength(4);
    got.epochs.forEach(({ loss }, at) => {
      expect(Math.abs(loss / wanted.epochs[at]!.loss - 1)).toBeLessThan(1e-6);
    });
    expect(got.users.slice(5 * 8, 6 * 8)).toEqual(new Float32Array(8));
  });

  it('has the same bits in any groups of blocks and of free rows, at 1, 2 and 3 threads', async () => {
    const rows = manyRows();
    const all = { ...many, free: 2 ** 20 };
    const ways = [
      [2, undefined],
      [3, { users: 2 * blockRows, items: blockRows, free: 50_000 }],
      [1, { ...all, users: blockRows }],
      [3, { ...all, items: blockRows, free: 10_000 }],
    ] as const;
    // The solver in memory is asked once: below a block either start has been held against it.
    for (const init of isFullTest() ? (['svd', 'normal'] as const) : (['svd'] as const)) {
      const options = resolveAlsOptions({ ...base, epochs: 1, init });
      const runs = [];
      for (const [threads, groups] of ways.slice(0, isFullTest() ? 4 : 2))
        runs.push(await byPartialSums(rows, many.items, options, { threads, groups }));
      expect(new Set(runs.map(({ hash }) => hash)).size).toBe(1);
      expect(new Set(runs.map(({ epochs }) => JSON.stringify(epochs))).size).toBe(1);
      if (init === 'normal') continue;
      const wanted = await inMemory(rows, many.items, options);
      expect(Math.abs(runs[0]!.epochs[0]!.loss / wanted.epochs[0]!.loss - 1)).toBeLessThan(1e-6);
    }
  });

  it('goes on from what an epoch left with the bits of a training that was not interrupted', async () => {
    const rows = sparseRows(plantedEntries(300, 200, { perUser: 9 }));
    const options = resolveAlsOptions(base);
    let saved: { users: Float32Array; items: Float32Array; eigenvalues: Float64Array } | undefined;
    const whole = await byPartialSums(rows, 200, options, {
      onEpoch: ({ users, items, eigenvalues }) => {
        saved ??= { users: numbers(users), items: numbers(items), eigenvalues: eigenvalues.slice() };
      },
    });
    const resumed = await byPartialSums(rows, 200, options, {
      resume: ({ users, items, eigenvalues }) => {
        new Float32Array(users.bytes).set(saved!.users);
        new Float32Array(items.bytes).set(saved!.items);
        eigenvalues.set(saved!.eigenvalues);
        return whole.epochs.slice(0, 1);
      },
    });
    expect(resumed.hash).toBe(whole.hash);
    expect(resumed.epochs).toEqual(whole.epochs);
  });
});

describe('groupSizes', () => {
  it('keep all of a side in kernel memory where that takes 2 GiB or fewer, or no more than the items', () => {
    const of = (numUsers: number, numItems: number) => groupSizes({ numUsers, numItems, longest: 1 }, 64);
    expect(of(1_000_000, 50_000)).toMatchObject({ users: 1_000_000, items: 50_000 });
    expect(of(30_000_000, 2_000_000)).toMatchObject({ users: 128 * blockRows, items: 2_000_000 });
    expect(of(30_000_000, 10_000_000)).toMatchObject({ users: 152 * blockRows, items: 10_000_000 });
  });

  it('take what fits into kernel memory, at 10M items and as many users as the machine holds', () => {
    const shape = { numUsers: 100_000_000, numItems: 10_000_000, longest: 5_000_000 };
    const { workspaceBytes, scratchBytes } = partialSumsMemory(shape, 64);
    expect(workspaceBytes + 4 * scratchBytes).toBeLessThan(3.2 * 2 ** 30);
  });
});
