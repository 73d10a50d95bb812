/**
 * Builds an index over a Gaussian mixture (or a .npy of your own) and prints what it took, and for several numbers of
 * probes the recall@10 and the queries a second, one at a time on one thread, beside those of the exact scan:
 *
 *   node build/bench/build-index.js --items 1000000 --dim 64 --threads 2 [--lists 2000] [--spread 0.7] [--clusters 10000]
 *   node build/bench/build-index.js vectors.npy
 */
import { parseArgs } from 'node:util';
import { openPool, type ComputePool } from '#dist/core/compute/pool.js';
import { paddedDim } from '#dist/core/compute/factors.js';
import type { Matrix } from '#dist/core/search/exact-batch.js';
import {
  allocateIvfRows,
  buildIvf,
  defaultLists,
  ivfPoolSizes,
  type Ivf,
} from '#dist/core/search/ivf-build.js';
import { searchScratchBytes } from '#dist/core/search/ivf-index.js';
import { rankHeap } from '#dist/core/numeric/top-k.js';
import { openVectorFile } from '#dist/core/compute/vector-file.js';
import { fillMixture } from './generate-vectors.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    items: { type: 'string', default: '1000000' },
    dim: { type: 'string', default: '64' },
    clusters: { type: 'string' },
    spread: { type: 'string', default: '0.7' },
    lists: { type: 'string' },
    'target-recall': { type: 'string', default: '0.95' },
    threads: { type: 'string', default: '2' },
    seed: { type: 'string', default: '42' },
    queries: { type: 'string', default: '500' },
  },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const clock = (): number => performance.now() / 1000;
const asked = 11;

const [path] = positionals;
const file = path === undefined ? undefined : openVectorFile(path);
const numRows = file?.numRows ?? Number(values.items);
const dim = paddedDim(file?.dim ?? Number(values.dim));
const lists = Number(values.lists ?? defaultLists(numRows));
const sizes = ivfPoolSizes(numRows, dim, lists);
const { signal } = new AbortController();
const pool = openPool({
  threads: Number(values.threads),
  ...sizes,
  // The queries below stand beside what a build needs.
  workspaceBytes:
    sizes.workspaceBytes + Number(values.queries) * 8 * asked + 24 * lists + 16 * numRows + 8192,
  signal,
});
try {
  const matrix = allocateIvfRows(pool, numRows, dim);
  if (file === undefined) {
    fillMixture(pool.workspace.f32(matrix.address, numRows * dim), dim, {
      items: numRows,
      dim: Number(values.dim),
      clusters: Number(values.clusters ?? Math.ceil(numRows / 100)),
      spread: Number(values.spread),
      seed: Number(values.seed),
    });
  } else {
    file.readAllInto(pool.workspace, matrix.address);
  }
  const ivf = await timeBuild(pool, matrix);
  measure(pool, ivf, matrix, Number(values.queries));
} finally {
  await pool.close();
  file?.close();
}

async function timeBuild(on: ComputePool, matrix: Matrix): Promise<Ivf> {
  const cpu = process.cpuUsage();
  const begin = clock();
  let at = begin;
  let phase = 'normalising';
  const lap = (next: string): void => {
    say(`  ${phase}: ${(clock() - at).toFixed(2)} s`);
    [phase, at] = [next, clock()];
  };
  const options = { lists, targetRecall: Number(values['target-recall']), seed: Number(values.seed) };
  const ivf = await buildIvf(on, matrix, options, (progress) => {
    if (progress.kind === 'step' && progress.phase !== phase) lap(progress.phase);
  });
  lap('');
  const { user, system } = process.cpuUsage(cpu);
  const { index, tuning } = ivf;
  const { lists: probes, recall } = tuning.at10;
  say(
    `${numRows} × ${dim}: ${index.numLists} lists in ${index.numRegions} regions on ${on.threads} threads in ${(clock() - begin).toFixed(2)} s ` +
      `(${((user + system) / 1e6).toFixed(1)} s of processor); recall@10 ${recall.share.toFixed(4)} (${recall.interval.map((x) => x.toFixed(4)).join(' to ')}) on ${recall.sampled} items with ${probes} probes; ` +
      `peak ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`,
  );
  return ivf;
}

/** Queries are rows spread over the lists, each searched for on its own. */
function measure(
  { workspace }: ComputePool,
  { index, tuning }: Ivf,
  matrix: Matrix,
  numQueries: number,
): void {
  const { kernels } = workspace;
  const { numLists } = index;
  const listed = workspace.u32(index.rows, index.numListed);
  const rows = Array.from({ length: numQueries }, (_, q) => listed[(q * 7919) % listed.length] ?? 0);
  const queryAt = (row: number): number => matrix.address + row * dim * 4;
  const heaps = workspace.allocate(8 * asked * numQueries);
  const scratch = workspace.allocate(searchScratchBytes(index, numLists, asked, index.numListed));
  const ranked = (q: number): number[] => {
    const heap = heaps + 8 * asked * q;
    return rankHeap(workspace.f32(heap, 2 * asked), workspace.u32(heap, 2 * asked))
      .filter(({ row }) => row !== rows[q])
      .slice(0, 10)
      .map(({ score }) => score);
  };

  const begin = clock();
  rows.forEach((row, q) => {
    const heap = heaps + 8 * asked * q;
    kernels.clearHeap(heap, asked);
    kernels.scanTopK(0, matrix.numRows, queryAt(row), matrix.address, dim, 0, 0, 0, asked, heap);
  });
  say(`  exact: ${(numQueries / (clock() - begin)).toFixed(0)} queries/s`);
  const tenth = rows.map((_, q) => ranked(q).at(-1) ?? Infinity);

  for (const share of [0.25, 0.5, 1, 2, 4]) {
    const lists = Math.min(numLists, Math.max(1, Math.round(share * tuning.at10.lists)));
    const run = (): void => {
      rows.forEach((row, q) => {
        const heap = heaps + 8 * asked * q;
        kernels.searchRows(0, 1, queryAt(row), index.record, tuning.at10.gap, lists, asked, 0, heap, scratch);
      });
    };
    run();
    const start = clock();
    run();
    const seconds = clock() - start;
    const hits = tenth.reduce((sum, t, q) => sum + ranked(q).filter((s) => s >= t - 1e-6).length, 0);
    say(
      `  ${lists} probes: recall@10 ${(hits / (10 * numQueries)).toFixed(4)}, ${(numQueries / seconds).toFixed(0)} queries/s`,
    );
  }
}
