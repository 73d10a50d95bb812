/**
 * Recommends from the factors of recommend-factors.ts; bench/recommend.ts starts it. Prints {seconds, scanned} as JSON: what
 * each round took, with preparing the items, and the share of all pairs that was looked at. With --brute FILE it also
 * compares rows and score bits of every user with the scan of all in f32, and says how many differ and what that took.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { allocateFactors, factorBytes, paddedDim } from '#dist/core/compute/factors.js';
import { openPool } from '#dist/core/compute/pool.js';
import { npyHeader } from '#dist/core/files/npy.js';
import { batchBytes, bestOfMany, type Matrix } from '#dist/core/search/exact-batch.js';
import {
  openProductScan,
  productScanBytes,
  productScanScratchBytes,
} from '#dist/core/search/product-scan.js';
import { rankingOf, type RankedBatch } from '#dist/core/search/ranked-batch.js';
import { readFactors } from './recommend-factors.js';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: '' },
    k: { type: 'string', default: '10' },
    threads: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '3' },
    brute: { type: 'boolean', default: false },
    out: { type: 'string' },
  },
});
const k = Number(values.k);
const bruteAtOnce = 256;
const { users, items, indptr, item } = readFactors(values.data);
const [numUsers = 0, dim = 0] = users.shape;
const [numItems = 0] = items.shape;
const padded = paddedDim(dim);
const pool = openPool({
  threads: Number(values.threads),
  workspaceBytes:
    factorBytes(numItems, padded) +
    factorBytes(numUsers, padded) +
    productScanBytes(numItems, padded) +
    batchBytes(bruteAtOnce, { numRows: numItems, paddedDim: padded }, k, true),
  scratchBytes: productScanScratchBytes(padded),
  signal: new AbortController().signal,
});
const { workspace } = pool;

function place({ data }: { readonly data: Float32Array }, numRows: number): Matrix {
  const { address } = allocateFactors(workspace, numRows, padded);
  for (let row = 0; row < numRows; row++)
    workspace.f32(address + row * padded * 4, dim).set(data.subarray(row * dim, (row + 1) * dim));
  return { address, numRows, paddedDim: padded };
}
const queries = place(users, numUsers);
const matrix = place(items, numItems);
const leaveOut = (user: number): Uint32Array => item.subarray(indptr[user], indptr[user + 1]);
// Threads start before the clock does, as implicit's do.
await pool.run({ kernel: 'unitRows', bounds: Uint32Array.of(0, 0), args: [0, padded] });

const seconds: number[] = [];
let scanned = 0;
let found: RankedBatch | undefined;
for (let round = 0; round < Number(values.rounds); round++) {
  const mark = workspace.mark();
  const started = performance.now();
  const scan = await openProductScan(pool, matrix);
  found = await scan.best(queries, k, { leaveOut });
  seconds.push((performance.now() - started) / 1000);
  scanned = scan.lookedAt / (numUsers * numItems);
  workspace.release(mark);
}
const brute = values.brute && found !== undefined ? await compare(found) : undefined;
if (values.out !== undefined && found !== undefined) {
  const shape = [numUsers, found.k];
  const write = (name: string, header: Uint8Array, array: Uint32Array | Float32Array): void => {
    writeFileSync(join(values.out ?? '', name), Buffer.concat([header, new Uint8Array(array.buffer)]));
  };
  write('segue-ids.npy', npyHeader('<u4', shape), found.rows);
  write('segue-scores.npy', npyHeader('<f4', shape), found.scores);
}
await pool.close();
process.stdout.write(`${JSON.stringify({ seconds, scanned, brute })}\n`);

/** Users whose rows or scores are not those of the scan of all, and the seconds that one took. */
async function compare(batch: RankedBatch): Promise<{ seconds: number; different: number }> {
  let different = 0;
  let took = 0;
  for (let from = 0; from < numUsers; from += bruteAtOnce) {
    const numRows = Math.min(bruteAtOnce, numUsers - from);
    const some = { ...queries, address: queries.address + 4 * from * padded, numRows };
    const started = performance.now();
    const wanted = await bestOfMany(pool, some, matrix, k, (q) => leaveOut(from + q));
    took += (performance.now() - started) / 1000;
    wanted.forEach((ranking, q) => {
      const got = rankingOf(batch, from + q);
      const isSame =
        got.length === ranking.length &&
        got.every(({ row, score }, at) => row === ranking[at]?.row && Object.is(score, ranking[at].score));
      if (!isSame) different++;
    });
  }
  return { seconds: took, different };
}
