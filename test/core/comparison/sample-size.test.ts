import { describe, expect, it } from 'vitest';
import { sampledItems, sampledUsers, sampleSize } from '#dist/core/comparison/sample-size.js';

describe('sampleSize', () => {
  it('is as usual where scanning is quick, and for models without vectors', () => {
    expect(sampleSize(sampledItems, 50_000, 64)).toBe(2000);
    expect(sampleSize(sampledUsers, 50_000, 64)).toBe(500);
    expect(sampleSize(sampledItems, 31_500, 0)).toBe(2000);
    expect(sampleSize(sampledItems, 0, 0)).toBe(2000);
  });

  it('falls with the catalogue and the width, but not below what a mean needs', () => {
    expect(sampleSize(sampledItems, 500_000, 64)).toBe(1073);
    expect(sampleSize(sampledItems, 500_000, 128)).toBe(536);
    expect(sampleSize(sampledItems, 10_000_000, 128)).toBe(250);
    expect(sampleSize(sampledUsers, 500_000, 64)).toBe(268);
    expect(sampleSize(sampledUsers, 10_000_000, 64)).toBe(100);
  });
});
