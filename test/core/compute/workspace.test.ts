import { afterEach, describe, expect, it, vi } from 'vitest';
import { openWorkspace } from '#dist/core/compute/workspace.js';

afterEach(() => {
  vi.unstubAllGlobals();
});

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
