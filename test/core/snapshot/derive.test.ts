import { describe, expect, it } from 'vitest';
import { idWithParts } from '#dist/core/snapshot/derive.js';

const basis = '0123456789abcdef';
const item = { kind: 'ivf', encoding: 'f32', targetRecall: 0.95, options: { lists: 10, seed: 42 } };

describe('idWithParts', () => {
  it('is the basis for what training makes', () => {
    expect(idWithParts(basis, { users: { options: {} }, index: null })).toBe(basis);
  });

  it('is another id for every part that was added, left out or made otherwise, and for every basis', () => {
    const ids = [
      idWithParts(basis, { users: null, index: null }),
      idWithParts(basis, { users: { options: { 'half-life': '30d' } }, index: null }),
      idWithParts(basis, { users: { options: {} }, index: { item } }),
      idWithParts(basis, { users: null, index: { item } }),
      idWithParts(basis, { users: { options: {} }, index: { item: { ...item, targetRecall: 0.9 } } }),
      idWithParts(basis, {
        users: { options: {} },
        index: { item: { ...item, options: { lists: 11, seed: 42 } } },
      }),
      idWithParts('fedcba9876543210', { users: { options: {} }, index: { item } }),
    ];
    expect(new Set([basis, ...ids]).size).toBe(ids.length + 1);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{16}$/);
  });

  it('does not depend on what was measured', () => {
    const measured = { ...item, lists: 10, probes: 3, recallAt10: 0.97, sampled: 100 };
    expect(idWithParts(basis, { users: null, index: { item: measured } })).toBe(
      idWithParts(basis, { users: null, index: { item } }),
    );
  });
});
