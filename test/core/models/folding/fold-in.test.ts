import { afterEach, describe, expect, it } from 'vitest';
import { allocateFactors, factorBytes, paddedDim } from '#dist/core/compute/factors.js';
import { KeptWorkspace } from '#dist/core/compute/kept-workspace.js';
import { openPool, type ComputePool } from '#dist/core/compute/pool.js';
import { solverScratchBytes } from '#dist/core/compute/sparse-ranges.js';
import { longestRow } from '#dist/core/numeric/csr.js';
import { seededRandom } from '#dist/core/numeric/random.js';
import { foldInAll, foldInAllBytes, foldInOne, type FoldInModel } from '#dist/core/models/folding/fold-in.js';
import { historyRows } from '#dist/core/models/folding/history-weights.js';
import { openWorkspace } from '#dist/core/compute/workspace.js';
import type { Pairs } from '#dist/core/contracts.js';
import type { VectorFile } from '#dist/core/compute/vector-file.js';
import { exactRow } from '../../../helpers/als-oracle.js';
import { multiply, transposed, type Matrix } from '../../../helpers/dense.js';
import { pairsOf, plantedEntries } from '../../../helpers/sparse.js';

let pool: ComputePool | undefined;
afterEach(() => pool?.close());

const numItems = 40;

/** Items whose Gramian is diagonal, as training leaves them: random numbers made orthogonal column by column. */
function eigenbasisItems(dim: number): { items: Matrix; eigenvalues: Float64Array } {
  const random = seededRandom(3);
  const columns: Matrix = [];
  for (let f = 0; f < dim; f++) {
    const column = Array.from({ length: numItems }, () => random.nextFraction() - 0.5);
    for (const other of columns) {
      const share = column.reduce((s, x, i) => s + x * other[i]!, 0) / other.reduce((s, x) => s + x * x, 0);
      other.forEach((x, i) => (column[i]! -= share * x));
    }
    columns.push(column);
  }
  const items = transposed(columns).map((row) => row.map(Math.fround));
  const gram = multiply(transposed(items), items);
  return { items, eigenvalues: Float64Array.from(gram, (row, f) => row[f]!) };
}

function model(dim: number, beta: 0 | 1 = 0) {
  const { items, eigenvalues } = eigenbasisItems(dim);
  const equations = { reg: 0.05, regExponent: 1, unobservedWeight: beta === 1 ? 1 : 0.1, beta };
  const weights = {
    weighting: { f: { kind: 'log' } as const, cap: Infinity, itemDiscount: 0, userDiscount: 0 },
    scale: { meanItems: 1, meanPlays: 1, itemFactor: undefined },
    decay: undefined,
  };
  const foldIn: FoldInModel = { dim, numItems, eigenvalues, equations, weights };
  const vectors: Pick<VectorFile, 'readRowsInto'> = {
    readRowsInto(workspace, address, rows) {
      Array.from(rows).forEach((row, at) => {
        const place = workspace.f32(address + at * paddedDim(dim) * 4, paddedDim(dim));
        place.fill(0).set(items[row]!);
      });
    },
  };
  return { foldIn, items, vectors };
}

/** A single user's pairs out of many. */
function userOf(pairs: Pairs, u: number): Pairs {
  const [from, to] = [pairs.indptr[u]!, pairs.indptr[u + 1]!];
  return {
    numUsers: 1,
    numItems,
    indptr: Uint32Array.of(0, to - from),
    item: pairs.item.slice(from, to),
    weight: pairs.weight.slice(from, to),
    count: pairs.count.slice(from, to),
    lastAt: pairs.lastAt.slice(from, to),
    flags: pairs.flags.slice(from, to),
  };
}

async function foldAll(foldIn: FoldInModel, items: Matrix, pairs: Pairs, threads: number) {
  const dim = paddedDim(foldIn.dim);
  const rows = historyRows(foldIn.weights, pairs, openWorkspace(0).kernels);
  pool = openPool({
    threads,
    workspaceBytes:
      factorBytes(numItems, dim) +
      factorBytes(pairs.numUsers, dim) +
      foldInAllBytes(pairs.numUsers, foldIn.dim),
    scratchBytes: solverScratchBytes(longestRow(rows), dim),
    signal: new AbortController().signal,
  });
  const { workspace } = pool;
  const itemFactors = allocateFactors(workspace, numItems, dim);
  items.forEach((row, i) => workspace.f32(itemFactors.address + i * dim * 4, foldIn.dim).set(row));
  const users = allocateFactors(workspace, pairs.numUsers, dim);
  const unconverged = await foldInAll(pool, foldIn, itemFactors, rows, users);
  const vectors = Array.from({ length: pairs.numUsers }, (_, u) =>
    workspace.f32(users.address + u * dim * 4, foldIn.dim).slice(),
  );
  await pool.close();
  return { vectors, unconverged };
}

const entries = plantedEntries(60, numItems, { perUser: 9, dislikes: 0.15, seed: 5 });
entries[7] = [];
const pairs = pairsOf(entries, numItems);

describe('foldInOne', () => {
  it.each([0, 1] as const)('solves the normal equations, dislikes included, β = %d', (beta) => {
    const { foldIn, items, vectors } = model(6, beta);
    entries.forEach((row, u) => {
      const { vector, converged } = foldInOne(foldIn, userOf(pairs, u), vectors);
      const weighted = row.map(([i, w]) => [i, Math.sign(w) * (1 + Math.log(Math.abs(w)))] as const);
      const wanted = exactRow(weighted, items, foldIn.equations);
      expect(converged).toBe(true);
      wanted.forEach((x, f) => expect(vector[f]).toBeCloseTo(x, 4));
    });
  });

  it('gives zeros for a history of nothing, or of nothing but bans', () => {
    const { foldIn, vectors } = model(6);
    expect([...foldInOne(foldIn, userOf(pairs, 7), vectors).vector]).toEqual([0, 0, 0, 0, 0, 0]);
    const bans = userOf(
      pairsOf(
        [
          [
            [2, 1],
            [5, 1],
          ],
        ],
        numItems,
      ),
      0,
    );
    bans.weight.fill(0n);
    bans.flags.fill(3);
    expect([...foldInOne(foldIn, bans, vectors).vector]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('gives the same bits in memory that it solved others in', () => {
    const { foldIn, vectors } = model(6);
    const memory = new KeptWorkspace();
    const used = memory.take(2 ** 22);
    used.f32(used.allocate(2 ** 22), 2 ** 20).fill(Number.NaN);
    for (const u of [...entries.keys(), ...[...entries.keys()].reverse()]) {
      const history = userOf(pairs, u);
      const { vector } = foldInOne(foldIn, history, vectors, memory);
      expect([...vector]).toEqual([...foldInOne(foldIn, history, vectors).vector]);
    }
  });

  it('is moved towards what is liked and away from what is disliked', () => {
    const { foldIn, items, vectors } = model(6);
    const score = (likes: number[], dislikes: number[], item: number): number => {
      const row = [...likes.map((i) => [i, 1] as const), ...dislikes.map((i) => [i, -1] as const)];
      const { vector } = foldInOne(foldIn, pairsOf([row.sort(([a], [b]) => a - b)], numItems), vectors);
      return items[item]!.reduce((sum, y, f) => sum + y * vector[f]!, 0);
    };
    expect(score([4], [], 4)).toBeGreaterThan(score([9], [], 4));
    const others = items.map((_, i) => i).filter((i) => i !== 9);
    const next = others.reduce((best, i) => (score([9], [], i) > score([9], [], best) ? i : best));
    expect(score([9], [next], next)).toBeLessThan(0.6 * score([9], [], next));
  });
});

it.each([6, 8, 13])(
  'foldInAll gives every user the bits of foldInOne, at 1, 2 and 3 threads, dim %i',
  async (dim) => {
    const { foldIn, items, vectors } = model(dim);
    for (const threads of [1, 2, 3]) {
      const { vectors: all, unconverged } = await foldAll(foldIn, items, pairs, threads);
      expect(unconverged).toBe(0);
      all.forEach((vector, u) => {
        expect([...vector]).toEqual([...foldInOne(foldIn, userOf(pairs, u), vectors).vector]);
      });
    }
  },
);
