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
    expect(() => {
      requireMemory('training', 2 * machineBytes(), ['use fewer --factors']);
    }).toThrow(
      expect.objectContaining({
        code: 'too-large',
        message: expect.stringMatching(
          /^training needs about [\d.]+ GiB of memory; this machine has [\d.]+ GiB$/,
        ),
        suggestions: ['use fewer --factors'],
      }),
    );
  });
});
