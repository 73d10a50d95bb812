/**
 * The best k items of all users, what they have heard left out: segue beside implicit's `recommend` (PyPI; the driver is
 * recommend_implicit.py) on the same factors and threads, each in a process of its own, in turn:
 *
 *   node build/bench/recommend.js [--size S,M] [--root DIR …] [--rounds 5] [--threads 2] [--k 10] [--python python3]
 *   node build/bench/recommend.js --cold [--items 10000,1000000] [--turns 15]
 *
 * Sizes are those of planted-pairs.ts, 64 dimensions; a root is one with a trained snapshot, for real factors. It prints the
 * best round of each, the ratio, the share of all (user, item) pairs that was looked at, how many users differ from the scan
 * of all in f32 by a row or a bit of a score, and the largest difference from implicit's scores. --data FOLDER keeps what
 * was generated. --cold: one person from process start to printed table, in turns with an empty `node -e 0`.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readNpy } from '#dist/core/files/npy.js';
import { buildIndex } from '#dist/core/tasks/build-index.js';
import { writeMixtureSnapshot } from './generate-vectors.js';
import { plantedFactors, snapshotFactors } from './recommend-factors.js';

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: 'S' },
    root: { type: 'string', multiple: true, default: [] },
    rounds: { type: 'string', default: '5' },
    threads: { type: 'string', default: '2' },
    k: { type: 'string', default: '10' },
    python: { type: 'string', default: 'python3' },
    data: { type: 'string' },
    cold: { type: 'boolean', default: false },
    items: { type: 'string', default: '10000,1000000' },
    turns: { type: 'string', default: '15' },
  },
});
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const note = (line: string): void => void process.stderr.write(`${line}\n`);
const work = mkdtempSync(join(tmpdir(), 'segue-bench-'));
const data = values.data ?? work;
try {
  if (values.cold) await cold();
  else {
    for (const size of values.size.split(',').filter((name) => name !== '')) {
      if (size !== 'S' && size !== 'M' && size !== 'L') throw new Error(`--size ${size}: wanted S, M or L`);
      const folder = join(data, size);
      await plantedFactors(folder, size, 64);
      compare(size, folder);
    }
    for (const root of values.root) {
      const folder = join(work, basename(root));
      snapshotFactors(folder, root);
      compare(root, folder);
    }
  }
} finally {
  rmSync(work, { recursive: true });
}

interface SegueRun {
  readonly seconds: number[];
  readonly scanned: number;
  readonly brute?: { readonly seconds: number; readonly different: number };
}

interface ImplicitRun {
  readonly seconds: number[];
  readonly blas: string;
}

function run(program: string, args: readonly string[]): unknown {
  const env = { ...process.env };
  delete env['OPENBLAS_CORETYPE'];
  delete env['OPENBLAS_L2_SIZE'];
  const stdio: ('ignore' | 'pipe' | 'inherit')[] = ['ignore', 'pipe', 'inherit'];
  return JSON.parse(execFileSync(program, args, { encoding: 'utf8', env, stdio }));
}

function compare(name: string, folder: string): void {
  const { k, threads, python } = values;
  const common = ['--data', folder, '--k', k, '--threads', threads];
  const segue = (more: readonly string[]): SegueRun =>
    run(process.execPath, [here('recommend-segue.js'), ...common, ...more]) as SegueRun;
  const script = here('../../bench/recommend_implicit.py');
  const implicit = (): ImplicitRun =>
    run(python, [script, ...common, '--rounds', '1', '--out', work]) as ImplicitRun;
  const hasPeer = canImport(python);
  if (!hasPeer) note(`implicit is left out: ${python} cannot import it`);

  const times = { segue: [] as number[], implicit: [] as number[] };
  let blas = '';
  for (let round = 1; round <= Number(values.rounds); round++) {
    note(`${name}: round ${round}`);
    times.segue.push(...segue(['--rounds', '2']).seconds);
    if (!hasPeer) continue;
    const peer = implicit();
    times.implicit.push(...peer.seconds);
    ({ blas } = peer);
  }
  const checked = segue(['--rounds', '1', '--brute', '--out', work]);
  const best = Math.min(...times.segue);
  say(
    `${name}, k ${k}, ${threads} threads: segue ${best.toFixed(3)} s, ${percent(checked.scanned)} looked at`,
  );
  const { brute } = checked;
  if (brute !== undefined) {
    const ratio = (brute.seconds / best).toFixed(1);
    say(
      `  scan of all in f32: ${brute.seconds.toFixed(2)} s, ${ratio} ×; users that differ: ${brute.different}`,
    );
  }
  if (!hasPeer) return;
  const peer = Math.min(...times.implicit);
  say(`  implicit: ${peer.toFixed(2)} s, ${(peer / best).toFixed(1)} × (BLAS: ${blas})`);
  const { largest, other } = differenceFromPeer();
  say(`  its scores differ by ${largest.toExponential(1)} at most, its items in ${other} places`);
}

function canImport(python: string): boolean {
  try {
    execFileSync(python, ['-c', 'import implicit, numpy, scipy'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Over all users and places: the largest difference of scores, and places where the item is another. */
function differenceFromPeer(): { readonly largest: number; readonly other: number } {
  const scores = (name: string) =>
    readNpy(join(work, `${name}-scores.npy`), { dtype: '<f4', shape: [undefined, undefined] }).data;
  const ids = (name: string) =>
    readNpy(join(work, `${name}-ids.npy`), { dtype: '<u4', shape: [undefined, undefined] }).data;
  const [ours, theirs, ourIds, theirIds] = [
    ...[scores('segue'), scores('implicit')],
    ...[ids('segue'), ids('implicit')],
  ] as const;
  let largest = 0;
  let other = 0;
  for (let at = 0; at < ours.length; at++) {
    largest = Math.max(largest, Math.abs((ours[at] ?? NaN) - (theirs[at] ?? NaN)));
    if (ourIds[at] !== theirIds[at]) other++;
  }
  return { largest, other };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** A root with an indexed snapshot of so many items, of long-tailed lengths, and a thousand users. */
async function coldRoot(items: number): Promise<string> {
  const root = join(data, `recommend-${items}`);
  if (existsSync(join(root, 'latest'))) return root;
  mkdirSync(root, { recursive: true });
  const shape = { items, dim: 64, clusters: Math.ceil(items / 100), spread: 0.7, seed: 42, normScale: 0.8 };
  await writeMixtureSnapshot(root, shape, [], 1000);
  const context = { signal: new AbortController().signal, onProgress: () => {} };
  const { orderBytes } = await buildIndex({ root, targetRecall: 0.5, seed: 42, threads: 2 }, context);
  say(
    `${items} items: ${(orderBytes / 2 ** 20).toFixed(1)} MiB of order beside ${(items * 256) / 2 ** 20} of vectors`,
  );
  return root;
}

async function cold(): Promise<void> {
  const sizes = values.items.split(',').map(Number);
  const ways: { readonly name: string; readonly args: readonly string[]; readonly times: number[] }[] = [
    { name: 'node -e 0', args: ['-e', '0'], times: [] },
  ];
  for (const items of sizes) {
    const root = await coldRoot(items);
    const args = [here('../../bin/run.js'), 'recommend', 'user-3', '--root', root];
    ways.push({ name: `recommend, ${items} items`, args, times: [] });
  }
  for (let turn = -1; turn < Number(values.turns); turn++) {
    for (const { args, times } of ways) {
      const begin = performance.now();
      execFileSync(process.execPath, args, { stdio: 'ignore' });
      // The first turn checks every sum.
      if (turn >= 0) times.push(performance.now() - begin);
    }
  }
  const medians = ways.map(
    ({ times }) => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? NaN,
  );
  ways.forEach(({ name }, at) => {
    const [empty = NaN, own = NaN] = [medians[0], medians[at]];
    say(
      `${name}: ${own.toFixed(0)} ms, ${(own / empty).toFixed(2)} × node (medians of ${values.turns} turns)`,
    );
  });
}
