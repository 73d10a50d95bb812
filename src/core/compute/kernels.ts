/** The WASM module of the kernels. */
import { readFileSync } from 'node:fs';
import type { Kernels } from './kernel-exports.js';
import { withUnsharedMemory } from './unshared-module.js';

/** The compiled module; it can be posted to worker threads. About 2 ms. @param shared what memory it will be given */
export function compileKernels(shared: boolean): WebAssembly.Module {
  const bytes = readFileSync(new URL('../kernels/kernels.wasm', import.meta.url));
  return new WebAssembly.Module(shared ? bytes : withUnsharedMemory(bytes));
}

/** An instance over `memory`, which several instances on several threads may share. */
export function instantiateKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  return new WebAssembly.Instance(module, { env: { memory, abort: abortKernel } })
    .exports as unknown as Kernels;
}

function abortKernel(): never {
  throw new Error('a kernel aborted');
}
