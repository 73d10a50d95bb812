/**
 * `segue serve` under load: requests a second and latencies of `similar` and `recommend` over HTTP with autocannon, /healthz
 * meanwhile, memory, time from start to ready; and, in the same run, a Python service that does the same (FastAPI, hnswlib and
 * implicit, bench/serve_peer.py), with the recall of both:
 *
 *   node build/bench/serve.js [--items 1000000] [--dim 64] [--clusters N] [--norms 0.5] [--seconds 8] [--connections 16]
 *     [--cores 1] [--workers N] [--root DIR] [--peer PYTHON]
 *
 * --cores 1 pins the server to one core and the load to another (taskset); --cores 2 leaves both to the system. --peer is a python3
 * with fastapi, uvicorn, hnswlib, implicit and numpy.
 */
import autocannon from 'autocannon';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { indexedRoot } from './indexed-root.js';
import { randomFractions } from './seeded-random.js';

const { values } = parseArgs({
  options: {
    items: { type: 'string', default: '1000000' },
    dim: { type: 'string', default: '64' },
    clusters: { type: 'string' },
    norms: { type: 'string', default: '0.5' },
    seconds: { type: 'string', default: '8' },
    connections: { type: 'string', default: '16' },
    cores: { type: 'string', default: '1' },
    workers: { type: 'string' },
    root: { type: 'string' },
    peer: { type: 'string' },
  },
});
const items = Number(values.items);
const numUsers = 10_000;
const numQueries = 200;
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const repository = new URL('../../', import.meta.url);

const folder = values.root ?? mkdtempSync(join(tmpdir(), 'segue-bench-'));
try {
  const { root, index } = await indexedRoot(folder, {
    ...{ items, dim: Number(values.dim), norms: Number(values.norms), users: numUsers, threads: 2 },
    clusters: values.clusters === undefined ? undefined : Number(values.clusters),
  });
  say(`${items} items: ${index.lists} lists, ${index.probes} probes`);
  const exact = await measureSegue(root);
  if (values.peer !== undefined) await measurePeer(values.peer, root, exact);
} finally {
  if (values.root === undefined) rmSync(folder, { recursive: true });
}

/** The exact neighbours of some items, by which both are judged. */
type Neighbours = ReadonlyMap<number, ReadonlySet<string>>;

async function measureSegue(root: string): Promise<Neighbours> {
  const bin = fileURLToPath(new URL('bin/run.js', repository));
  const more = values.workers === undefined ? [] : ['--workers', values.workers];
  const begin = performance.now();
  const server = start(process.execPath, [
    ...[bin, 'serve', '--root', root, '--port', '0', '--json', '--log-level', 'silent'],
    ...more,
  ]);
  const { url } = JSON.parse(await firstLine(server)) as { url: string };
  say(`segue: ready after ${(performance.now() - begin).toFixed(0)} ms`);
  const path = (item: number): string => `/v1/similar?item=item-${item}&k=10`;
  const exact = new Map<number, ReadonlySet<string>>();
  let hits = 0;
  for (const item of someOf(items, numQueries, 3)) {
    const wanted = await idsAt(`${url}${path(item)}&exact=true`);
    exact.set(item, wanted);
    for (const id of await idsAt(url + path(item))) hits += wanted.has(id) ? 1 : 0;
  }
  say(`segue: recall@10 ${(hits / (10 * numQueries)).toFixed(4)} of ${numQueries} items`);
  await load('segue', server, url, {
    similar: someOf(items, 5000, 1).map(path),
    recommend: someOf(numUsers, 5000, 2).map((user) => `/v1/recommend/user-${user}?k=10`),
  });
  server.kill('SIGTERM');
  await once(server, 'exit');
  return exact;
}

async function measurePeer(python: string, root: string, exact: Neighbours): Promise<void> {
  const script = fileURLToPath(new URL('bench/serve_peer.py', repository));
  const server = start(python, [script, root, folder]);
  const { url } = JSON.parse(await firstLine(server)) as { url: string };
  const path = (item: number): string => `/similar?item=item-${item}&k=10`;
  let hits = 0;
  for (const [item, wanted] of exact)
    for (const id of await idsAt(url + path(item))) hits += wanted.has(id) ? 1 : 0;
  say(`peer: recall@10 ${(hits / (10 * exact.size)).toFixed(4)}`);
  await load('peer', server, url, {
    similar: someOf(items, 5000, 1).map(path),
    recommend: someOf(numUsers, 5000, 2).map((user) => `/recommend/user-${user}?k=10`),
  });
  server.kill('SIGTERM');
  await once(server, 'exit');
}

function start(program: string, args: readonly string[]): ChildProcess {
  const pinned = values.cores === '1' ? ['taskset', '-c', '0', program, ...args] : [program, ...args];
  const [command, ...rest] = pinned as [string, ...string[]];
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
  if (values.cores === '1') spawnSync('taskset', ['-a', '-c', '-p', '1', String(process.pid)]);
  return child;
}

async function firstLine(child: ChildProcess): Promise<string> {
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('the server ended')));
  const [line] = (await Promise.race([once(createInterface({ input: child.stdout! }), 'line'), ended])) as [
    string,
  ];
  return line;
}

async function load(
  name: string,
  server: ChildProcess,
  url: string,
  asked: Readonly<Record<string, readonly string[]>>,
): Promise<void> {
  for (const [what, paths] of Object.entries(asked)) {
    const requests = paths.map((path) => ({ method: 'GET' as const, path }));
    const run = (duration: number): Promise<autocannon.Result> =>
      autocannon({ url, connections: Number(values.connections), duration, requests });
    await run(2);
    const health = new AbortController();
    const alive = latenciesOf(`${url}/healthz`, health.signal);
    const { requests: answered, latency, non2xx, errors } = await run(Number(values.seconds));
    health.abort();
    const times = await alive;
    say(
      `${name} ${what}: ${answered.average.toFixed(0)} a second, p50 ${latency.p50} ms, p99 ${latency.p99} ms; ` +
        `${non2xx} other than 2xx, ${errors} errors; /healthz p99 ${at(times, 0.99).toFixed(1)} ms of ${times.length}; ` +
        `${residentMib(server)} MiB`,
    );
  }
}

/** Milliseconds of one request after the other, with pauses, ascending. */
async function latenciesOf(url: string, signal: AbortSignal): Promise<number[]> {
  const times: number[] = [];
  while (!signal.aborted) {
    const begin = performance.now();
    await (await fetch(url)).arrayBuffer();
    times.push(performance.now() - begin);
    await setTimeout(20);
  }
  return times.sort((a, b) => a - b);
}

function at(ascending: readonly number[], share: number): number {
  return ascending[Math.floor(share * ascending.length)] ?? NaN;
}

/** Of the server itself: taskset becomes the program that it starts. */
function residentMib({ pid }: ChildProcess): string {
  const kib = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid!}/status`, 'utf8'))?.[1];
  return (Number(kib) / 1024).toFixed(0);
}

async function idsAt(url: string): Promise<ReadonlySet<string>> {
  const { neighbours } = (await (await fetch(url)).json()) as { neighbours: { id: string }[] };
  return new Set(neighbours.map(({ id }) => id));
}

function someOf(count: number, size: number, seed: number): number[] {
  const fraction = randomFractions(seed);
  return Array.from({ length: size }, () => Math.floor(fraction() * count));
}
