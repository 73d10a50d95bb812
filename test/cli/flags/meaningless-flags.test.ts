import { refuseMeaninglessToBrowse } from '#dist/cli/flags/meaningless-flags.js';
import { describe, expect, it } from 'vitest';
import { runHere, runHereJson } from '../../helpers/run-here.js';

/** Nothing is there: whatever is refused is refused before anything is read. */
const env = { SEGUE_ROOT: 'nowhere' };

describe('an option that a way to answer cannot obey', () => {
  it.each([
    ['--reasons', ['recommend', '--all', '--explain', '--reasons', '5']],
    ['--reasons', ['recommend', '--users-from', 'list.txt', '--reasons=5']],
    ['--reasons', ['recommend', 'u1', '--recipe', 'discover', '--explain', '--reasons', '5']],
    ['--reasons', ['recommend', 'u1', '--reasons', '5']],
    ['--threads', ['recommend', 'u1', '--threads', '2']],
    ['--threads', ['recommend', '--like', 'Plush', '--threads', '2']],
    ['--threads', ['recommend', 'u1', '--recipe', 'discover', '--threads', '2']],
    ['--threads', ['recommend', '--all', '--recipe', 'discover', '--threads', '2']],
    ['--force', ['recommend', 'u1', '--force']],
    ['--force', ['recommend', '--all', '--force']],
    ['--force', ['recommend', '--all', '--out', '-', '--force']],
    ['--stream', ['follow', 'x.ndjson', '--state', 's', '--stream', 'radio']],
    ['--once', ['follow', '--add-events', 'x.csv', '--state', 's', '--once']],
    ['--encoding', ['follow', 'x.ndjson', '--state', 's', '--encoding', 'latin1']],
    ['--force', ['follow', 'x.ndjson', '--state', 's', '--force']],
    ['--force', ['similar', 'Plush', '--force']],
    ['--force', ['similar', '--all', '--force']],
    ['--threads', ['similar', 'Plush', '--threads', '2']],
    ['--browse', ['similar', '--all', '--browse']],
    ['--exact', ['similar', 'Plush', '--browse', '--exact']],
    ['-k', ['similar', 'Plush', '--browse', '-k', '3']],
    ['--tag', ['user-vector', 'u1', '--tag', 'nightly']],
    ['--threads', ['user-vector', 'u1', '--threads', '2']],
    ['--like', ['user-vector', 'u1', '--explain', '--like', 'Plush']],
    ['--all', ['user-vector', '--all', '--explain']],
    ['--explain', ['user-vector', '--explain', '--half-life', '3d']],
    ['-k', ['user-vector', 'u1', '-k', '3']],
    ['--encoding', ['user-vector', '--all', '--encoding', 'latin1']],
    ['--delimiter', ['user-vector', 'u1', '--delimiter', 'tab']],
    ['--quote', ['user-vector', 'u1', '--quote', 'none']],
    ['--no-header', ['user-vector', 'u1', '--no-header']],
    ['--columns', ['user-vector', 'u1', '--columns', 'item=track']],
    ['--decimal-comma', ['user-vector', 'u1', '--decimal-comma']],
    ['--skip-bad-rows', ['user-vector', 'u1', '--skip-bad-rows']],
    ['--columns', ['import', 'v.npy', '--items', 'items.csv', '--columns', 'item=track']],
    ['--decimal-comma', ['import', 'v.npy', '--items', 'items.csv', '--decimal-comma']],
    ['--skip-bad-rows', ['import', 'v.npy', '--items', 'items.csv', '--skip-bad-rows']],
    ['--encoding', ['import', 'v.npy', '--encoding', 'latin1']],
    ['--kind', ['export', '--what', 'users', '--kind', 'artist', '--out', 'x.npy']],
    ['--force', ['export', '--force']],
    ['--force', ['export', '--out', '-', '--force']],
    ['--item-columns', ['train', 'e.csv', '--item-columns', 'id=1']],
    ['--item-delimiter', ['import', 'v.npy', '--item-delimiter', '|']],
    ['--item-header', ['train', 'e.csv', '--item-header', 'no']],
    ['--min-once', ['train', 'e.csv', '--min-once']],
    ['--min-once', ['tune', 'e.csv', '--min-once', '--min-item-users', '1']],
    ['--min-once', ['evaluate', 'e.csv', '--min-once', '--min-weight', '4']],
    ['--threads', ['publish', '--threads', '2']],
    ['--threads', ['publish', '--gates', 'none', '--threads', '2']],
    ['--item-encoding', ['train', 'e.csv', '--item-encoding', 'latin1']],
  ])('is refused by name: %s of %j', async (flag, args) => {
    const { code, stdout, stderr } = await runHere(args, { env });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`${flag} `);
    expect(stderr).toContain(`leave ${flag} out`);
  });

  it('says so in JSON', async () => {
    const { json, code } = await runHereJson(['recommend', '--all', '--reasons', '5'], { env });
    expect(code).toBe(2);
    expect(json).toMatchObject({ error: { code: 'bad-usage', details: { flag: 'reasons' } } });
  });

  it.each([
    ['recommend', '--all', '--out', 'x.arrow', '--force', '--threads', '2'],
    ['recommend', 'u1', '--explain', '--reasons', '5'],
    ['similar', '--all', '--exact', '--threads', '2', '-k', '3'],
    ['recommend', 'u1', '-k', '3'],
    ['recommend', '-', '--skip-unknown'],
    ['recommend', 'u1', '--only', 'list.txt', '--skip-unknown'],
    ['similar', 'Plush', '--exclude-from', 'list.txt', '--skip-unknown'],
    ['user-vector', '--all', '--tag', 'nightly', '--threads', '2'],
    ['user-vector', '--events', 'e.csv', '--encoding', 'latin1', '--threads', '2'],
    ['export', '--kind', 'artist', '--out', 'x.npy', '--force'],
    ['publish', '--require', 'coverage@10>=0.1', '--threads', '2'],
    ['similar', '--all', '--out', 'x.arrow', '--force'],
  ])('is none of those that are obeyed: %j', async (...args) => {
    const { code, stderr } = await runHere(args, { env });
    expect(code).not.toBe(2);
    expect(stderr).toMatch(/nothing is published|no snapshot has been made/);
  });

  it('is obeyed by a reading with a minimum', async () => {
    const { code, stderr } = await runHere(['train', 'e.csv', '--min-once', '--min-user-items', '5'], {
      env,
    });
    expect(code).toBe(2);
    expect(stderr).toContain('e.csv');
    expect(stderr).not.toContain('--min-once');
  });

  it('is said of the browser in a terminal alone', () => {
    const words = [{ type: 'flag', flag: 'json' }] as const;
    expect(() => refuseMeaninglessToBrowse(words, true)).toThrow('--json means nothing to the browser');
    expect(() => refuseMeaninglessToBrowse(words, false)).not.toThrow();
  });

  it.each([
    ['train', 'e.csv', '--items', 'items.csv', '--item-columns', 'id=1', '--item-header', 'no'],
    ['import', 'v.npy', '--events', 'e.csv', '--columns', 'item=track', '--skip-bad-rows'],
    ['import', 'v.npy', '--items', 'items.csv', '--encoding', 'latin1'],
  ])('is none of those that files are read by: %j', async (...args) => {
    const { stderr } = await runHere(args, { env });
    expect(stderr).toContain('does not exist');
  });

  it('may stand in the environment, which is for all commands', async () => {
    const everywhere = { ...env, SEGUE_THREADS: '2', SEGUE_REASONS: '5', SEGUE_FORCE: '1' };
    for (const args of [
      ['recommend', 'u1'],
      ['similar', 'Plush'],
    ]) {
      const { code, stderr } = await runHere(args, { env: everywhere });
      expect(code).not.toBe(2);
      expect(stderr).toContain('nothing is published');
    }
  });
});
