import { expect, it } from 'vitest';
import { trainCommand } from '#dist/core/evaluation/tuning/train-command.js';

it('the command that repeats a training says how the events were read', () => {
  const plain = {
    ...{ events: ['e.csv'], format: 'auto', skipBadRows: false, minimumsOnce: false },
    ...{ minUserItems: 1, minItemUsers: 1 },
  };
  expect(trainCommand(plain, 'ease', { reg: 5 }, 42)).toEqual(
    'segue train e.csv --model ease --reg 5 --seed 42'.split(' '),
  );
  const asSaid = {
    ...plain,
    noHeader: true,
    decimalComma: true,
    delimiter: '::',
    encoding: 'macintosh',
    columns: 'user=2,item=1',
    skipBadRows: true,
  };
  expect(trainCommand(asSaid, 'ease', {}, 42)).toEqual(
    'segue train e.csv --no-header --decimal-comma --skip-bad-rows --columns user=2,item=1 --delimiter :: --encoding macintosh --model ease --seed 42'.split(
      ' ',
    ),
  );
});
