import { describe, expect, it } from 'vitest';
import { idPattern } from '#dist/core/snapshot/layout.js';
import { derivedId, trainingId } from '#dist/core/snapshot/snapshot-id.js';

const identity = {
  interactionsSha256: '1'.repeat(64),
  itemsSha256: null,
  model: 'als',
  algorithmVersion: 1,
  engine: 'local',
  seed: 42,
  options: { factors: 64, reg: 0.01 },
};

describe('trainingId', () => {
  it('is the beginning of a sha256 that any other language computes too', () => {
    expect(trainingId(identity)).toMatch(idPattern);
    expect(trainingId(identity)).toBe('fdd16dcf7f4fcf4a');
  });

  it('does not depend on the order of options', () => {
    expect(trainingId({ ...identity, options: { reg: 0.01, factors: 64 } })).toBe(trainingId(identity));
  });

  it.each([
    ['the interactions', { interactionsSha256: '2'.repeat(64) }],
    ['the catalogue', { itemsSha256: '1'.repeat(64) }],
    ['the model', { model: 'item2vec' }],
    ['the algorithm', { algorithmVersion: 2 }],
    ['the engine', { engine: 'spark' }],
    ['the seed', { seed: 43 }],
    ['an option', { options: { factors: 64, reg: 0.02 } }],
    ['a further option', { options: { factors: 64, reg: 0.01, epochs: 1 } }],
  ])('changes with %s', (_what, change) => {
    expect(trainingId({ ...identity, ...change })).not.toBe(trainingId(identity));
  });
});

it('derivedId depends on the basis and the parts, not on the order in which they were added', () => {
  const index = { lists: 10 };
  const users = { asOf: '2014-06-23' };
  const id = derivedId('a'.repeat(16), { index, users });
  expect(derivedId('a'.repeat(16), { users, index })).toBe(id);
  expect(derivedId('b'.repeat(16), { index, users })).not.toBe(id);
  expect(derivedId('a'.repeat(16), { index })).not.toBe(id);
});
