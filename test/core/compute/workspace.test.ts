import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { layoutOf, openWorkspace } from '#dist/core/compute/workspace.js';

afterEach(() => vi.unstubAllGlobals());

describe('openWorkspace', () => {
  it('blames the machine where it gets no memory, as under ulimit -v', () => {
    const Memory = vi.fn(function () {
      throw new RangeError('WebAssembly.Memory(): could not allocate memory');
    });
    const { Module, Instance } = WebAssembly;
    vi.stubGlobal('WebAssembly', { Module, Instance, Memory });
    expect(() => openWorkspace(3 * 2 ** 30)).toThrow(
      expect.objectContaining({
        ...{ code: 'out-of-memory', exitCode: 7 },
        message: 'could not allocate 3.0 GiB for vectors: the system gives no more memory',
        suggestions: expect.arrayContaining([expect.stringContaining('--disable-wasm-trap-handler')]),
      }),
    );
  });

  it('says that 4 GiB is the most', () => {
    expect(() => openWorkspace(2 ** 32)).toThrow(expect.objectContaining({ code: 'too-large' }));
  });
});

describe('a layout of arrays in a workspace', () => {
  it('takes what it says, array after array, in cache lines of their own', () => {
    const parts = fc.array(fc.option(fc.integer({ min: 0, max: 1000 }), { nil: undefined }), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(parts, (sizes) => {
        const layout = layoutOf(Object.fromEntries(sizes.map((bytes, at) => [`part${at}`, bytes])));
        const workspace = openWorkspace(layout.bytes);
        const before = workspace.mark();
        const addresses = Object.values(layout.allocate(workspace));
        expect(workspace.mark() - before).toBe(layout.bytes);
        let next = before;
        for (const [at, bytes] of sizes.entries()) {
          expect(addresses[at]).toBe(bytes === undefined ? 0 : next);
          next += Math.ceil((bytes ?? 0) / 64) * 64;
        }
      }),
    );
  });

  it('holds other layouts, whose addresses stand under their name', () => {
    const row = layoutOf({ idx: 4, weight: 100 });
    const layout = layoutOf({ first: row, skip: undefined, second: row, end: 1 });
    expect(layout.bytes).toBe(2 * row.bytes + 64);
    const workspace = openWorkspace(layout.bytes);
    const start = workspace.mark();
    expect(layout.allocate(workspace)).toEqual({
      first: { idx: start, weight: start + 64 },
      skip: 0,
      second: { idx: start + 192, weight: start + 256 },
      end: start + 384,
    });
  });
});
