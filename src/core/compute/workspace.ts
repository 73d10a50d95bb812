import { AppError, isOutOfMemory } from '../errors.js';
import { sharesMemory } from '../numeric/shared-arrays.js';
import type { Kernels } from './kernel-exports.js';
import { compileKernels, instantiateKernels } from './kernels.js';
import type { Address } from './wasm-numbers.js';

/** WASM addresses memory with 32 bits. */
export const maxWorkspaceBytes = 2 ** 32;
const pageBytes = 65_536;
/** Of those, what can be allocated: a page is the module's own. */
export const mostAllocatedBytes = maxWorkspaceBytes - pageBytes;
/** Every allocation starts at a multiple of this: a cache line, and enough for any SIMD load. */
const alignment = 64;

/** Bytes that `allocate` takes for a request: what callers add up before they open a workspace. */
export function allocatedBytes(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}

/**
 * One linear memory with the kernels over it. Its size is fixed when it is opened, since views of a memory that grows
 * would go stale on other threads. Buffers are handed out front to back; nothing is freed one by one, but everything
 * allocated after a `mark` can be given back at once.
 */
export interface Workspace {
  /** Other threads can work in it too: false where the runtime has no SharedArrayBuffer. */
  readonly shared: boolean;
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly kernels: Kernels;
  /** Address of `bytes` bytes, aligned to 64. They are zero only if never used before. */
  allocate(bytes: number): Address;
  mark(): number;
  release(mark: number): void;
  u8(address: number, length: number): Uint8Array;
  u32(address: number, length: number): Uint32Array;
  f32(address: number, length: number): Float32Array;
  f64(address: number, length: number): Float64Array;
}

/** @param bytes the sum of `allocatedBytes` of everything that will be allocated. AppErrors 'too-large' past 4 GiB, 'out-of-memory'. */
export function openWorkspace(bytes: number): Workspace {
  const shared = sharesMemory();
  const module = compileKernels(shared);
  // Static data of the module stands below heapBase(); one page is far more than it takes.
  const pages = Math.ceil(bytes / pageBytes) + 1;
  if (pages * pageBytes > maxWorkspaceBytes) {
    throw new AppError(
      'too-large',
      `this needs ${gib(bytes)} GiB of vectors in memory; the limit is ${gib(maxWorkspaceBytes)} GiB`,
      {
        suggestions: [
          'use fewer --factors, or leave out rare users and items (--min-user-items, --min-item-users)',
        ],
      },
    );
  }
  const memory = allocateMemory(pages, shared);
  const { buffer } = memory;
  const kernels = instantiateKernels(module, memory);
  let next = allocatedBytes(kernels.heapBase());

  return {
    shared,
    module,
    memory,
    kernels,
    allocate(size) {
      const address = next as Address;
      next += allocatedBytes(size);
      if (next > buffer.byteLength) throw new RangeError(`workspace of ${buffer.byteLength} bytes is full`);
      return address;
    },
    mark: () => next,
    release(mark) {
      next = mark;
    },
    u8: (address, length) => new Uint8Array(buffer, address, length),
    u32: (address, length) => new Uint32Array(buffer, address, length),
    f32: (address, length) => new Float32Array(buffer, address, length),
    f64: (address, length) => new Float64Array(buffer, address, length),
  };
}

/** V8 reserves several GB of addresses for each memory, whatever its size, unless it is told not to. */
function allocateMemory(pages: number, shared: boolean): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
  } catch (error) {
    if (!isOutOfMemory(error)) throw error;
    throw new AppError(
      'out-of-memory',
      `could not allocate ${gib(pages * pageBytes)} GiB for vectors: the system gives no more memory`,
      {
        suggestions: [
          'free memory, or raise its limit: that of the shell (ulimit -v), the job or the container',
          'where addresses are limited: NODE_OPTIONS=--disable-wasm-trap-handler needs some 10 GB less of them',
        ],
        cause: error,
      },
    );
  }
}

function gib(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(1);
}
