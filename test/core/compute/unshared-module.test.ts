import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { instantiateKernels } from '#dist/core/compute/kernels.js';
import { withUnsharedMemory } from '#dist/core/compute/unshared-module.js';

const module = readFileSync(fileURLToPath(import.meta.resolve('#dist/core/kernels/kernels.wasm')));
const memory = (shared: boolean) => new WebAssembly.Memory({ initial: 2, maximum: 2, shared });

describe('the kernels with unshared memory', () => {
  it('differ from those with shared memory in one bit', () => {
    const unshared = withUnsharedMemory(module);
    const different = [...module.keys()].filter((at) => module[at] !== unshared[at]);
    expect(unshared).toHaveLength(module.length);
    expect(different.map((at) => [module[at], unshared[at]])).toEqual([[3, 1]]);
  });

  it('take that kind of memory only, and compute the same', () => {
    const sharing = new WebAssembly.Module(module);
    const keeping = new WebAssembly.Module(withUnsharedMemory(module));
    expect(() => instantiateKernels(sharing, memory(false))).toThrow(/shared/);
    expect(() => instantiateKernels(keeping, memory(true))).toThrow(/shared/);
    const wanted = instantiateKernels(sharing, memory(true)).ln(10);
    expect(wanted).toBeCloseTo(2.302585, 6);
    expect(instantiateKernels(keeping, memory(false)).ln(10)).toBe(wanted);
  });

  it('cannot be made of a module without one', () => {
    expect(() => withUnsharedMemory(Buffer.from('0061736d01000000', 'hex'))).toThrow(/no shared memory/);
  });
});
