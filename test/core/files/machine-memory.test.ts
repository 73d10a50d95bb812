import { execFileSync } from 'node:child_process';
import { totalmem } from 'node:os';
import { describe, expect, it } from 'vitest';
import { machineBytes, requireMemory } from '#dist/core/files/machine-memory.js';

describe('the memory of the machine', () => {
  it('is all of it, or less in a container', () => {
    expect(machineBytes()).toBeGreaterThan(2 ** 26);
    expect(machineBytes()).toBeLessThanOrEqual(totalmem());
  });

  it('is asked before the work: more than there is is an error that says what to do', () => {
    requireMemory('training', machineBytes(), []);
    expect(() => requireMemory('training', 2 * machineBytes(), ['use fewer --factors'])).toThrow(
      expect.objectContaining({
        code: 'too-large',
        message: expect.stringMatching(
          /^training needs about [\d.]+ GiB of memory; this machine has [\d.]+ GiB$/,
        ),
        suggestions: ['use fewer --factors'],
      }),
    );
  });

  it('is what ulimit -v leaves, which is blamed then, and not the input', () => {
    const url = new URL('../../../dist/core/files/machine-memory.js', import.meta.url);
    const code =
      `const { machineBytes, requireMemory } = await import(${JSON.stringify(url.href)});` +
      'try { requireMemory("training", 9e9, ["use fewer"]); } ' +
      'catch ({ code, exitCode, message, suggestions }) { console.log(JSON.stringify({ bytes: machineBytes(), code, exitCode, message, suggestions })); }';
    const limited = 'ulimit -v 6000000 && exec "$0" --disable-wasm-trap-handler --input-type=module -e "$1"';
    const said = execFileSync('bash', ['-c', limited, process.execPath, code], { encoding: 'utf8' });
    expect(JSON.parse(said)).toEqual({
      ...{ bytes: 6_144_000_000, code: 'out-of-memory', exitCode: 7 },
      message: 'training needs about 8.4 GiB of memory; `ulimit -v` leaves it 5.7 GiB',
      suggestions: ['raise the limit of the shell or the job: ulimit -v', 'use fewer'],
    });
  });
});
