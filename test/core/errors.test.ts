import { describe, expect, it } from 'vitest';
import { isOutOfMemory, machineError } from '#dist/core/errors.js';

const withCode = (code: string): Error => Object.assign(new Error('failed'), { code });

describe('isOutOfMemory', () => {
  it.each([
    new RangeError('Array buffer allocation failed'),
    new RangeError('WebAssembly.Memory(): could not allocate memory'),
    new RangeError('WebAssembly.Instance(): Out of memory: Cannot allocate Wasm memory for new instance'),
    withCode('ENOMEM'),
    withCode('ERR_WORKER_OUT_OF_MEMORY'),
    withCode('ERR_MEMORY_ALLOCATION_FAILED'),
    new Error('Out of Memory Error: Failed to allocate block of 16777216 bytes (bad allocation)\n\nPossible'),
    Object.assign(new Error('libduckdb.so: failed to map segment from shared object'), {
      code: 'ERR_DLOPEN_FAILED',
    }),
  ])('is so of %s', (error) => {
    expect(isOutOfMemory(error)).toBe(true);
    expect(machineError(error, 'read x')).toMatchObject({
      ...{ code: 'out-of-memory', exitCode: 7, message: 'could not read x: the system gives no more memory' },
      suggestions: [expect.stringContaining('ulimit -v')],
    });
  });

  it.each([
    new RangeError('Invalid typed array length: -1'),
    new Error('Array buffer allocation failed'),
    new RangeError('no song is called Out of memory'),
    withCode('ENOENT'),
    // DuckDB's own share of memory.
    new Error('Out of Memory Error: failed to allocate data of size 16.0 MiB (466.2 MiB/476.8 MiB used)'),
    withCode('ERR_DLOPEN_FAILED'),
    undefined,
  ])('is not so of %s', (error) => expect(isOutOfMemory(error)).toBe(false));
});
