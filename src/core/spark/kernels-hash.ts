/** Whether the kernels compute on this machine what they compute everywhere: a small fold-in and a small search, hashed. */
import { closing } from '../closers.js';
import { openPool } from '../compute/pool.js';
import { factorsLayout } from '../compute/factors.js';
import { layoutOf } from '../compute/workspace.js';
import type { Pairs } from '../contracts.js';
import { bytesOf } from '../files/npy.js';
import { sha256Hex } from '../files/sha256.js';
import { normalEquationsFold } from '../models/folding/user-fold.js';
import { preferred } from '../numeric/pairs.js';
import { sampleRows, seededRandom, type Random } from '../numeric/random.js';
import { openProductScan, productScanBytes, productScanScratchBytes } from '../search/product-scan.js';

/** What it has to be: the tests hold it, so that whoever changes a kernel's bits changes it too. */
export const wantedKernelsHash = '37eb7e16f3ea0f598a0a3102d651ed359d4dc47741d07be2989db14f0c205728';

const dim = 24;
const numItems = 300;
const numUsers = 40;
const pairsEach = 20;
const k = 10;

/** Hex sha256 of the vectors and rankings of made-up users, by every kernel that executors run. */
export async function kernelsHash(): Promise<string> {
  const random = seededRandom(17);
  const fold = normalEquationsFold({
    ...{ dim, numItems },
    eigenvalues: Float64Array.from({ length: dim }, (_, f) => numItems / (f + 1)),
    equations: { reg: 0.01, regExponent: 0.5, unobservedWeight: 0.1, beta: 0 },
    weights: {
      weighting: { f: { kind: 'log' }, cap: Infinity, itemDiscount: 0, userDiscount: 0.5 },
      scale: { meanItems: pairsEach, meanPlays: 1, itemFactor: undefined },
      decay: { halfLifeMs: 1e9, asOfMs: 4e9 },
    },
  });
  const layout = layoutOf({ items: factorsLayout(numItems, dim), users: factorsLayout(numUsers, dim) });
  return closing(
    openPool({
      threads: 1,
      workspaceBytes: layout.bytes + fold.allBytes(numUsers) + productScanBytes(numItems, dim),
      scratchBytes: Math.max(fold.scratchBytes(numItems), productScanScratchBytes(dim)),
      signal: new AbortController().signal,
    }),
    async (pool) => {
      const { workspace } = pool;
      const { items, users } = layout.allocate(workspace);
      const vectors = workspace.f32(items.address, numItems * dim);
      vectors.forEach((_, at) => (vectors[at] = random.nextFraction() - 0.5));
      await fold.all(pool, items, madeUpHistories(random), users);
      const scan = await openProductScan(pool, { ...items, paddedDim: dim });
      const ranked = await scan.best({ ...users, paddedDim: dim }, k);
      return sha256Hex(
        bytesOf(workspace.f32(users.address, numUsers * dim)),
        bytesOf(ranked.rows),
        bytesOf(ranked.scores),
      );
    },
  );
}

function madeUpHistories(random: Random): Pairs {
  const nnz = numUsers * pairsEach;
  const items = Array.from({ length: numUsers }, () => sampleRows(random, pairsEach, numItems));
  return {
    ...{ numUsers, numItems },
    indptr: Uint32Array.from({ length: numUsers + 1 }, (_, u) => u * pairsEach),
    item: Uint32Array.from(items.flatMap((row) => [...row])),
    weight: BigInt64Array.from({ length: nnz }, () => BigInt(1 + random.nextBelow(50)) * 1_000_000_000n),
    count: new Uint32Array(nnz).fill(1),
    lastAt: BigInt64Array.from({ length: nnz }, () => BigInt(random.nextBelow(4_000_000_000))),
    flags: Uint8Array.from({ length: nnz }, () => (random.nextBelow(10) === 0 ? 0 : preferred)),
  };
}
