import { describe, expect, it } from 'vitest';
import { AskedByFlags, flagsOf } from '#dist/cli/flags/flags-of.js';
import { flagNameOf, withFlags } from '#dist/cli/terminal/option-names.js';
import { AppError } from '#dist/core/errors.js';
import type { Operation } from '#dist/core/options/operation.js';
import { openNeighbourSource, train } from '#dist/core/options/operations.js';
import { allOperations, mistakes } from '../../helpers/mistakes.js';
import { runHere, runHereJson } from '../../helpers/run-here.js';

/** Nothing is there: whatever is refused is refused before anything is read. */
const env = { SEGUE_ROOT: 'nowhere' };

const called = (flag: string): string => (flag.length === 1 ? `-${flag}` : `--${flag}`);

/** But those that a command line has several flags for. */
const everyOption = Object.fromEntries(
  allOperations
    .flatMap(({ options }) => Object.entries(options))
    .filter(([, { parts }]) => parts === undefined),
);

describe('a flag that a way to answer cannot obey', () => {
  it('is refused by name, of every rule', () => {
    const flagless: string[] = [];
    const knownTo = new Map<object, ReturnType<typeof flagsOf>>();
    for (const { of, option, given } of mistakes) {
      const own = new Set(
        Object.entries(of.options).map(([name, option]) => flagNameOf(name, option as object)),
      );
      const others = Object.entries(everyOption).filter(
        ([name, option]) => !own.has(flagNameOf(name, option as object)),
      );
      const options = { ...Object.fromEntries(others), ...of.options };
      const known = knownTo.get(of) ?? flagsOf([{ ...of, options }]);
      knownTo.set(of, known);
      const flagOf = (name: string): string => flagNameOf(name, options[name] as object);
      const typed = Object.entries(given).filter(([name]) => Object.hasOwn(known, flagOf(name)));
      const flag = flagOf(option);
      if (!Object.hasOwn(known, flag)) {
        flagless.push(option);
        continue;
      }
      // A command line switches off what is on.
      const values = typed.map(([name, value]) => [
        flagOf(name),
        flagOf(name).startsWith('no-') ? true : value,
      ]);
      const words = typed.map(([name]) => ({ type: 'flag', flag: flagOf(name) }) as const);
      const asked = new AskedByFlags(
        { operations: [{ ...of, options }], flags: known },
        Object.fromEntries(values),
        words,
      );
      const refusal = refusalOf(() => asked.of(of, given));
      expect(refusal.details['flag'], `${of.name} ${option}`).toBe(flag);
      expect(withFlags(refusal.message).startsWith(`${called(flag)} `), refusal.message).toBe(true);
      expect(withFlags(refusal.suggestions[0]!)).toBe(`leave ${called(flag)} out`);
    }
    expect(new Set(flagless)).toEqual(new Set(['json', 'members']));
  });

  it.each([
    ['--reasons', ['recommend', '--all', '--reasons', '5']],
    ['--reasons', ['recommend', 'u1', '--reasons', '5']],
    ['--force', ['recommend', 'u1', '--force']],
    ['--threads', ['recommend', 'u1', '--recipe', 'discover', '--threads', '2']],
    ['--browse', ['similar', '--all', '--browse']],
    ['-k', ['similar', 'Plush', '--browse', '-k', '3']],
    ['--like', ['user-vector', 'u1', '--explain', '--like', 'Plush']],
    ['-k', ['user-vector', 'u1', '-k', '3']],
    ['--no-header', ['user-vector', 'u1', '--no-header']],
    ['--force', ['export', '--out', '-', '--force']],
    ['--item-columns', ['train', 'e.csv', '--item-columns', 'id=1']],
    ['--min-once', ['tune', 'e.csv', '--min-once', '--min-item-users', '1']],
    ['--threads', ['publish', '--threads', '2']],
    ['--threads', ['publish', '--gates', 'none', '--threads', '2']],
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
    const browsed = await runHereJson(['similar', 'Plush', '--browse', '--json'], { env });
    const suggestions = ['leave --json out', 'segue similar ITEM --json'];
    expect(browsed.json).toMatchObject({ error: { suggestions, details: { flag: 'json' } } });
  });

  it.each([
    ['recommend', '--all', '--out', 'x.arrow', '--force', '--threads', '2'],
    ['recommend', '-', '--skip-unknown'],
    ['similar', '--all', '--exact', '--threads', '2', '-k', '3'],
    ['user-vector', '--events', 'e.csv', '--encoding', 'latin1', '--threads', '2'],
    ['export', '--kind', 'artist', '--out', 'x.npy', '--force'],
    ['publish', '--require', 'coverage@10>=0.1', '--threads', '2'],
  ])('is none of those that are obeyed: %j', async (...args) => {
    const { code, stderr } = await runHere(args, { env });
    expect(code).not.toBe(2);
    expect(stderr).toMatch(/nothing is published|no snapshot has been made/);
  });

  it('is no argument that another flag stands in for', async () => {
    const spark = ['train', '--engine', 'spark', '--table', 't', '--model', 'als', '--python', '/nowhere'];
    expect((await runHere(spark, { env })).stderr).toContain('which is to start Spark');
    expect((await runHere(['train'], { env })).stderr).toContain('no events are named');
  });

  it('is said of the browser, which prints no JSON', () => {
    const asked = new AskedByFlags({ operations: [], flags: {} }, {}, []);
    expect(() => asked.of(openNeighbourSource, { json: true })).toThrow('means nothing to the browser');
  });

  it('may stand in the environment, which is for all commands', async () => {
    const everywhere = { ...env, SEGUE_THREADS: '2', SEGUE_REASONS: '5', SEGUE_FORCE: '1' };
    for (const args of [['recommend', 'u1'], ['similar', 'Plush'], ['publish']]) {
      const { code, stderr } = await runHere(args, { env: everywhere });
      expect(code).not.toBe(2);
      expect(stderr).toMatch(/nothing is published|no snapshot has been made/);
    }
  });
});

describe('what a command line asks', () => {
  const asks = (of: Operation<object>, flags: Record<string, unknown>): AskedByFlags => {
    const words = Object.keys(flags).map((flag) => ({ type: 'flag', flag }) as const);
    return new AskedByFlags({ operations: [of], flags: flagsOf([of]) }, flags, words);
  };

  it('by flags of models are the options of the model, as models name them', () => {
    const asked = asks(train, { factors: 8, 'cg-steps': 3, seed: 7, root: 'x' }).of(train, { events: ['e'] });
    expect(asked).toMatchObject({ root: 'x', seed: 7, modelOptions: { factors: 8, 'cg-steps': 3 } });
  });

  it('by a flag that turns something off is that it is off', () => {
    const typed = { for: 'ann', 'no-feedback': true };
    expect(asks(openNeighbourSource, typed).of(openNeighbourSource).feedback).toBe(false);
    expect(asks(openNeighbourSource, { for: 'ann' }).of(openNeighbourSource).feedback).toBe(true);
  });
});

function refusalOf(ask: () => unknown): AppError {
  try {
    ask();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}
