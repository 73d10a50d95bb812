import { afterEach, describe, expect, it } from 'vitest';
import { openPool, type ComputePool } from '#dist/core/compute/pool.js';
import { tileBytes, tileNumber, tileRows, tileSize, triangleBytes } from '#dist/core/compute/tiles.js';
import { seededRandom } from '#dist/core/numeric/random.js';
import { inversionLayout, invertSymmetric } from '#dist/core/models/ease/invert-symmetric.js';
import { at, matrix, multiply, type Matrix } from '../../../helpers/dense.js';

let pool: ComputePool | undefined;
afterEach(() => pool?.close());

function open(n: number, threads = 1, signal = new AbortController().signal): ComputePool {
  const workspaceBytes = triangleBytes(n) + inversionLayout(n).bytes;
  pool = openPool({ threads, workspaceBytes, scratchBytes: 64, signal });
  return pool;
}

/** Where the lower triangle's entry (r, c) stands among the f64 of the tiles. */
function place(r: number, c: number): number {
  const tile = tileNumber(Math.floor(r / tileSize), Math.floor(c / tileSize));
  return (tile * tileBytes) / 8 + (r % tileSize) * tileSize + (c % tileSize);
}

/** The matrix in tiles: NaN where nothing may be read, the unit matrix past n. */
function write({ workspace }: ComputePool, m: Matrix): number {
  const n = m.length;
  const address = workspace.allocate(triangleBytes(n));
  const values = workspace.f64(address, triangleBytes(n) / 8).fill(0);
  const padded = tileRows(n) * tileSize;
  for (let r = 0; r < padded; r++) {
    for (let c = 0; c <= r; c++) values[place(r, c)] = r < n ? at(m, r, c) : r === c ? 1 : 0;
    for (let c = r + 1; c % tileSize !== 0; c++) values[place(r, c)] = Number.NaN;
  }
  return address;
}

function read({ workspace }: ComputePool, address: number, n: number): Matrix {
  const values = workspace.f64(address, triangleBytes(n) / 8);
  return matrix(n, n, (r, c) => values[place(Math.max(r, c), Math.min(r, c))] ?? Number.NaN);
}

/** Seeded, and positive definite since its diagonal outweighs each row (Gershgorin). */
function positiveDefinite(n: number): Matrix {
  const random = seededRandom(n);
  const halves = matrix(n, n, (r, c) => (r === c ? n / 8 : random.nextFraction() / 4 - 0.125));
  return matrix(n, n, (r, c) => at(halves, Math.max(r, c), Math.min(r, c)));
}

describe('invertSymmetric', () => {
  it.each([1, 2, 63, 64, 65, 130])('is −A⁻¹ for %i rows, and reads the lower triangle only', async (n) => {
    const a = positiveDefinite(n);
    const opened = open(n);
    const address = write(opened, a);
    await invertSymmetric(opened, address, n, () => undefined);
    const product = multiply(a, read(opened, address, n));
    product.forEach((row, r) => {
      row.forEach((x, c) => expect(Math.abs(x + (r === c ? 1 : 0))).toBeLessThan(1e-10));
    });
  });

  it('gives the same bits at 1, 2 and 3 threads', async () => {
    const n = 260;
    const results: Buffer[] = [];
    for (const threads of [1, 2, 3]) {
      const opened = open(n, threads);
      const address = write(opened, positiveDefinite(n));
      await invertSymmetric(opened, address, n, () => undefined);
      results.push(
        Buffer.from(
          read(opened, address, n)
            .flatMap((row) => row)
            .join(),
        ),
      );
      await opened.close();
    }
    expect(results[1]?.equals(results[0] ?? Buffer.alloc(0))).toBe(true);
    expect(results[2]?.equals(results[0] ?? Buffer.alloc(0))).toBe(true);
  });

  it('tells every sweep, and gives back what it allocated', async () => {
    const opened = open(150);
    const address = write(opened, positiveDefinite(150));
    const before = opened.workspace.mark();
    const told: string[] = [];
    await invertSymmetric(opened, address, 150, (done, total) =>
      told.push(`${String(done)}/${String(total)}`),
    );
    expect(told).toEqual(['1/3', '2/3', '3/3']);
    expect(opened.workspace.mark()).toBe(before);
  });

  it.each([
    ['singular', (r: number, c: number) => (r < 70 && c < 70 ? 1 : r === c ? 1 : 0)],
    ['not positive', (r: number, c: number) => (r === c ? (r === 66 ? -1 : 1) : 0)],
    ['no number', (r: number, c: number) => (r === c ? (r === 66 ? Number.NaN : 1) : 0)],
  ])('refuses a matrix that is %s', async (_, entry) => {
    const opened = open(80);
    const address = write(opened, matrix(80, 80, entry));
    await expect(invertSymmetric(opened, address, 80, () => undefined)).rejects.toMatchObject({
      code: 'diverged',
      suggestions: [expect.stringContaining('`reg`'), expect.stringContaining('`confidence`')],
    });
  });

  it('stops at an abort between two sweeps', async () => {
    const aborting = new AbortController();
    const opened = open(256, 1, aborting.signal);
    const address = write(opened, positiveDefinite(256));
    let sweeps = 0;
    const inverted = invertSymmetric(opened, address, 256, (done) => {
      sweeps = done;
      if (done === 2) aborting.abort();
    });
    await expect(inverted).rejects.toMatchObject({ code: 'interrupted' });
    expect(sweeps).toBe(2);
  });
});
