import { bytesOf } from '#dist/core/files/npy.js';
import { expect, it } from 'vitest';
import { allocateFactors, factorBytes } from '#dist/core/compute/factors.js';
import { openPool } from '#dist/core/compute/pool.js';
import { foldInPieces, usersAtOnce } from '#dist/core/models/folding/fold-in-everyone.js';
import { historyWeights } from '#dist/core/models/folding/history-weights.js';
import { normalEquationsFold } from '#dist/core/models/folding/user-fold.js';
import { weighingOptions } from '#dist/core/models/folding/weighing-options.js';
import { pairsOf } from '../../../helpers/sparse.js';

it('folds everyone in by pieces, with the bits of all at once', async () => {
  const dim = 1024;
  const numItems = 5;
  const numUsers = usersAtOnce(1e9, dim) + 3;
  const histories = pairsOf(
    Array.from({ length: numUsers }, (_, u) => [[u % numItems, 1 + (u % 4)] as const]),
    numItems,
  );
  const pool = openPool({
    threads: 2,
    workspaceBytes: factorBytes(numItems, dim) + 2 * factorBytes(numUsers, dim) + (1 << 20),
    scratchBytes: 1 << 23,
    signal: new AbortController().signal,
  });
  try {
    const { workspace } = pool;
    const [items, users, place] = [numItems, numUsers, numUsers].map((rows) =>
      allocateFactors(workspace, rows, dim),
    ) as [ReturnType<typeof allocateFactors>, ReturnType<typeof allocateFactors>, { address: number }];
    workspace.f32(items.address, numItems * dim).forEach((_, at, all) => (all[at] = ((at * 37) % 101) / 101));
    const equations = { reg: 0.1, regExponent: 1, unobservedWeight: 0.1, beta: 0 };
    const weights = historyWeights(histories, weighingOptions({}, 'log'), workspace.kernels);
    const eigenvalues = new Float64Array(dim).fill(0.5);
    const fold = normalEquationsFold({ dim, numItems, eigenvalues, equations, weights });
    await fold.all(pool, items, histories, users);
    const wanted = workspace.u8(users.address, numUsers * dim * 4);

    const told: number[] = [];
    const { signal } = new AbortController();
    const onProgress = (step: object): void => {
      if ('done' in step) told.push(Number(step.done));
    };
    const context = { signal, onProgress };
    const { batches } = foldInPieces(pool, fold, items, histories, place.address, context);
    let [bytes, same] = [0, true];
    for await (const batch of batches) {
      const piece = Buffer.from(bytesOf(batch));
      same &&= piece.equals(wanted.subarray(bytes, bytes + piece.length));
      bytes += piece.length;
    }
    expect(same).toBe(true);
    expect(bytes).toBe(wanted.length);
    expect(told).toEqual([0, numUsers - 3, numUsers]);
  } finally {
    await pool.close();
  }
});
