import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { openPool, type ComputePool } from '#dist/core/compute/pool.js';
import { transpose } from '#dist/core/numeric/csr.js';
import { easeForm, easeMemory, trainEase } from '#dist/core/models/ease/train-ease.js';
import { similarityChunkBytes, similarityFileChunks } from '#dist/core/models/item-item/dense-matrix.js';
import { at, matrix, type Matrix } from '../../../helpers/dense.js';
import { denseRows, easeOracle } from '../../../helpers/ease-oracle.js';
import { plantedEntries, sparseRows, type Entries } from '../../../helpers/sparse.js';

let pool: ComputePool | undefined;
afterEach(() => pool?.close());

async function train(
  entries: Entries,
  numItems: number,
  { reg = 3, threads = 1, signal = new AbortController().signal, onStep = (): void => undefined } = {},
): Promise<{ B: Matrix; hash: string }> {
  const byUser = sparseRows(entries);
  const size = { numUsers: entries.length, numItems, nnz: byUser.idx.length };
  const { result, beside, scratchBytes } = easeMemory(size);
  const workspaceBytes = result + Math.max(beside, similarityChunkBytes(numItems));
  pool = openPool({ threads, workspaceBytes, scratchBytes, signal });
  const rows = { byUser, byItem: transpose(byUser, numItems) };
  const trained = await trainEase(pool, rows, reg, onStep);
  const [, ...pieces] = Array.from(similarityFileChunks(pool.workspace, trained), (piece) =>
    Buffer.from(piece),
  );
  const bytes = Buffer.concat(pieces);
  const values = new Float32Array(bytes.buffer, bytes.byteOffset, numItems ** 2);
  const B = matrix(numItems, numItems, (r, c) => values[r * numItems + c] ?? Number.NaN);
  await pool.close();
  return { B, hash: createHash('sha256').update(bytes).digest('hex') };
}

function expectClose(got: Matrix, wanted: Matrix): void {
  const apart = got.map((row, r) => Math.max(...row.map((x, c) => Math.abs(x - at(wanted, r, c)))));
  expect(Math.max(...apart)).toBeLessThan(1e-6);
}

/** Users and items on both sides of a tile's end, so that either form is taken; 7 items that nobody has. */
const shapes = [
  { form: 'items', users: 150, items: 60 },
  { form: 'items', users: 110, items: 64 },
  { form: 'items', users: 160, items: 131 },
  { form: 'users', users: 20, items: 130 },
  { form: 'users', users: 64, items: 190 },
  { form: 'users', users: 70, items: 200 },
] as const;

describe('trainEase', () => {
  it.each(shapes)('is the closed form of EASE for $users users × $items items, by $form', async (shape) => {
    const entries = plantedEntries(shape.users, shape.items - 7, { perUser: 9, dislikes: 0.1 });
    const nnz = entries.flat().length;
    expect(easeForm({ numUsers: shape.users, numItems: shape.items, nnz })).toBe(shape.form);
    const { B } = await train(entries, shape.items, { reg: 2.5 });
    expectClose(B, easeOracle(entries, shape.items, 2.5));
  });

  it('gives each item nothing of itself, and an item without users nothing at all', async () => {
    const { B } = await train(plantedEntries(50, 30), 35);
    B.forEach((row, i) => {
      expect(row[i]).toBe(0);
      if (i >= 30) expect(row.every((x) => x === 0)).toBe(true);
    });
  });

  it('minimises its objective: moving any weight off the diagonal makes it worse', async () => {
    const entries = plantedEntries(40, 12, { perUser: 5 });
    const reg = 4;
    const { B } = await train(entries, 12, { reg });
    const x = denseRows(entries, 12);
    const objective = (b: Matrix): number =>
      x.reduce(
        (sum, row) =>
          sum +
          row.reduce(
            (miss, xj, j) => miss + (xj - row.reduce((s, xi, i) => s + xi * at(b, i, j), 0)) ** 2,
            0,
          ),
        reg * b.flat().reduce((sum, w) => sum + w * w, 0),
      );
    const least = objective(B);
    for (const [i, j] of [
      [0, 1],
      [3, 11],
      [7, 2],
    ] as const) {
      for (const step of [-0.01, 0.01]) {
        const moved = B.map((row, r) => row.map((w, c) => (r === i && c === j ? w + step : w)));
        expect(objective(moved)).toBeGreaterThan(least);
      }
    }
  });

  it('pushes apart what the same users like and dislike', async () => {
    const entries: Entries = Array.from({ length: 20 }, (_, u) =>
      u % 2 === 0
        ? [
            [0, 1],
            [1, 1],
            [2, -1],
          ]
        : [[3, 1]],
    );
    const { B } = await train(entries, 4);
    expect(at(B, 0, 1)).toBeGreaterThan(0.1);
    expect(at(B, 0, 2)).toBeLessThan(-0.1);
    expect(Math.abs(at(B, 0, 3))).toBeLessThan(1e-9);
  });

  it.each([
    { users: 300, items: 200 },
    { users: 150, items: 300 },
  ])('gives the same bits at 1, 2 and 3 threads: $users users × $items items', async ({ users, items }) => {
    const entries = plantedEntries(users, items, { perUser: 12 });
    const hashes = new Set<string>();
    for (const threads of [1, 2, 3]) hashes.add((await train(entries, items, { threads })).hash);
    expect(hashes.size).toBe(1);
  });

  it('tells how far it is', async () => {
    const steps: string[] = [];
    const onStep = (...step: unknown[]): void => void steps.push(step.join(' '));
    await train(plantedEntries(70, 200), 200, { onStep });
    expect(steps).toEqual(['inverting 1 2', 'inverting 2 2', 'similarities 4 4']);
  });

  it('stops when it is told to', async () => {
    const aborting = new AbortController();
    const onStep = (): void => {
      aborting.abort();
    };
    const training = train(plantedEntries(160, 131), 131, { signal: aborting.signal, onStep });
    await expect(training).rejects.toMatchObject({ code: 'interrupted' });
  });

  it('says so where --reg is too small for f64', async () => {
    const entries: Entries = Array.from({ length: 90 }, () => [
      [0, 1e9],
      [1, 1e9],
    ]);
    await expect(train(entries, 2, { reg: 1e-9 })).rejects.toMatchObject({ code: 'diverged' });
  });
});

it('easeForm is the users’ where they are fewer, as long as both matrices fit', () => {
  expect(easeForm({ numUsers: 1_885, numItems: 13_973, nnz: 64_315 })).toBe('users');
  expect(easeForm({ numUsers: 136_677, numItems: 20_108, nnz: 10_000_000 })).toBe('items');
  expect(easeForm({ numUsers: 20_000, numItems: 28_000, nnz: 1_000_000 })).toBe('items');
});
