/**
 * The index beside its peers, in one run: recall@10 → queries a second, one at a time on one thread; seconds to build on two;
 * bytes. Every index is held in memory, each in a process of its own, one after another, over the same vectors and queries:
 *
 *   node build/bench/neighbours.js [--items 1000000] [--dim 64] [--clusters 10000] [--spread 0.7] [--queries 1000]
 *   node build/bench/neighbours.js vectors.npy --every            every row is a query: real vectors; ours in blocks too
 *
 *   --python PATH   with numpy and hnswlib, annoy, voyager, faiss: those that are there take part (bench/neighbours_peers.py)
 *   --peers LIST    hnswlib,annoy-50,annoy-100,voyager,faiss-hnsw,faiss-ivf
 *   --work DIR      keeps vectors, indexes and their building times: a second run builds nothing again
 *   --lists N       of ours
 *
 * Seconds are of the processor: on an idle machine those of the clock, and comparable on a busy one.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { paddedDim } from '#dist/core/compute/factors.js';
import { openPool } from '#dist/core/compute/pool.js';
import { allocatedBytes } from '#dist/core/compute/workspace.js';
import { bestOfMany, batchBytes, normalise } from '#dist/core/search/exact-batch.js';
import { allocateIvfRows, buildIvf, defaultLists, ivfPoolSizes } from '#dist/core/search/ivf-build.js';
import type { Tuning } from '#dist/core/search/probe-tuning.js';
import { openIvfBatch } from '#dist/core/search/ivf-batch.js';
import { ivfFileChunks, type IvfPaths } from '#dist/core/search/ivf-files.js';
import type { Probes } from '#dist/core/search/ivf-index.js';
import { rankingOf } from '#dist/core/search/ranked-batch.js';
import { openIvfSearch } from '#dist/core/search/ivf-search.js';
import { openVectorFile } from '#dist/core/compute/vector-file.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    items: { type: 'string', default: '1000000' },
    dim: { type: 'string', default: '64' },
    clusters: { type: 'string' },
    spread: { type: 'string', default: '0.7' },
    queries: { type: 'string', default: '1000' },
    every: { type: 'boolean', default: false },
    python: { type: 'string', default: 'python3' },
    peers: { type: 'string', default: 'hnswlib,annoy-50,annoy-100,voyager,faiss-hnsw,faiss-ivf' },
    lists: { type: 'string' },
    work: { type: 'string' },
    /** For the process that measures ours. */
    ours: { type: 'boolean', default: false },
    answers: { type: 'string' },
  },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const peersScript = fileURLToPath(new URL('../../bench/neighbours_peers.py', import.meta.url));
const { signal } = new AbortController();

interface Line {
  readonly peer: string;
  readonly setting: string;
  readonly recall: number;
  readonly queriesPerSecond: number;
  readonly buildSeconds: number;
  readonly bytes: number;
  readonly vectorBytes: number;
}

/** Which rows are looked for, and how near the tenth nearest other one is. */
interface Answers {
  readonly rows: number[];
  readonly tenth: number[];
}

if (values.ours) await measureOurs(positionals[0] ?? '', values.answers ?? '', values.work ?? '');
else await compareAll();

async function compareAll(): Promise<void> {
  const work = values.work ?? mkdtempSync(join(tmpdir(), 'segue-bench-'));
  mkdirSync(work, { recursive: true });
  try {
    const vectors = positionals[0] ?? mixtureFile(work);
    const answers = await trueAnswers(vectors, work);
    const self = fileURLToPath(import.meta.url);
    const more = [
      ...(values.lists === undefined ? [] : ['--lists', values.lists]),
      ...(values.every ? ['--every'] : []),
    ];
    const args = [self, vectors, '--ours', '--answers', answers, '--work', work, ...more];
    const ours = linesOf(process.execPath, args);
    report(ours.filter(({ peer }) => peer === 'segue'));
    report(ours.filter(({ peer }) => peer !== 'segue'));
    for (const peer of values.peers.split(',').filter((name) => name !== '')) {
      report(linesOf(values.python, [peersScript, peer, vectors, answers, work]));
    }
  } finally {
    if (values.work === undefined) rmSync(work, { recursive: true });
  }
}

function mixtureFile(work: string): string {
  const items = Number(values.items);
  const clusters = values.clusters ?? String(Math.ceil(items / 100));
  const path = join(work, `mixture-${values.items}x${values.dim}-${clusters}-${values.spread}.npy`);
  if (!existsSync(path)) {
    const script = fileURLToPath(new URL('generate-vectors.js', import.meta.url));
    const shape = [
      '--items',
      values.items,
      '--dim',
      values.dim,
      '--clusters',
      clusters,
      '--spread',
      values.spread,
    ];
    execFileSync(process.execPath, [script, ...shape, '--out', path]);
  }
  return path;
}

/** Exact, by our own scan of all rows in f32. Returns the path of the answers, JSON. */
async function trueAnswers(vectors: string, work: string): Promise<string> {
  const file = openVectorFile(vectors);
  const { numRows, dim } = file;
  const wanted = values.every ? numRows : Math.min(numRows, Number(values.queries));
  const path = join(
    work,
    `answers-${basename(vectors)}-${String(numRows)}x${String(dim)}-${String(wanted)}.json`,
  );
  if (existsSync(path)) return path;
  const padded = paddedDim(dim);
  const block = 1024;
  const asked = 11;
  const workspaceBytes =
    allocatedBytes(4 * numRows * padded) +
    allocatedBytes(4 * block * padded) +
    batchBytes(block, { numRows, paddedDim: padded }, asked, false);
  const pool = openPool({ threads: 2, workspaceBytes, scratchBytes: 64, signal });
  const { workspace } = pool;
  const matrix = { address: workspace.allocate(4 * numRows * padded), numRows, paddedDim: padded };
  const at = workspace.allocate(4 * block * padded);
  file.readAllInto(workspace, matrix.address);
  await normalise(pool, matrix);
  const rows: number[] = [];
  const tenth: number[] = [];
  const spread = Array.from({ length: wanted }, (_, q) => Math.floor(((q + 0.5) * numRows) / wanted));
  for (let from = 0; from < wanted; from += block) {
    const some = spread.slice(from, from + block);
    some.forEach((row, q) => {
      const vector = workspace.f32(matrix.address + 4 * padded * row, padded);
      workspace.f32(at + 4 * padded * q, padded).set(vector);
    });
    const found = await bestOfMany(
      pool,
      { address: at, numRows: some.length, paddedDim: padded },
      matrix,
      asked,
    );
    found.forEach((ranked, q) => {
      const row = some[q] ?? 0;
      const last = ranked
        .filter((entry) => entry.row !== row)
        .slice(0, 10)
        .at(-1);
      // A row without direction is no query.
      if (last === undefined) return;
      rows.push(row);
      tenth.push(last.score);
    });
  }
  await pool.close();
  file.close();
  writeFileSync(path, JSON.stringify({ rows, tenth } satisfies Answers));
  return path;
}

/** What a process prints, a line of JSON each; none where it fails, with its last words. */
function linesOf(program: string, args: readonly string[]): Line[] {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    // Libraries would take every core for the arithmetic around a query.
    env: { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' },
  });
  if (status !== 0)
    say(
      `${args.slice(1, 2).join(' ')}: left out (${error?.message ?? stderr.trim().split('\n').at(-1) ?? ''})`,
    );
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line);
}

function report(lines: readonly Line[]): void {
  const [first] = lines;
  if (first === undefined) return;
  const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
  say(
    `${first.peer}: built in ${first.buildSeconds.toFixed(1)} s of processor; ${mb(first.bytes - first.vectorBytes)} beside the vectors, ` +
      `${mb(first.bytes)} with them`,
  );
  for (const { setting, recall, queriesPerSecond } of lines) {
    say(
      `  ${setting.padEnd(18)} recall@10 ${recall.toFixed(4)}  ${queriesPerSecond.toFixed(0).padStart(8)} queries/s`,
    );
  }
  for (const recall of [0.95, 0.99]) {
    const rate = interpolated(lines, recall);
    say(`  at ${recall.toFixed(2)}: ${rate === undefined ? 'not reached' : `${rate.toFixed(0)} queries/s`}`);
  }
}

/** Queries a second at a recall: the best of the settings that reach it, or on a line between two of them. */
function interpolated(lines: readonly Line[], recall: number): number | undefined {
  const rates = lines.filter((line) => line.recall >= recall).map((line) => line.queriesPerSecond);
  for (const below of lines.filter((line) => line.recall < recall)) {
    for (const above of lines.filter((line) => line.recall >= recall)) {
      const part = (recall - below.recall) / (above.recall - below.recall);
      // On a line in the time that a query takes.
      rates.push(1 / ((1 - part) / below.queriesPerSecond + part / above.queriesPerSecond));
    }
  }
  return lines.some((line) => line.recall >= recall) ? Math.max(...rates) : undefined;
}

/** Builds, or finds in `work`; then answers by the searcher that the command uses, held in memory. */
async function measureOurs(vectors: string, answersPath: string, work: string): Promise<void> {
  const { rows, tenth } = JSON.parse(readFileSync(answersPath, 'utf8')) as Answers;
  const file = openVectorFile(vectors);
  const { numRows, dim } = file;
  const lists = Number(values.lists ?? defaultLists(numRows));
  const prefix = join(work, `segue-${basename(vectors)}-${String(numRows)}x${String(dim)}-${String(lists)}`);
  const note = `${prefix}.json`;
  if (!existsSync(note)) await build(file, lists, prefix, note);
  file.close();
  const { seconds, tuning } = JSON.parse(readFileSync(note, 'utf8')) as { seconds: number; tuning: Tuning };
  const paths = pathsOf(prefix, vectors);
  const indexBytes = Object.entries(paths)
    .filter(([part]) => part !== 'vectors')
    .reduce((sum, [, path]) => sum + statSync(path).size, 0);
  const setting = { gap: 0, lists: 1 };
  const search = openIvfSearch(paths, { probes: () => setting, maxK: 11, inMemory: true });
  const queries = rows.map((row) => search.vectorOf(row));
  const { gap } = tuning.at10;
  const steps = [0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 2, 4].flatMap((by) =>
    [0.25, 0.5, 1, 2, 4].map((times) => ({
      gap: by * gap,
      lists: Math.max(1, Math.round(times * tuning.at10.lists)),
    })),
  );
  const sizes = { seconds, indexBytes, vectorBytes: 4 * numRows * dim };
  for (const step of steps) {
    Object.assign(setting, step);
    const answer = () => queries.map((query) => search.best(query, 11, []));
    let found = answer();
    let best = Infinity;
    for (let turn = 0; turn < 3; turn++) {
      const begin = process.cpuUsage();
      found = answer();
      const { user, system } = process.cpuUsage(begin);
      best = Math.min(best, (user + system) / 1e6);
    }
    const hits = found.reduce((sum, ranked, q) => {
      const others = ranked.filter(({ row }) => row !== rows[q]).slice(0, 10);
      return sum + others.filter(({ score }) => score >= (tenth[q] ?? 0) - 1e-6).length;
    }, 0);
    sayOurs('segue', step, { hits, spent: best, queries: rows.length, ...sizes });
  }
  search.close();
  if (values.every) await measureBlocks(paths, { rows, tenth }, steps, sizes);
}

/** Seconds to build, and bytes. */
type Sizes = Record<'seconds' | 'indexBytes' | 'vectorBytes', number>;

function sayOurs(
  peer: string,
  { gap, lists }: Probes,
  measured: Sizes & Record<'hits' | 'spent' | 'queries', number>,
): void {
  const { hits, spent, queries, seconds, indexBytes, vectorBytes } = measured;
  const line: Line = {
    peer,
    setting: `gap ${gap.toFixed(2)}, ${String(lists)} lists`,
    recall: hits / (10 * queries),
    queriesPerSecond: queries / spent,
    buildSeconds: seconds,
    bytes: indexBytes + vectorBytes,
    vectorBytes,
  };
  say(JSON.stringify(line));
}

/** All rows in blocks on one thread, as `similar --all` finds them, where peers loop over their queries in C++. */
async function measureBlocks(
  paths: IvfPaths,
  { rows, tenth }: Answers,
  steps: readonly Probes[],
  sizes: Sizes,
): Promise<void> {
  const lowest = new Map(rows.map((row, q) => [row, (tenth[q] ?? 0) - 1e-6]));
  for (const step of steps) {
    const neighbours = await openIvfBatch(paths, { k: 10, threads: 1, probes: () => step, signal });
    let best = Infinity;
    let hits = 0;
    for (let turn = 0; turn < 3; turn++) {
      hits = 0;
      let spent = 0;
      for (let from = 0; from < neighbours.numRows; from += neighbours.mostRows) {
        const to = Math.min(neighbours.numRows, from + neighbours.mostRows);
        const begin = process.cpuUsage();
        const batch = await neighbours.nearest(from, to);
        const { user, system } = process.cpuUsage(begin);
        spent += (user + system) / 1e6;
        for (let q = 0; q < batch.numQueries; q++) {
          const least = lowest.get(from + q) ?? Infinity;
          hits += rankingOf(batch, q).filter(({ score }) => score >= least).length;
        }
      }
      best = Math.min(best, spent);
    }
    await neighbours.close();
    sayOurs('segue, in blocks', step, { hits, spent: best, queries: rows.length, ...sizes });
  }
}

function pathsOf(prefix: string, vectors: string): IvfPaths {
  const part = (name: string): string => `${prefix}.${name}.npy`;
  return {
    vectors,
    regions: part('regions'),
    centroids: part('centroids'),
    lists: part('lists'),
    scales: part('scales'),
    regionOffsets: part('region-offsets'),
    offsets: part('offsets'),
    rows: part('rows'),
  };
}

/** Seconds of the processor until recall is measured, which is not among them. */
async function build(
  file: ReturnType<typeof openVectorFile>,
  lists: number,
  prefix: string,
  note: string,
): Promise<void> {
  const { numRows, paddedDim: padded } = file;
  const begin = process.cpuUsage();
  let seconds = 0;
  const pool = openPool({ threads: 2, ...ivfPoolSizes(numRows, padded, lists), signal });
  const matrix = allocateIvfRows(pool, numRows, padded);
  file.readAllInto(pool.workspace, matrix.address);
  const options = { lists, targetRecall: 0.95, seed: 42 };
  const { index, tuning } = await buildIvf(pool, matrix, options, (progress) => {
    if (progress.kind !== 'step' || progress.phase !== 'measuring recall' || seconds > 0) return;
    const { user, system } = process.cpuUsage(begin);
    seconds = (user + system) / 1e6;
  });
  const paths = pathsOf(prefix, file.path);
  for (const [part, chunks] of Object.entries(ivfFileChunks(pool.workspace, index))) {
    const target = openSync(paths[part as keyof IvfPaths], 'w');
    for (const chunk of chunks) for (let at = 0; at < chunk.length;) at += writeSync(target, chunk, at);
    closeSync(target);
  }
  await pool.close();
  writeFileSync(note, JSON.stringify({ seconds, tuning }));
}
