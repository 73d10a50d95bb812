import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  RuleBreach,
  breachOfId,
  parseEvent,
  parseTime,
  parseType,
  parseWeight,
} from '#dist/core/events/event-rules.js';

const unit = 1_000_000_000n;
const problem = (value: unknown): string =>
  value instanceof RuleBreach ? value.problem : `held: ${String(value)}`;

describe('a weight', () => {
  it.each([
    ['1', unit],
    ['0', 0n],
    ['0.0', 0n],
    ['-0', 0n],
    ['1e3', 1000n * unit],
    ['1E+3', 1000n * unit],
    ['0.1', 100_000_000n],
    ['.5', 500_000_000n],
    ['5.', 5n * unit],
    ['+2', 2n * unit],
    [' 12 ', 12n * unit],
    ['0012', 12n * unit],
    ['1e-9', 1n],
    ['123456789e-9', 123_456_789n],
    ['0.000000001', 1n],
    ['9223372036.854775807', 2n ** 63n - 1n],
    ['9223372036.8547758074', 2n ** 63n - 1n],
  ])('%s is %s units', (text, units) => expect(parseWeight(text)).toBe(units));

  it('is rounded half to even where it is finer than 1e-9', () => {
    expect(parseWeight('0.0000000015')).toBe(2n);
    expect(parseWeight('0.0000000025')).toBe(2n);
    expect(parseWeight('0.0000000035')).toBe(4n);
    expect(parseWeight('0.00000000250000000001')).toBe(3n);
    expect(parseWeight('0.0000000005000000001')).toBe(1n);
    expect(parseWeight('15e-10')).toBe(2n);
  });

  it.each([
    ['', 'is empty'],
    ['   ', 'is empty'],
    [null, 'is empty'],
    ['abc', 'is not a number'],
    ['1,5', 'is not a number'],
    ['1_000', 'is not a number'],
    ['0x10', 'is not a number'],
    ['1e', 'is not a number'],
    ['.', 'is not a number'],
    ['e5', 'is not a number'],
    ['1 2', 'is not a number'],
    ['١', 'is not a number'],
    ['true', 'is not a number'],
    ['nan', 'is not a finite number'],
    ['-Infinity', 'is not a finite number'],
    ['inf', 'is not a finite number'],
    ['-1', 'is negative'],
    ['-1e-300', 'is negative'],
    ['1e-10', 'is too small'],
    ['0.0000000005', 'is too small'],
    ['1e-99999', 'is too small'],
    ['9223372036.854775808', 'is too large'],
    ['9223372036.8547758075', 'is too large'],
    ['1e10', 'is too large'],
    ['1e99999', 'is too large'],
  ])('%s is refused: it %s', (text, wanted) => expect(problem(parseWeight(text))).toContain(wanted));

  it('agrees with exact fractions of BigInts on any decimal', () => {
    const decimal = fc.record({
      whole: fc.stringMatching(/^\d{0,12}$/),
      fraction: fc.stringMatching(/^\d{0,24}$/),
      exponent: fc.option(fc.integer({ min: -30, max: 30 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(decimal, ({ whole, fraction, exponent }) => {
        fc.pre(whole + fraction !== '');
        const text = `${whole}.${fraction}${exponent === undefined ? '' : `e${exponent}`}`;
        // value · 10⁹ = numerator / denominator
        const power = 9 - fraction.length + (exponent ?? 0);
        const numerator = BigInt(whole + fraction) * 10n ** BigInt(Math.max(power, 0));
        const denominator = 10n ** BigInt(Math.max(-power, 0));
        let units = numerator / denominator;
        const twice = (numerator % denominator) * 2n;
        if (twice > denominator || (twice === denominator && units % 2n === 1n)) units += 1n;
        const got = parseWeight(text);
        if (units >= 2n ** 63n) expect(problem(got)).toContain('too large');
        else if (units === 0n && numerator > 0n) expect(problem(got)).toContain('too small');
        else expect(got).toBe(units);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a time', () => {
  const noon = Date.UTC(2024, 4, 31, 12);
  it.each([
    ['2024-05-31', Date.UTC(2024, 4, 31)],
    ['2024-05-31T12:00', noon],
    ['2024-05-31 12:00:00', noon],
    ['2024-05-31T12:00:00Z', noon],
    ['2024-05-31t12:00:00z', noon],
    ['2024-05-31T12:00:00.123456789Z', noon + 123],
    ['2024-05-31T12:00:00,5', noon + 500],
    ['2024-05-31T14:00:00+02:00', noon],
    ['2024-05-31T14:00:00+0200', noon],
    ['2024-05-31 14:00:00 +02', noon],
    ['2024-05-31T06:30:00-05:30', noon],
    ['31.05.2024 12:00', noon],
    ['31.5.2024T14:00:00+02:00', noon],
    ['2024-02-29', Date.UTC(2024, 1, 29)],
    ['0001-01-01', -62_135_596_800_000],
    ['9999-12-31T23:59:59.999Z', 253_402_300_799_999],
    ['0', 0],
    ['1402943314', 1_402_943_314_000],
    ['1402943314.5', 1_402_943_314_500],
    ['1700000000.001', 1_700_000_000_001],
    ['1402943314123', 1_402_943_314_123],
    ['1402943314123.9', 1_402_943_314_123],
    ['1.402943314e9', 1_402_943_314_000],
    ['-86400', -86_400_000],
    ['-0.0005', -1],
    ['99999999999', 99_999_999_999_000],
    ['100000000000', 100_000_000_000],
  ])('%s is %d ms', (text, ms) => expect(parseTime(text)).toBe(ms));

  it('is none where the cell is empty', () => {
    for (const empty of [null, '', '  ']) expect(parseTime(empty)).toBeNull();
  });

  it.each([
    ['yesterday', 'is not a time'],
    ['2024-02-30', 'is not a time'],
    ['2023-02-29', 'is not a time'],
    ['2024-13-01', 'is not a time'],
    ['2024-05-31T24:00:00', 'is not a time'],
    ['2024-05-31T12:60', 'is not a time'],
    ['2016-12-31T23:59:60Z', 'is not a time'],
    ['31/05/2024', 'is not a time'],
    ['30.02.2024', 'is not a time'],
    ['5.31.2024', 'is not a time'],
    ['12:00', 'is not a time'],
    ['0000-01-01', 'is not a time'],
    ['nan', 'is not a time'],
    ['infinity', 'is not a time'],
    ['1402943314000000', 'is out of range'],
    ['1402943314000000000', 'is out of range'],
  ])('%s is refused: it %s', (text, wanted) => expect(problem(parseTime(text))).toContain(wanted));

  it('reads back every ISO time that JavaScript writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }), (ms) => {
        expect(parseTime(new Date(ms).toISOString())).toBe(ms);
      }),
    );
  });

  it('is the same without the Z, where it is read in a shorter way', () => {
    const hostile = fc.stringMatching(/^[\dx]{4}[-:]\d\d[-:][0-3]\d[ T-][0-2]\d[:x][0-6]\d[:x][0-6]\d$/);
    const near = fc
      .integer({ min: -62_135_596_800, max: 253_402_300_799 })
      .map((seconds) => new Date(1000 * seconds).toISOString().slice(0, 19));
    const swapped = fc
      .tuple(near, fc.nat({ max: 18 }), fc.constantFrom('0', '1', '2', '3', '6', '9', 'x'))
      .map(([text, at, other]) => text.slice(0, at) + other + text.slice(at + 1));
    const fraction = fc.stringMatching(/^[.x]\d{0,10}$/);
    const withFraction = fc.tuple(near, fraction).map((texts) => texts.join(''));
    fc.assert(
      fc.property(fc.oneof(hostile, near, swapped, withFraction), (text) => {
        expect(parseTime(text)).toEqual(parseTime(`${text}Z`));
        expect(parseTime(text.replace('T', ' '))).toEqual(parseTime(`${text}Z`));
      }),
      { numRuns: 3000 },
    );
  });
});

describe('an id and a type', () => {
  it('take 1 to 1,024 bytes of UTF-8, whatever the script', () => {
    for (const id of ['a', ' ', '日本語', 'x'.repeat(1024), 'é'.repeat(512), '\u0000'])
      expect(breachOfId(id)).toBeUndefined();
    expect(problem(breachOfId(''))).toContain('is empty');
    expect(problem(breachOfId(null))).toContain('is empty');
    expect(problem(breachOfId('x'.repeat(1025)))).toContain('1025 bytes');
    expect(problem(breachOfId('é'.repeat(513)))).toContain('1026 bytes');
  });

  it('know four types in any case, and play where there is none', () => {
    expect(['', null, 'play', 'Like', 'DISLIKE', ' ban '].map(parseType)).toEqual([0, 0, 0, 1, 2, 3]);
    expect(problem(parseType('view'))).toContain('play, like, dislike or ban is wanted');
    expect(problem(parseType('skip'))).toContain('`segue feedback import` keeps it');
  });
});

describe('an event', () => {
  const cells = { user: 'u', item: 'i', weight: null, time: null, type: null };

  it('weighs 1 without a weight column, and a like or dislike does with an empty cell', () => {
    expect(parseEvent(cells, false, false)).toMatchObject({ weight: unit, type: 0 });
    expect(parseEvent({ ...cells, type: 'like' }, true, false)).toMatchObject({ weight: unit, type: 1 });
    expect(parseEvent({ ...cells, type: 'dislike', weight: '2' }, true, false)).toMatchObject({
      weight: 2n * unit,
    });
    expect(parseEvent(cells, true, false)).toMatchObject({ column: 'weight', value: null });
    expect(parseEvent(cells, true, true)).toMatchObject({ weight: unit });
  });

  it('weighs nothing as a ban, whose weight must hold all the same', () => {
    expect(parseEvent({ ...cells, type: 'ban', weight: '5' }, true, false)).toMatchObject({
      weight: 0n,
      type: 3,
    });
    expect(parseEvent({ ...cells, type: 'ban' }, true, false)).toMatchObject({ weight: 0n });
    expect(parseEvent({ ...cells, type: 'ban', weight: 'x' }, true, false)).toMatchObject({
      column: 'weight',
    });
  });

  it('names its first bad cell', () => {
    expect(parseEvent({ ...cells, user: '', item: '' }, false, false)).toMatchObject({ column: 'user' });
    expect(parseEvent({ ...cells, item: '', time: 'x' }, false, false)).toMatchObject({ column: 'item' });
    expect(parseEvent({ ...cells, type: 'x', time: 'x' }, false, false)).toMatchObject({
      column: 'type',
      value: 'x',
    });
    expect(parseEvent({ ...cells, time: 'x' }, false, false)).toMatchObject({ column: 'time', value: 'x' });
  });
});
