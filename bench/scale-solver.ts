/**
 * The largest training by partial sums: pairs are drawn in memory, and a model is planned, fitted, and everyone folded in
 * as `segue train` does it, without reading events and writing a snapshot.
 *
 *   node build/bench/scale-solver.js                       30,000,000 users × 2,000,000 items × 64, 100M pairs
 *   node build/bench/scale-solver.js --users 3000000 --items 200000
 *
 * Prints seconds, processor time of all threads, and the peak memory of the process after each step.
 */
import { parseArgs } from 'node:util';
import type { Pairs } from '#dist/core/contracts.js';
import { findModel, resolveOptions } from '#dist/core/models/all-models.js';
import { noTime, preferred, weightUnits } from '#dist/core/numeric/pairs.js';
import { randomFractions } from './seeded-random.js';

const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '30000000' },
    items: { type: 'string', default: '2000000' },
    /** A user has 1 to 5 or 6 of them, which makes 3.33 on average. */
    pairs: { type: 'string', default: '3.33' },
    factors: { type: 'string', default: '64' },
    epochs: { type: 'string', default: '2' },
    threads: { type: 'string', default: '2' },
  },
});
const threads = Number(values.threads);
const started = performance.now();

function tell(what: string): void {
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  const peak = ((process.resourceUsage().maxRSS * 1024) / 1e9).toFixed(2);
  const { user, system } = process.cpuUsage();
  const processor = ((user + system) / 1e6).toFixed(0);
  process.stdout.write(`${seconds} s, ${processor} s of processor, peak ${peak} GB: ${what}\n`);
}

/** The first item of user u is u mod items, so that every item is there; popular ones are drawn ahead of the others. */
function drawPairs(numUsers: number, numItems: number, mean: number): Pairs {
  const fraction = randomFractions(1);
  const indptr = new Uint32Array(numUsers + 1);
  let item = new Uint32Array(Math.ceil(numUsers * mean * 1.05) + 16);
  let nnz = 0;
  for (let u = 0; u < numUsers; u++) {
    const first = nnz;
    item[nnz++] = u % numItems;
    for (let more = Math.floor(fraction() * (2 * mean - 1)); more > 0; more--) {
      const drawn = Math.floor(numItems * fraction() ** 3);
      let at = nnz;
      while (at > first && (item[at - 1] ?? 0) > drawn) at--;
      if (at > first && item[at - 1] === drawn) continue;
      item.copyWithin(at + 1, at, nnz++);
      item[at] = drawn;
    }
    indptr[u + 1] = nnz;
  }
  item = item.slice(0, nnz);
  return {
    ...{ numUsers, numItems, indptr, item },
    weight: new BigInt64Array(nnz).fill(weightUnits),
    count: new Uint32Array(nnz).fill(1),
    lastAt: new BigInt64Array(nnz).fill(noTime),
    flags: new Uint8Array(nnz).fill(preferred),
  };
}

const pairs = drawPairs(Number(values.users), Number(values.items), Number(values.pairs));
tell(`${pairs.numUsers} users × ${pairs.numItems} items × ${values.factors}, ${pairs.item.length} pairs`);
const als = findModel('als');
const given = { factors: Number(values.factors), epochs: Number(values.epochs) };
const plan = als.plan({ pairs }, resolveOptions(als, given), 42, 'partial-sums');
const { memoryBytes, seconds } = plan.expectation(threads);
tell(`planned: ${(memoryBytes / 1e9).toFixed(2)} GB, ${seconds.toFixed(0)} s of epochs`);
const context = { signal: new AbortController().signal, onProgress: () => undefined };
const fitted = await plan.fit({
  ...{ threads, context },
  clock: () => performance.now() / 1000,
  afterEpoch(report) {
    tell(`epoch ${report.epoch}: ${report.seconds.toFixed(1)} s, loss ${report.loss.toFixed(6)}`);
    return Promise.resolve(true);
  },
});
tell('trained');
const vectors = fitted.userVectors(pairs, context);
let folded = 0;
if (vectors !== undefined) for await (const batch of vectors.batches) folded += batch.length / given.factors;
tell(`${folded} users folded in, ${vectors?.unconverged() ?? 0} not to the tolerance`);
await fitted.close();
