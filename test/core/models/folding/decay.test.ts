import { describe, expect, it } from 'vitest';
import { noTime, placeAsTime } from '#dist/core/numeric/pairs.js';
import { decayFunction, parseAsOf, parseHalfLife } from '#dist/core/models/folding/decay.js';

describe('decayFunction', () => {
  const decay = decayFunction({ halfLifeMs: parseHalfLife('2d'), asOfMs: parseAsOf('2014-06-21') }, Math.pow);

  it('halves with every half-life', () => {
    expect(decay(parseAsOf('2014-06-19'))).toBe(0.5);
    expect(decay(parseAsOf('2014-06-17T00:00:00'))).toBe(0.25);
    expect(decay(parseAsOf('2014-06-20'))).toBeCloseTo(Math.SQRT1_2, 15);
  });

  it('leaves alone what has no time, or came later', () => {
    expect(decay(Number(noTime))).toBe(1);
    for (const place of [0, 5, 2 ** 32]) expect(decay(Number(placeAsTime(place)))).toBe(1);
    expect(decay(parseAsOf('2015-01-01'))).toBe(1);
  });
});

describe('parseHalfLife and parseAsOf', () => {
  it('read what people write', () => {
    expect(parseHalfLife('12h')).toBe(43_200_000);
    expect(parseHalfLife('1.5w')).toBe(10.5 * 86_400_000);
    expect(parseAsOf('2014-06-20T12:00')).toBe(Date.UTC(2014, 5, 20, 12));
    expect(parseAsOf('2014-06-20T12:00:00.5+02:00')).toBe(Date.UTC(2014, 5, 20, 10, 0, 0, 500));
  });

  it.each(['', '30', '0d', '-1d', 'd', '3 d', '1m'])('refuse %j as a half-life', (text) => {
    expect(() => parseHalfLife(text)).toThrow(expect.objectContaining({ code: 'bad-usage' }));
  });

  it.each(['', 'now', '2014', '2014-06-31T25:00', '20140620', '2014-13-01'])('refuse %j as a time', (text) =>
    expect(() => parseAsOf(text)).toThrow(expect.objectContaining({ code: 'bad-usage' })),
  );
});
