import { describe, expect, it } from 'vitest';
import { flagsFromEnvironment, requireSwitches } from '#dist/cli/flags/environment-flags.js';
import { describeFailure } from '#dist/cli/failure.js';
import { AppError } from '#dist/core/errors.js';
import { runSegue } from '../../helpers/run-segue.js';

const flags = {
  k: { type: 'option', env: 'SEGUE_K', char: 'k' },
  all: { type: 'boolean', env: 'SEGUE_ALL' },
  format: { type: 'option', env: 'SEGUE_RANKING_FORMAT' },
  'all-of': { type: 'option', env: 'SEGUE_ALL_OF' },
};
const env = { SEGUE_K: 'zero', SEGUE_ALL: '1', SEGUE_RANKING_FORMAT: 'arrow', SEGUE_ALL_OF: '' };

describe('flags that come from the environment', () => {
  it.each([
    [[], ['k', 'all', 'format']],
    [
      ['-k', '3'],
      ['all', 'format'],
    ],
    [['-k3', '--all'], ['format']],
    [['--k=3', '--format', 'ndjson'], ['all']],
    [
      ['--', '--all'],
      ['k', 'all', 'format'],
    ],
  ])('with %j typed are %j', (argv, wanted) => {
    expect([...flagsFromEnvironment(flags, argv, env).keys()]).toEqual(wanted);
  });

  it('are called by their variables in what failed, but not in commands to paste', () => {
    const error = new AppError('bad-usage', '--all and --all-of: say --format', {
      suggestions: ['leave --all out', 'segue export --all'],
    });
    const { message, suggestions } = describeFailure(error, {
      variables: flagsFromEnvironment(flags, [], env),
    });
    expect(message).toBe('SEGUE_ALL and --all-of: say SEGUE_RANKING_FORMAT');
    expect(suggestions).toEqual(['leave SEGUE_ALL out', 'segue export --all']);
  });

  it('say yes or no where they have no value', () => {
    for (const value of ['1', 'TRUE', 'yes', '0', 'no', 'n', ''])
      expect(() => requireSwitches(flags, [], { SEGUE_ALL: value })).not.toThrow();
    expect(() => requireSwitches(flags, ['--all'], { SEGUE_ALL: 'maybe' })).not.toThrow();
    expect(() => requireSwitches(flags, [], { SEGUE_ALL: 'maybe' })).toThrow(
      'SEGUE_ALL "maybe": wanted 1, true, yes or y, or 0, false, no or n',
    );
  });

  it('are refused by their names, whatever the command checks itself', async () => {
    const [all, json] = await Promise.all([
      runSegue(['similar', 'x'], { env: { SEGUE_ALL: '1' } }),
      runSegue(['snapshots'], { env: { SEGUE_JSON: 'maybe' } }),
    ]);
    expect(all).toMatchObject({
      code: 2,
      stderr: 'Error: ITEM is for one answer, not for SEGUE_ALL\n  → leave ITEM out\n',
    });
    expect(json.code).toBe(2);
    expect(json.stderr).toContain('SEGUE_JSON "maybe": wanted');
  });
});
