import { describe, expect, it } from 'vitest';
import type { Job } from '#dist/core/compute/job.js';
import type { Kernels } from '#dist/core/compute/kernel-exports.js';
import type { SparseRows } from '#dist/core/numeric/csr.js';
import { openWorkspace } from '#dist/core/compute/workspace.js';

// What is wrong here is refused by the compiler: `tsc -p test` fails where an error that is expected does not come.
const { allocate } = openWorkspace(1024);
const [V, Q, weight] = [allocate(64), allocate(64), allocate(64)];
const bounds = Uint32Array.of(0, 1);
const sparse: SparseRows = { numRows: 0, indptr: bounds, idx: bounds, weight: new Float32Array(0) };
const job = <Kernel extends keyof Kernels>(given: Job<Kernel>): Job<Kernel> => given;

describe('the arguments of a job', () => {
  it('are those of its kernel after the range, addresses also of scratch memory or one a range', () => {
    const rotate = job({ kernel: 'rotate', bounds, args: [V, 8, Q, 'scratch'] });
    expect(rotate.args).toEqual([V, 8, Q, 'scratch']);
    job({ kernel: 'gram', bounds, args: [V + 32, 8, { base: Q, perRange: 64 }, 'scratch'] });
    job({ kernel: 'spmm', bounds, sparse, args: [V, Q, 8, 0] });
  });

  it('are neither fewer nor more', () => {
    // @ts-expect-error one is missing
    job({ kernel: 'weightedSquares', bounds, args: [V, 8] });
    // @ts-expect-error one too many
    job({ kernel: 'weightedSquares', bounds, args: [V, 8, weight, 0] });
    // @ts-expect-error the range is the pool's to give
    job({ kernel: 'weightedSquares', bounds, args: [0, 1, V, 8, weight] });
  });

  it('stand in their order, no address or placeholder where a count is wanted', () => {
    // @ts-expect-error the dimension comes second
    job({ kernel: 'weightedSquares', bounds, args: [8, V, weight] });
    // @ts-expect-error no dimension is a scratch address
    job({ kernel: 'rotate', bounds, args: [V, 'scratch', Q, 8] });
    // @ts-expect-error nor differs it by range
    job({ kernel: 'rotate', bounds, args: [V, { base: 8, perRange: 8 }, Q, 'scratch'] });
    // @ts-expect-error no other word is a placeholder
    job({ kernel: 'rotate', bounds, args: [V, 8, Q, 'range'] });
    // @ts-expect-error numbers only
    job({ kernel: 'weightedSquares', bounds, args: [V, 8n, weight] });
  });

  it('come with sparse rows for the kernels that read them, and with none for others', () => {
    // @ts-expect-error the rows are missing
    job({ kernel: 'spmm', bounds, args: [V, Q, 8, 0] });
    // @ts-expect-error the pool gives indptr, idx, weight and scratch
    job({ kernel: 'spmm', bounds, sparse, args: [V, V, V, 'scratch', V, Q, 8, 0] });
    // @ts-expect-error it reads no sparse rows
    job({ kernel: 'unitRows', bounds, sparse, args: [V, 8] });
    // @ts-expect-error there is no such kernel
    job({ kernel: 'spmv', bounds, args: [V, Q, 8] });
    // @ts-expect-error it begins with an address, and takes no range
    job({ kernel: 'clearHeap', bounds, args: [] });
  });
});

it('a direct call of a kernel takes no address for a count', () => {
  const { kernels } = openWorkspace(1024);
  kernels.unitRows(0, 0, V, 8);
  // @ts-expect-error the address comes before the dimension
  kernels.unitRows(0, 0, 8, V);
  // @ts-expect-error one is missing
  kernels.unitRows(0, 0, V);
});
