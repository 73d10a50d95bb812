import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseDimension, parseSpace, spaceLines } from '#dist/core/evaluation/tuning/search-space.js';
import { tune, type TuneOptions } from '#dist/core/tasks/tune.js';
import { temporaryDirectories } from '../../../helpers/temporary-directory.js';

const makeDirectory = temporaryDirectories();

const at = (text: string, t: number): string | number => parseDimension(text).at(t, Math.pow);
const last = 1 - 2 ** -32;

describe('parseDimension', () => {
  it('takes numbers of a range evenly, with four digits that a command line can say', () => {
    expect(at('reg=0.5..1.5', 0)).toBe(0.5);
    expect(at('reg=0.5..1.5', 0.123456)).toBe(0.6235);
    expect(at('reg=-1..1', 0.25)).toBe(-0.5);
  });

  it('takes them evenly by ratio with :log', () => {
    expect(at('reg=0.001..10:log', 0)).toBe(0.001);
    expect(at('reg=0.001..10:log', 0.5)).toBe(0.1);
    expect(at('reg=0.001..10:log', 0.75)).toBe(1);
  });

  it('takes every whole number of a range with :int, both ends among them', () => {
    const values = Array.from({ length: 400 }, (_, i) => at('factors=3..6:int', i / 400));
    for (const n of [3, 4, 5, 6]) expect(values.filter((value) => value === n)).toHaveLength(100);
    expect(at('factors=8..128:log:int', 0)).toBe(8);
    expect(at('factors=8..128:log:int', last)).toBe(128);
  });

  it('takes one of a list, numbers as numbers', () => {
    expect([0, 0.34, 0.99].map((t) => at('confidence=log,binary,linear:4', t))).toEqual([
      'log',
      'binary',
      'linear:4',
    ]);
    expect(at('factors=64', last)).toBe(64);
    expect(at('reg=1e-3,0.1', 0)).toBe(0.001);
  });

  it('says every way of writing it in one', () => {
    expect(parseDimension(' reg=1e-3..0.10:log').text).toBe('reg=0.001..0.1:log');
    expect(parseDimension('a=.5..1').text).toBe('a=0.5..1');
  });

  it.each([
    ['reg', 'OPTION=VALUES'],
    ['=1..2', 'OPTION=VALUES'],
    ['reg=', 'OPTION=VALUES'],
    ['reg=2..1', 'lower one first'],
    ['reg=1..1', 'lower one first'],
    ['reg=a..b', 'lower one first'],
    ['reg=0..1:log', 'above 0'],
    ['factors=1.5..3:int', 'whole numbers'],
    ['confidence=log,,binary', 'empty'],
    ['factors=8,8.0', 'twice'],
  ])('refuses %s', (text, message) => expect(() => parseDimension(text)).toThrow(message));
});

it('the last dimension of an option counts', () => {
  expect(parseSpace(['reg=1..2', 'factors=8,16', 'reg=3..4']).map(({ text }) => text)).toEqual([
    'reg=3..4',
    'factors=8,16',
  ]);
});

it('a file has one dimension a line, and remarks', () => {
  expect(spaceLines('# als\r\nreg=1..2  # wide\n\nfactors=8,16')).toEqual(['reg=1..2', 'factors=8,16']);
});

it('a file of a space is not read where it is far too large', async () => {
  const path = join(makeDirectory(), 'space.txt');
  writeFileSync(path, '#'.repeat(2 ** 20 + 1));
  const options = { model: 'als', modelOptions: {}, space: [`@${path}`], trials: 1, metric: 'ndcg@10' };
  const context = { signal: new AbortController().signal, onProgress: () => undefined };
  await expect(tune(options as unknown as TuneOptions, context)).rejects.toMatchObject({
    code: 'bad-input-file',
    message: `${path} has 1048577 bytes; a search space has 1048576 at most`,
  });
});
