/**
 * What one core can do at most, beside which docs/internals/performance.md holds the training kernels:
 *
 *   node build/bench/limits.js
 *
 * Arithmetic: f32x4 multiplications and additions on registers (WebAssembly has no fused ones without relaxed SIMD).
 * Memory: gathering rows at random, as a solver does, from sides that fit the L2 cache, outgrow it, and outgrow more.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { randomIntegers } from './seeded-random.js';

const source = `
export function arithmetic(rounds: u32): f32 {
  const by = f32x4.splat(1.0000001);
  let a = f32x4.splat(1), b = a, c = a, d = a, e = a, f = a, g = a, h = a, i = a, j = a, k = a, l = a;
  for (let r: u32 = 0; r < rounds; r++) {
    ${Array.from('abcdefghijkl')
      .map((v) => `${v} = f32x4.add(f32x4.mul(${v}, by), by);`)
      .join('\n    ')}
  }
  const sum = f32x4.add(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)), f32x4.add(f32x4.add(e, f), f32x4.add(g, h)));
  return f32x4.extract_lane(f32x4.add(sum, f32x4.add(f32x4.add(i, j), f32x4.add(k, l))), 0);
}
export function gather(V: usize, idx: usize, n: u32, bytes: usize, to: usize): void {
  for (let k: u32 = 0; k < n; k++) {
    const v = V + <usize>load<u32>(idx + (<usize>k << 2)) * bytes;
    for (let o: usize = 0; o < bytes; o += 32) {
      v128.store(to + o, v128.load(v + o));
      v128.store(to + o, v128.load(v + o, 16), 16);
    }
  }
}
export function heapBase(): usize { return __heap_base; }
`;

interface Probes {
  arithmetic(rounds: number): number;
  gather(V: number, idx: number, n: number, bytes: number, to: number): void;
  heapBase(): number;
}

function compile(memory: WebAssembly.Memory): Probes {
  const folder = mkdtempSync(join(tmpdir(), 'segue-limits-'));
  try {
    const [text, wasm] = [join(folder, 'probes.ts'), join(folder, 'probes.wasm')];
    writeFileSync(text, source);
    const asc = join(
      dirname(createRequire(import.meta.url).resolve('assemblyscript/package.json')),
      'bin/asc.js',
    );
    const flags = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--importMemory'];
    const { status, stderr } = spawnSync(
      process.execPath,
      [asc, text, '-o', wasm, ...flags, '--maximumMemory', '65536'],
      {
        encoding: 'utf8',
      },
    );
    if (status !== 0) throw new Error(`asc: ${stderr}`);
    const module = new WebAssembly.Module(readFileSync(wasm));
    return new WebAssembly.Instance(module, { env: { memory, abort: () => undefined } })
      .exports as unknown as Probes;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Least processor seconds of five runs, after one to warm up. */
function least(run: () => void): number {
  run();
  let best = Infinity;
  for (let round = 0; round < 5; round++) {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1e6);
  }
  return best;
}

const bytes = 600 << 20;
const memory = new WebAssembly.Memory({ initial: bytes / 65_536, maximum: 65_536, shared: false });
const probes = compile(memory);
const say = (text: string): void => void process.stdout.write(`${text}\n`);

const rounds = 20_000_000;
const flops = rounds * 12 * 4 * 2;
say(
  `f32x4 multiply and add on registers: ${(flops / least(() => probes.arithmetic(rounds)) / 1e9).toFixed(1)} Gflop/s`,
);

const gathers = 1_000_000;
const idx = Math.ceil(probes.heapBase() / 64) * 64;
const to = idx + 4 * gathers;
const V = to + 4096;
new Uint8Array(memory.buffer).fill(1, V);
const random = randomIntegers(1);
for (const rowBytes of [256, 512, 1024]) {
  for (const megabytes of [1, 5, 50, 500]) {
    const numRows = Math.floor((megabytes * 1e6) / rowBytes);
    const rows = new Uint32Array(memory.buffer, idx, gathers);
    for (let k = 0; k < gathers; k++) rows[k] = random() % numRows;
    const seconds = least(() => {
      probes.gather(V, idx, gathers, rowBytes, to);
    });
    const each = ((seconds / gathers) * 1e9).toFixed(1);
    say(
      `rows of ${rowBytes} bytes at random from ${megabytes} MB: ${each} ns each, ` +
        `${((gathers * rowBytes) / seconds / 1e9).toFixed(1)} GB/s`,
    );
  }
}
