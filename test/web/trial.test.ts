import { describe, expect, it } from 'vitest';
import {
  noTrial,
  numOpinions,
  opinionOf,
  withoutItem,
  withoutSeed,
  withOpinion,
  withSeed,
} from '../../src/web/listener/trial.js';

describe('a trial', () => {
  it('has one opinion of an item, the last', () => {
    const trial = withOpinion(withOpinion(withOpinion(noTrial, 'like', 'a'), 'like', 'b'), 'ban', 'a');
    expect(trial).toEqual({ ...noTrial, like: ['b'], ban: ['a'] });
    expect([opinionOf(trial, 'a'), opinionOf(trial, 'b'), opinionOf(trial, 'c')]).toEqual([
      'ban',
      'like',
      undefined,
    ]);
    expect(numOpinions(trial)).toBe(2);
  });

  it('loses what is taken away, and keeps the recipe', () => {
    const trial = { ...withSeed(withOpinion(noTrial, 'dislike', 'a'), 'a'), recipe: 'radio' };
    expect(withoutItem(trial, 'a')).toEqual({ ...noTrial, seeds: ['a'], recipe: 'radio' });
    expect(withoutSeed(trial, 'a')).toEqual({ ...noTrial, dislike: ['a'], recipe: 'radio' });
    expect(withSeed(trial, 'a')).toBe(trial);
  });
});
