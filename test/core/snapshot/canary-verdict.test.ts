import { describe, expect, it } from 'vitest';
import { AppError } from '#dist/core/errors.js';
import { canaryTimeoutMs } from '#dist/core/snapshot/canary.js';
import { judgeCanary } from '#dist/core/snapshot/canary-verdict.js';
import type { CanaryEnd } from '#dist/core/snapshot/canary-verdict.js';

const ended = (end: Partial<CanaryEnd>): CanaryEnd => ({
  ...{ code: null, signal: null, timedOut: false, limitMs: 60_000, stdout: '', stderr: '' },
  ...end,
});

const complaint = (code: string): string => JSON.stringify({ code, message: 'm', suggestions: ['s'] });

describe('judgeCanary', () => {
  it.each<[string, Partial<CanaryEnd>]>([
    ['the kill of the OOM killer, or of a container', { signal: 'SIGKILL' }],
    ['a limit of processor time', { signal: 'SIGXCPU' }],
    ['a limit of file sizes', { signal: 'SIGXFSZ' }],
    ['a slow disk', { signal: 'SIGKILL', timedOut: true, processorMs: 900 }],
    ['a time limit where no processor time is known', { signal: 'SIGKILL', timedOut: true }],
    ['a process that could not be started', { refused: new AppError('io-error', 'EAGAIN') }],
    ['no descriptors', { code: 7, stdout: complaint('io-error') }],
    ['no memory, as the child says it', { code: 7, stdout: complaint('out-of-memory') }],
    ['no permission', { code: 7, stdout: complaint('permission-denied') }],
    [
      'the heap of V8',
      {
        signal: 'SIGABRT',
        stderr:
          '\n<--- JS stacktrace --->\n\nFATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
      },
    ],
    [
      'an address space too small for V8',
      {
        signal: 'SIGTRAP',
        stderr: '#\n# Fatal process out of memory: Failed to reserve virtual memory for CodeRange\n#\n',
      },
    ],
    ['an isolate without memory', { signal: 'SIGILL', stderr: '# Fatal JavaScript out of memory: x' }],
    [
      'C++ without memory',
      {
        signal: 'SIGABRT',
        stderr:
          "terminate called after throwing an instance of 'std::bad_alloc'\n  what():  std::bad_alloc\n",
      },
    ],
    [
      'the dynamic loader',
      { code: 127, stderr: 'node: error while loading shared libraries: libdl.so.2: failed to map segment' },
    ],
    ['the shell', { code: 1, stderr: 'node: Cannot allocate memory' }],
  ])('blames the machine for %s', (_what, end) => expect(judgeCanary(ended(end)).kind).toBe('machine'));

  it.each<[string, Partial<CanaryEnd>]>([
    ['SIGSEGV', { signal: 'SIGSEGV' }],
    ['SIGBUS', { signal: 'SIGBUS' }],
    ['SIGILL', { signal: 'SIGILL' }],
    ['SIGABRT of a native library', { signal: 'SIGABRT', stderr: 'double free or corruption (!prev)' }],
    ['SIGFPE', { signal: 'SIGFPE' }],
    ['an exit of its own', { code: 3 }],
    [
      'an error that nobody thought of, even of a song called Out of memory',
      { code: 1, stderr: 'SyntaxError: Unexpected token \'O\', "Out of memory" is not valid JSON\n' },
    ],
    ['going round in circles', { signal: 'SIGKILL', timedOut: true, processorMs: 20_000 }],
    ['what the child says', { code: 4, stdout: complaint('damaged-snapshot') }],
    ['a newer format', { code: 4, stdout: complaint('newer-format') }],
  ])('calls damage: %s', (_what, end) => expect(judgeCanary(ended(end)).kind).toBe('damaged'));

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const)(
    'takes %s for someone who ended it',
    (signal) => expect(judgeCanary(ended({ signal })).kind).toBe('stopped'),
  );

  it('takes exit code 0, and nothing else, for a sound snapshot', () => {
    expect(judgeCanary(ended({ code: 0 })).kind).toBe('sound');
  });
});

it('the time limit grows with the bytes', () => {
  expect(canaryTimeoutMs(0)).toBe(60_000);
  expect(canaryTimeoutMs(2e9)).toBe(160_000);
  expect(canaryTimeoutMs(200e9)).toBeGreaterThan(2 * 3600_000);
});
