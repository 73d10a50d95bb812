import { describe, expect, it } from 'vitest';
import { optionsOf } from '#dist/cli/flags/options-of.js';

const flags = {
  ...{ root: '.segue', json: true, k: 3, 'half-life': '30d', other: 'x' },
  exclude: undefined as string[] | undefined,
  like: ['a'] as string[] | undefined,
};

describe('flags as the options of a task', () => {
  it('keep their values under camel-case names; only those that were asked for, and the root', () => {
    const options = optionsOf(flags, { k: {}, 'half-life': {} });
    const halfLife: string = options.halfLife;
    expect({ ...options, halfLife }).toEqual({ root: '.segue', k: 3, halfLife: '30d' });
  });

  it('are lists where they may be repeated, empty where they were not given', () => {
    const { exclude, like } = optionsOf(flags, { exclude: { multiple: true }, like: { multiple: true } });
    const both: readonly string[] = [...exclude, ...like];
    expect([exclude, both]).toEqual([[], ['a']]);
  });
});
