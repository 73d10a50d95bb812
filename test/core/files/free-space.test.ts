import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { freeBytes, requireFreeBytes } from '#dist/core/files/free-space.js';

describe('requireFreeBytes', () => {
  it('lets through what fits', () => {
    expect(freeBytes(tmpdir())).toBeGreaterThan(0);
    requireFreeBytes(tmpdir(), 1);
  });

  it('refuses what does not, naming the place and both sizes', () => {
    const tooMuch = freeBytes(tmpdir()) * 2 + 2 ** 40;
    expect(() => {
      requireFreeBytes(tmpdir(), tooMuch);
    }).toThrow(expect.objectContaining({ code: 'disk-full', exitCode: 7 }) as Error);
    expect(() => {
      requireFreeBytes(tmpdir(), tooMuch);
    }).toThrow(/^disk full: .* has \d+\.\d MiB free, \d+\.\d MiB are needed$/);
  });
});
