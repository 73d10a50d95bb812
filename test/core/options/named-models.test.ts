import { describe, expect, it } from 'vitest';
import { AppError } from '#dist/core/errors.js';
import { askedOf } from '#dist/core/options/operation.js';
import { evaluate } from '#dist/core/options/operations.js';

const modelsOf = (...models: readonly unknown[]): unknown => askedOf(evaluate, { models }).models;

describe('models with options of their own', () => {
  it('are a name, and options as flags of that name take them', () => {
    expect(modelsOf('als', 'ease:reg=200', 'als:factors=128,confidence=linear:2,init=normal')).toEqual([
      { label: 'als', name: 'als', options: {} },
      { label: 'ease:reg=200', name: 'ease', options: { reg: 200 } },
      {
        label: 'als:factors=128,confidence=linear:2,init=normal',
        name: 'als',
        options: { factors: 128, confidence: 'linear:2', init: 'normal' },
      },
    ]);
  });

  it('are objects to a program', () => {
    const small = { label: 'small', name: 'als', options: { cgSteps: 3 } };
    expect(modelsOf(small)).toEqual([{ ...small, options: { 'cg-steps': 3 } }]);
    expect(() => modelsOf({ label: 'x', name: 'alz', options: {} })).toThrow(AppError);
  });

  it.each([
    ['alz', '"alz": wanted one of auto, als,', ['did you mean als?']],
    ['als:', '"als:": "" is not an option', undefined],
    ['als:factor=1', '"factor=1" is not an option', ['did you mean factors?']],
    ['als:reg', '"reg" is not an option', undefined],
    ['als:threads=1', '"threads=1" is not an option', undefined],
    ['als:init=zero', 'wanted svd, normal for init', undefined],
    ['als:factors=many', 'wanted a whole number from 1 to 1024 for factors', undefined],
  ])('may be wrong: %s', (text, message, suggestions) => {
    const wrong = expect.objectContaining({
      code: 'bad-usage',
      message: expect.stringContaining(message),
      ...(suggestions && { suggestions }),
    });
    expect(() => modelsOf(text)).toThrow(wrong);
  });
});
