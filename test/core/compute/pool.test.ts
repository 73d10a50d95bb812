import { afterEach, describe, expect, it } from 'vitest';
import { openPool, type ComputePool } from '#dist/core/compute/pool.js';
import { openWorkspace } from '#dist/core/compute/workspace.js';
import { AppError } from '#dist/core/errors.js';
import { evenRanges } from '#dist/core/numeric/csr.js';

let pool: ComputePool | undefined;
afterEach(() => pool?.close());

function threads(count: number, signal = new AbortController().signal): ComputePool {
  pool = openPool({ threads: count, workspaceBytes: 1 << 20, scratchBytes: 4096, signal });
  return pool;
}

/** A job that gives Σ weight · ‖row‖² of each range of rows of eight ones. */
function sumOfSquares(p: ComputePool, numRows: number, size: number) {
  const { workspace } = p;
  const V = workspace.allocate(numRows * 32);
  workspace.f32(V, numRows * 8).fill(1);
  const weight = workspace.allocate(numRows * 4);
  workspace.f32(weight, numRows).fill(1);
  return {
    kernel: 'weightedSquares' as const,
    bounds: evenRanges(numRows, size),
    args: [V, 8, weight] as const,
  };
}

describe('a pool', () => {
  it.each([1, 2, 3])('runs every range once on %i threads', async (count) => {
    const p = threads(count);
    const results = await p.run(sumOfSquares(p, 1000, 7));
    expect([...results]).toEqual([...new Array<number>(142).fill(56), 48]);
  });

  it('runs one job after another, and none at all', async () => {
    const p = threads(2);
    for (let turn = 0; turn < 50; turn++) {
      const results = await p.run(sumOfSquares(p, 10, 10));
      expect([...results]).toEqual([80]);
    }
    expect(await p.run({ ...sumOfSquares(p, 8, 8), bounds: Uint32Array.of(0) })).toHaveLength(0);
  });

  it('refuses to start when aborted, and stops between ranges, with the interrupt as its error', async () => {
    const controller = new AbortController();
    const p = threads(2, controller.signal);
    const job = sumOfSquares(p, 20_000, 1);
    const running = p.run(job);
    controller.abort();
    await expect(running).rejects.toMatchObject({ code: 'interrupted', exitCode: 130 });
    await expect(p.run(job)).rejects.toBeInstanceOf(AppError);
  });

  it('of one thread lets the event loop turn between ranges, and stops there when aborted', async () => {
    const controller = new AbortController();
    const p = threads(1, controller.signal);
    let turns = 0;
    const tick = (): void => {
      if (++turns === 5) controller.abort();
      else setImmediate(tick);
    };
    setImmediate(tick);
    await expect(p.run(sumOfSquares(p, 20_000, 1))).rejects.toMatchObject({ code: 'interrupted' });
    expect(turns).toBe(5);
  });

  it('of one thread starts no worker', async () => {
    let started = 0;
    const count = (): number => ++started;
    process.on('worker', count);
    const p = threads(1);
    await p.run(sumOfSquares(p, 10, 10));
    expect(started).toBe(0);
    const two = threads(2);
    await two.run(sumOfSquares(two, 10, 10));
    process.off('worker', count);
    expect(started).toBe(2);
  });

  it.each([1, 2])('of %i threads passes on what a kernel throws', async (count) => {
    const p = threads(count);
    const beyond = { kernel: 'unitRows' as const, bounds: Uint32Array.of(0, 1), args: [2 ** 31, 8] as const };
    await expect(p.run(beyond)).rejects.toThrow(/out of bounds/);
  });
});

describe('a workspace', () => {
  it('hands out aligned buffers until it is full, and takes them back to a mark', () => {
    const workspace = openWorkspace(0);
    const first = workspace.allocate(1);
    const mark = workspace.mark();
    const second = workspace.allocate(100);
    expect(first % 64).toBe(0);
    expect(second).toBe(first + 64);
    workspace.release(mark);
    expect(workspace.allocate(4)).toBe(second);
    expect(() => workspace.allocate(1 << 20)).toThrow(/full/);
  });

  it('says so when more is asked for than 32 bits can address', () => {
    expect(() => openWorkspace(2 ** 32)).toThrow(expect.objectContaining({ code: 'too-large' }));
  });
});
