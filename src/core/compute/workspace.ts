import { lastly } from '../closers.js';
import { AppError, isOutOfMemory, machineError } from '../errors.js';
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

/**
 * The arrays of a computation, declared once: the same declaration says what they take, before a workspace is opened, and
 * where each of them stands in it.
 */
export interface WorkspaceLayout<Addresses> {
  /** What `allocate` takes of a workspace. */
  readonly bytes: number;
  /** The address of every array, one after the other, each aligned like `Workspace.allocate`. */
  allocate(workspace: Workspace): Addresses;
}

/** An array's bytes; undefined for one that is not wanted, whose address is 0; or a layout of several. */
export type LayoutPart = number | undefined | WorkspaceLayout<unknown>;

export type Addresses<Names extends string> = Readonly<Record<Names, Address>>;

/** What a layout's `allocate` returns. */
export type AddressesOf<Layout> = Layout extends WorkspaceLayout<infer Addresses> ? Addresses : Address;

/** Arrays in the order in which they are named. */
export function layoutOf<Parts extends Readonly<Record<string, LayoutPart>>>(
  parts: Parts,
): WorkspaceLayout<{ readonly [Name in keyof Parts]: AddressesOf<Parts[Name]> }> {
  return {
    bytes: Object.values<LayoutPart>(parts).reduce<number>((sum, part) => sum + bytesOf(part), 0),
    allocate: (workspace) =>
      Object.fromEntries(
        Object.entries<LayoutPart>(parts).map(([name, part]) => [name, addressOf(workspace, part)]),
      ) as { readonly [Name in keyof Parts]: AddressesOf<Parts[Name]> },
  };
}

function bytesOf(part: LayoutPart): number {
  if (part === undefined) return 0;
  return typeof part === 'number' ? allocatedBytes(part) : part.bytes;
}

function addressOf(workspace: Workspace, part: LayoutPart): unknown {
  if (part === undefined) return 0;
  return typeof part === 'number' ? workspace.allocate(part) : part.allocate(workspace);
}

/** @param bytes of all that will be allocated (`WorkspaceLayout`, `allocatedBytes`). AppErrors 'too-large' past 4 GiB, 'out-of-memory'. */
export function openWorkspace(bytes: number): Workspace {
  return workspaceIn(openMemory(bytes));
}

/** The memory of a workspace of so many bytes. Errors as `openWorkspace`. */
export function openMemory(bytes: number): WebAssembly.Memory {
  // Static data of the module stands below heapBase(); one page is far more than it takes.
  const pages = Math.ceil(bytes / pageBytes) + 1;
  if (pages * pageBytes > maxWorkspaceBytes) {
    throw new AppError(
      'too-large',
      `this needs ${gib(bytes)} GiB of vectors in memory; the limit is ${gib(maxWorkspaceBytes)} GiB`,
      {
        suggestions: [
          'use fewer `factors`, or leave out rare users and items (`minUserItems`, `minItemUsers`)',
        ],
      },
    );
  }
  return allocateMemory(pages, sharesMemory());
}

/** A workspace in memory that `openMemory` gave, here or on another thread: each allocates from the same address on. */
export function workspaceIn(memory: WebAssembly.Memory): Workspace {
  const { buffer } = memory;
  const shared = sharesMemory();
  const module = compileKernels(shared);
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

/** What `use` makes; what it allocates is given back then. */
export function inScope<R>(workspace: Workspace, use: () => R): R {
  const mark = workspace.mark();
  return lastly(use, () => {
    workspace.release(mark);
  });
}

/** V8 reserves several GB of addresses for each memory, whatever its size, unless it is told not to. */
function allocateMemory(pages: number, shared: boolean): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
  } catch (error) {
    if (!isOutOfMemory(error)) throw error;
    throw machineError(error, `allocate ${gib(pages * pageBytes)} GiB for vectors`, [
      'if address space is limited, NODE_OPTIONS=--disable-wasm-trap-handler saves about 10 GB of it',
    ]);
  }
}

/** Bytes in GiB, to a tenth, as messages say them. */
export function gib(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(1);
}
