/**
 * Where the time of an ALS epoch goes: every kernel of it on one thread, in processor milliseconds (the least of some
 * rounds), on the pairs of planted-pairs.ts.
 *
 *   node build/bench/profile-epoch.js --data /tmp/pairs/M --factors 64,128 --steps 3
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { allocateFactors, factorBytes } from '#dist/core/compute/factors.js';
import { sparseScratchLayout } from '#dist/core/compute/job.js';
import { solverRanges, solverScratchBytes } from '#dist/core/compute/sparse-ranges.js';
import { openWorkspace } from '#dist/core/compute/workspace.js';
import { readNpy } from '#dist/core/files/npy.js';
import { longestRow, transpose, type SparseRows } from '#dist/core/numeric/csr.js';
import { readPairs } from './read-pairs.js';
import { randomFractions } from './seeded-random.js';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: '' },
    factors: { type: 'string', default: '64' },
    steps: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
  },
});
const steps = Number(values.steps);
const byUser = readPairs(values.data);
const numItems = readNpy(join(values.data, 'items.npy'), { dtype: '<u4', shape: [1] }).data[0] ?? 0;
const byItem = transpose(byUser, numItems);
const numUsers = byUser.numRows;
const nnz = byUser.idx.length;

/** Every kernel of an epoch: [name, floating-point operations, what runs it]. */
function phases(dim: number): (readonly [string, number, () => void])[] {
  const longest = Math.max(longestRow(byUser), longestRow(byItem));
  const scratchBytes = solverScratchBytes(longest, dim);
  const workspace = openWorkspace(
    factorBytes(numUsers, dim) +
      factorBytes(numItems, dim) +
      4 * (numUsers + numItems) +
      scratchBytes +
      60 * dim * dim +
      1e6,
  );
  const { kernels } = workspace;
  const users = allocateFactors(workspace, numUsers, dim);
  const items = allocateFactors(workspace, numItems, dim);
  const fraction = randomFractions(1);
  for (const side of [users, items]) {
    const entries = workspace.f32(side.address, side.numRows * dim);
    for (let at = 0; at < entries.length; at++) entries[at] = 0.3 * (fraction() - 0.5);
  }
  const diag = workspace.allocate(dim * 4);
  workspace.f32(diag, dim).fill(20);
  const reg = workspace.allocate(Math.max(numUsers, numItems) * 4);
  workspace.f32(reg, Math.max(numUsers, numItems)).fill(10);
  const [Q, tile] = [workspace.allocate(dim * dim * 4), workspace.allocate(Math.max(dim, 16) * dim * 4)];
  for (let f = 0; f < dim; f++) workspace.f32(Q, dim * dim)[f * dim + f] = 1;
  const [G, W] = [workspace.allocate(dim * dim * 8), workspace.allocate(dim * dim * 8)];
  const rotations = workspace.allocate(dim * dim * 16);
  const [d, e, h] = [workspace.allocate(8 * dim), workspace.allocate(8 * dim), workspace.allocate(8 * dim)];
  const [sweeps, columns] = [workspace.allocate(32 * dim), workspace.allocate(64 * dim)];
  const scratch = workspace.allocate(scratchBytes);

  const solve = (rows: SparseRows, X: number, fixed: number): void => {
    const bounds = solverRanges(rows);
    for (let range = 0; range + 1 < bounds.length; range++) {
      const [r0 = 0, r1 = 0] = bounds.subarray(range, range + 2);
      const [from = 0, to = 0] = [rows.indptr[r0], rows.indptr[r1]];
      const at = sparseScratchLayout(scratch, dim, r1 - r0, to - from);
      workspace.u32(at.indptr, r1 - r0 + 1).set(rows.indptr.subarray(r0, r1 + 1));
      workspace.u32(at.idx, to - from).set(rows.idx.subarray(from, to));
      workspace.f32(at.weight, to - from).set(rows.weight.subarray(from, to));
      kernels.improveRows(
        ...([r0, r1, at.indptr, at.idx, at.weight, scratch, fixed, X, dim, diag, reg, 1, steps, 0] as const),
      );
    }
  };
  const eigen = (): void => {
    kernels.gram(0, numItems, items.address, dim, G, tile);
    kernels.tridiagonalise(G, dim, dim, d, e, h);
    kernels.multiplyReflections(0, dim, G, dim, dim, h, W);
    const turn = [W, dim, dim, sweeps] as const;
    const left = kernels.iterateQl(...([d, e, dim, rotations, dim * dim, sweeps, W, dim, columns] as const));
    kernels.applyRotations(0, dim / 8, ...turn, left, rotations, columns);
  };
  const rows = numUsers + numItems;
  return [
    [
      'solve users',
      nnz * (steps + 0.5) * 4 * dim,
      () => {
        solve(byUser, users.address, items.address);
      },
    ],
    [
      'solve items',
      nnz * (steps + 0.5) * 4 * dim,
      () => {
        solve(byItem, items.address, users.address);
      },
    ],
    [
      'rotate (twice)',
      4 * rows * dim * dim,
      () => {
        for (const { address, numRows } of [users, items, users, items])
          kernels.rotate(0, numRows, address, dim, Q, tile);
      },
    ],
    [
      'Gramians',
      rows * dim * dim,
      () => {
        for (const { address, numRows } of [users, items]) kernels.gram(0, numRows, address, dim, G, tile);
      },
    ],
    ['an eigenbasis, with the items’ Gramian', 0, eigen],
  ];
}

for (const dim of values.factors.split(',').map(Number)) {
  process.stdout.write(
    `${values.data}: ${numUsers} × ${numItems}, ${nnz} pairs, dim ${dim}, ${steps} steps\n`,
  );
  const all = phases(dim);
  const least = all.map(() => Infinity);
  for (let round = 0; round <= Number(values.rounds); round++) {
    all.forEach(([, , run], at) => {
      const before = process.cpuUsage();
      run();
      const { user, system } = process.cpuUsage(before);
      least[at] = Math.min(least[at] ?? Infinity, (user + system) / 1000);
    });
  }
  all.forEach(([name, flops], at) => {
    const ms = least[at] ?? 0;
    const speed = flops === 0 ? '' : `  ${(flops / ms / 1e6).toFixed(1)} Gflop/s`;
    process.stdout.write(`  ${name.padEnd(40)} ${ms.toFixed(1).padStart(8)} ms${speed}\n`);
  });
}
