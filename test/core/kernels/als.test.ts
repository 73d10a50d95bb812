import { describe, expect, it } from 'vitest';
import { sparseKernelBytes } from '#dist/core/compute/job.js';
import { openWorkspace } from '#dist/core/compute/workspace.js';
import { seededRandom } from '#dist/core/numeric/random.js';
import { fromRows, inner, matrix, solve } from '../../helpers/dense.js';
import { plantedEntries, sparseRows } from '../../helpers/sparse.js';

const dim = 8;
const numUsers = 12;
const numItems = 20;

/** One half-epoch's inputs in memory, and the same as plain numbers for the oracle. */
function halfEpoch(beta: number, steps: number, tolerance: number) {
  const workspace = openWorkspace(1 << 22);
  const random = seededRandom(9);
  const entries = plantedEntries(numUsers, numItems, { perUser: 7, dislikes: 0.2, seed: 4 });
  entries[3] = [];
  const rows = sparseRows(entries);
  const put = (values: ArrayLike<number>): number => {
    const address = workspace.allocate(values.length * 4);
    workspace.f32(address, values.length).set(values);
    return address;
  };
  const diag = Float32Array.from({ length: dim }, (_, f) => 2 / (f + 1));
  const reg = Float32Array.from({ length: numUsers }, (_, u) => 0.1 + 0.05 * u);
  const V = put(Float32Array.from({ length: numItems * dim }, () => random.nextFraction() - 0.5));
  const X = put(Float32Array.from({ length: numUsers * dim }, () => random.nextFraction() - 0.5));
  const indptr = workspace.allocate(rows.indptr.byteLength);
  workspace.u32(indptr, rows.indptr.length).set(rows.indptr);
  const idx = workspace.allocate(rows.idx.byteLength);
  workspace.u32(idx, rows.idx.length).set(rows.idx);
  const weight = put(rows.weight);
  const items = fromRows(workspace.f32(V, numItems * dim), numItems, dim);
  const users = () => fromRows(workspace.f32(X, numUsers * dim), numUsers, dim);
  const scratch = workspace.allocate(sparseKernelBytes(dim));
  const solveAll = (): number =>
    workspace.kernels.solveRows(
      ...[0, numUsers, indptr, idx, weight, scratch, V, X, dim, put(diag), put(reg), beta, steps, tolerance],
    );
  const improveAll = (): number =>
    workspace.kernels.improveRows(
      ...[0, numUsers, indptr, idx, weight, scratch, V, X, dim, put(diag), put(reg), beta, steps, 0],
    );
  /** The exact solution of a user's normal equations. */
  const wanted = (u: number): number[] => {
    const a = matrix(dim, dim, (r, c) => (r === c ? diag[r]! + reg[u]! : 0));
    const b = new Array<number>(dim).fill(0);
    for (const [item, w] of entries[u]!) {
      const v = items[item]!;
      for (let r = 0; r < dim; r++) {
        if (w > 0) b[r]! += (w + beta) * v[r]!;
        for (let c = 0; c < dim; c++) a[r]![c]! += Math.abs(w) * v[r]! * v[c]!;
      }
    }
    return solve(a, b);
  };
  return {
    workspace,
    entries,
    rows,
    items,
    users,
    solveAll,
    improveAll,
    diag,
    reg,
    wanted,
    V,
    X,
    indptr,
    idx,
    weight,
    scratch,
  };
}

describe('solveRows', () => {
  it.each([0, 1])('solves the normal equations, dislikes included, β = %d', (beta) => {
    const { users, solveAll, wanted } = halfEpoch(beta, 4 * dim, 1e-6);
    expect(solveAll()).toBe(0);
    const got = users();
    for (let u = 0; u < numUsers; u++) {
      const exact = u === 3 ? new Array<number>(dim).fill(0) : wanted(u);
      got[u]!.forEach((x, f) => expect(x).toBeCloseTo(exact[f]!, 4));
    }
  });

  it('gets closer with every step', () => {
    const distance = (steps: number): number => {
      const { users, solveAll, wanted } = halfEpoch(0, steps, 0);
      solveAll();
      const got = users();
      return got.reduce((sum, x, u) => {
        if (u === 3) return sum;
        const exact = wanted(u);
        const difference = x.map((value, f) => value - exact[f]!);
        return sum + inner(difference, difference);
      }, 0);
    };
    const [one, two, four, eight] = [1, 2, 4, 8].map(distance) as [number, number, number, number];
    expect(two).toBeLessThan(one / 2);
    expect(four).toBeLessThan(two / 2);
    expect(eight).toBeLessThan(1e-8);
  });

  it('counts the rows that a tolerance was not reached for', () => {
    const { solveAll } = halfEpoch(0, 1, 1e-6);
    expect(solveAll()).toBe(numUsers - 1);
  });
});

describe('rows of more pairs than the pack holds', () => {
  const wide = 512;
  /** A user of n pairs, solved from zero by `solve`: x, and in f64 what is left of the right side b, r = b − A x. */
  function solved(n: number, solve: 'to the end' | 'one step'): { x: number[]; r: number[]; b: number[] } {
    const workspace = openWorkspace(1 << 24);
    const random = seededRandom(3);
    const put = (values: ArrayLike<number>): number => {
      const address = workspace.allocate(values.length * 4);
      workspace.f32(address, values.length).set(values);
      return address;
    };
    const entries = Array.from({ length: n }, (_, k) => [k % 700, k % 7 === 0 ? -1 : 1 + (k % 3)] as const);
    const rows = sparseRows([entries]);
    const V = put(Float32Array.from({ length: 700 * wide }, () => random.nextFraction() - 0.5));
    const [indptr, idx] = [rows.indptr, rows.idx].map((array) => {
      const address = workspace.allocate(array.byteLength);
      workspace.u32(address, array.length).set(array);
      return address;
    });
    const X = put(new Float32Array(wide));
    const scratch = workspace.allocate(sparseKernelBytes(wide));
    const [diag, reg] = [put(new Float32Array(wide).fill(300)), put([5])];
    const w = put(rows.weight);
    const [steps, tolerance] = solve === 'one step' ? [1, 0] : [200, 1e-6];
    workspace.kernels.solveRows(
      ...[0, 1, indptr!, idx!, w, scratch, V, X, wide, diag, reg, 1, steps, tolerance],
    );
    const x = workspace.f32(X, wide);
    const got = Float64Array.from(x, (value) => -305 * value);
    const b = new Float64Array(wide);
    for (const [item, signed] of entries) {
      const v = workspace.f32(V + item * wide * 4, wide);
      const t = v.reduce((sum, value, f) => sum + value * x[f]!, 0);
      const [liked, pull] = [signed > 0 ? signed + 1 : 0, Math.abs(signed) * t];
      v.forEach((value, f) => {
        b[f]! += liked * value;
        got[f]! += (liked - pull) * value;
      });
    }
    return { x: [...x], r: [...got], b: [...b] };
  }

  const lengths = (): number[] => {
    const capacity = openWorkspace(0).kernels.packRows(wide);
    return [capacity - 1, capacity, capacity + 1, 2 * capacity + 3];
  };

  it('are solved as the others are', () => {
    for (const n of lengths()) {
      const { r, b } = solved(n, 'to the end');
      expect(Math.max(...r.map(Math.abs)) / Math.max(...b.map(Math.abs))).toBeLessThan(1e-5);
    }
  });

  it('go exactly as far along the last step as is best: nothing of the right side is left in its direction', () => {
    for (const n of lengths()) {
      const { x, r, b } = solved(n, 'one step');
      expect(Math.abs(inner(r, x) / inner(b, x))).toBeLessThan(1e-5);
    }
  });

  it.each([8, 64, 104, 1024])('and the pack stays within what is reserved for it, dim %d', (d) => {
    const capacity = openWorkspace(0).kernels.packRows(d);
    expect(capacity % 4).toBe(0);
    expect(4 * d * 4 + capacity * (d + 1) * 4).toBeLessThanOrEqual(sparseKernelBytes(d));
  });
});

it.each([
  [0, 1],
  [0, 3],
  [1, 2],
])(
  'improveRows takes solveRows’ steps and returns the objective they lead to, β = %d, %d steps',
  (beta, steps) => {
    const solved = halfEpoch(beta, steps, 0);
    solved.solveAll();
    const improved = halfEpoch(beta, steps, 0);
    const { entries, items, reg, diag } = improved;
    const got = improved.improveAll();
    expect(improved.users()).toEqual(solved.users());
    let wanted = 0;
    improved.users().forEach((x, u) => {
      for (const [item, w] of entries[u]!) {
        const t = inner(x, items[item]!);
        wanted += (Math.abs(w) + beta) * ((w > 0 ? 1 : 0) - t) ** 2 - beta * t * t;
      }
      x.forEach((value, f) => (wanted += (diag[f]! + reg[u]!) * value * value));
    });
    expect(got / wanted).toBeCloseTo(1, 5);
  },
);

it('spmm sums the vectors of what a user likes, not of what it dislikes', () => {
  const { workspace, entries, items, users, V, X, indptr, idx, weight, scratch } = halfEpoch(0, 1, 0);
  workspace.kernels.spmm(...[0, numUsers, indptr, idx, weight, scratch, V, X, dim, 0]);
  entries.forEach((row, u) => {
    const liked = row.filter(([, w]) => w > 0);
    for (let f = 0; f < dim; f++)
      expect(users()[u]![f]).toBeCloseTo(
        liked.reduce((sum, [item]) => sum + items[item]![f]!, 0),
        5,
      );
  });
});
