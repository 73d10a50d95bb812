import { describe, expect, it } from 'vitest';
import { AppError } from '#dist/core/errors.js';
import { choice, flag, number, or, required, text, texts } from '#dist/core/options/kinds.js';
import { askedOf, operation, type Operation } from '#dist/core/options/operation.js';
import * as operations from '#dist/core/options/operations.js';
import { allOperations, mistakes } from '../../helpers/mistakes.js';

const play = operation(
  'play',
  {
    item: required(text),
    k: or(number({ min: 1 }), 10),
    explain: or(flag, false),
    reasons: number({}),
    feedback: or(flag, true),
    engine: or(choice('local', 'spark'), 'local'),
    conf: texts,
    users: or(texts, []),
  },
  {
    rules: [
      { options: ['reasons'], needs: ['explain'], because: 'needs `explain`', instead: 'add `explain`' },
      { options: ['conf'], needs: ['engine=spark'], because: 'is for Spark' },
      { options: ['feedback', 'explain'], unless: ['users'], because: 'is for one user' },
    ],
    refuses: { all: { because: 'is for many' } },
  },
);
const whole = { item: 'x', k: 10, explain: false, feedback: true, engine: 'local', users: [] };

function refusalOf(given: unknown, of: Operation<object> = play): AppError | undefined {
  try {
    askedOf(of, given);
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

describe('what an operation is asked', () => {
  it('is completed', () => {
    expect(askedOf(play, { item: 'x' })).toEqual(whole);
    const given = { explain: true, reasons: 3, engine: 'spark', conf: ['a=b'] } as const;
    expect(askedOf(play, { item: 'x', ...given })).toEqual({ ...whole, ...given });
  });

  it('asks for nothing by a switch that is as it is anyway, and by a list of none', () => {
    const asked = { item: 'x', users: ['u'], feedback: true, explain: false, conf: [], all: false };
    expect(askedOf(play, asked)).toEqual({ ...whole, users: ['u'], conf: [] });
  });

  it.each<[unknown, string, string]>([
    [undefined, 'item', '`item` is missing, which play needs'],
    [{ item: 'x', user: ['u'] }, 'user', 'play has no option `user`'],
    [{ item: 'x', k: 0 }, 'k', '`k` 0: wanted a number of at least 1'],
    [{ item: 'x', reasons: 3 }, 'reasons', '`reasons` needs `explain`'],
    [{ item: 'x', reasons: 3, explain: false }, 'reasons', '`reasons` needs `explain`'],
    [{ item: 'x', conf: ['a=b'], engine: 'local' }, 'conf', '`conf` is for Spark'],
    [{ item: 'x', users: ['u'], feedback: false }, 'feedback', '`feedback` is for one user'],
    [{ item: 'x', all: true }, 'all', '`all` is for many'],
  ])('of %o is refused by name', (given, option, message) => {
    const { code, details, message: said } = refusalOf(given)!;
    expect({ code, option: details['option'] }).toEqual({ code: 'bad-usage', option });
    expect(said).toContain(message);
  });

  it('says what else may have been meant', () => {
    expect(refusalOf({ item: 'x', reasons: 3 })!.suggestions).toEqual([
      'leave `reasons` out',
      'add `explain`',
    ]);
    expect(refusalOf({ item: 'x', user: 'u' })!.suggestions).toEqual(['did you mean `users`?']);
  });

  it('may stand in the environment where it means nothing', () => {
    const ambient = { reasons: 3, conf: ['a=b'], k: 5, all: true, other: 1 };
    expect(askedOf(play, { item: 'x' }, ambient)).toEqual({ ...whole, k: 5 });
    const explained = { ...whole, k: 5, explain: true, reasons: 3 };
    expect(askedOf(play, { item: 'x', explain: true }, ambient)).toEqual(explained);
  });

  it('may need an option of a model, as flags or the library call it', () => {
    const measured = (given: object): unknown =>
      askedOf(operations.evaluate, { events: ['e.csv'], split: 'random', ...given }, { items: 'i.csv' })
        .items;
    expect(measured({})).toBeUndefined();
    expect(measured({ models: ['als', 'ease:reg=100'] })).toBeUndefined();
    expect(measured({ models: ['als', 'als:item-features=all'] })).toBe('i.csv');
    expect(measured({ modelOptions: { itemFeatures: 'all' } })).toBe('i.csv');
  });
});

describe('every rule of every operation', () => {
  it('is obeyed, and names the option', () => {
    expect(mistakes.length).toBeGreaterThan(200);
    for (const { of, option, given } of mistakes) {
      const refusal = refusalOf(given, of);
      expect(refusal?.details['option'], `${of.name} ${JSON.stringify(given)}`).toBe(option);
      expect(refusal?.suggestions[0]).toBe(`leave \`${option}\` out`);
    }
  });

  it('is about options that there are', () => {
    for (const { name, options, rules, refuses } of allOperations) {
      const isThere = (condition: string): boolean => Object.hasOwn(options, condition.split('=')[0]!);
      for (const { needs, unless = [], because } of rules) {
        expect(needs?.some(isThere) ?? true, `${name}: ${because}`).toBe(true);
        expect(unless.every(isThere), `${name}: ${because}`).toBe(true);
      }
      for (const refused of Object.keys(refuses)) expect(Object.keys(options), name).not.toContain(refused);
    }
  });
});
