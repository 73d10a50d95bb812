import { describe, expect, it } from 'vitest';
import { modelChoices } from '#dist/cli/flags/model-choices.js';
import { failureOf } from '../../helpers/event-oracle.js';

describe('models with options of their own', () => {
  it('are a name, and options as the flags of that name take them', async () => {
    expect(
      await modelChoices(['als', 'ease:reg=200', 'als:factors=128,confidence=linear:2,init=normal']),
    ).toEqual([
      { label: 'als', name: 'als', options: {} },
      { label: 'ease:reg=200', name: 'ease', options: { reg: 200 } },
      {
        label: 'als:factors=128,confidence=linear:2,init=normal',
        name: 'als',
        options: { factors: 128, confidence: 'linear:2', init: 'normal' },
      },
    ]);
  });

  it.each([
    ['alz', '--model "alz": wanted one of als,', ['did you mean als?']],
    ['als:', '--model "als:": "" is not an option', []],
    ['als:factor=1', '"factor=1" is not an option', ['did you mean factors?']],
    ['als:reg', '"reg" is not an option', []],
    ['als:threads=1', '"threads=1" is not an option', []],
    ['als:init=zero', 'init is one of svd, normal', []],
    ['als:factors=many', '--factors "many": wanted a whole number from 1 to', []],
  ])('may be wrong: %s', async (text, message, suggestions) => {
    const failure = await failureOf(modelChoices([text]));
    expect(failure).toMatchObject({ code: 'bad-usage', message: expect.stringContaining(message) });
    if (suggestions.length > 0) expect(failure['suggestions']).toEqual(suggestions);
  });
});
