import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxScoreBytes, writeScore } from '#dist/core/tables/score-text.js';

const bytes = Buffer.alloc(3 * maxScoreBytes);
const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function textOf(score: number, at = 0): string {
  bytes.fill(0x78);
  const end = writeScore(view, at, score);
  expect(bytes.subarray(0, at).every((byte) => byte === 0x78)).toBe(true);
  expect(bytes.subarray(at + maxScoreBytes).every((byte) => byte === 0x78)).toBe(true);
  return bytes.toString('latin1', at, end);
}

/** Of an f32 by its bits. */
const float = new DataView(new ArrayBuffer(4));
function scoreOf(bits: number): number {
  float.setUint32(0, bits);
  return float.getFloat32(0);
}

/** How many of the scores are not written as JSON.stringify does, and the first of them. */
function unlikeJson(scores: Iterable<number>): [number, string | undefined] {
  let wrong = 0;
  let first: string | undefined;
  for (const score of scores) {
    const text = bytes.toString('latin1', 0, writeScore(view, 0, score));
    if (text === JSON.stringify(score)) continue;
    wrong++;
    first ??= `${score} as ${text}`;
  }
  return [wrong, first];
}

describe('a score as text', () => {
  it('is what JSON.stringify makes of any finite f32', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.nat(maxScoreBytes), (score, at) => {
        expect(textOf(score, at)).toBe(JSON.stringify(score));
      }),
      { numRuns: 2000, seed: 1 },
    );
  });

  it.each([0, -0, 1, -1, 0.5, 0.1, 0.25, 0.0625, 0.06249, 15.9999, 16, 9.5, 10, 12.34, -12.34, 3e38, 1e-45])(
    '%f',
    (score) => expect(textOf(Math.fround(score))).toBe(JSON.stringify(Math.fround(score))),
  );

  it('is so all over the range of similarities and scores', () => {
    const scores = function* (): Generator<number> {
      for (let bits = 0x3d000000; bits < 0x41900000; bits += 487) yield scoreOf(bits);
    };
    expect(unlikeJson(scores())).toEqual([0, undefined]);
  });

  it('is so around every power of two, and for numbers of few decimals', () => {
    const scores = function* (): Generator<number> {
      for (let exponent = 118; exponent < 134; exponent++)
        for (let near = -300; near < 300; near++) yield -scoreOf((exponent << 23) + near);
      for (let n = 0; n < 20_000; n++) yield Math.fround(n / 1000);
      for (let n = 0; n < 20_000; n++) yield n / 1024;
    };
    expect(unlikeJson(scores())).toEqual([0, undefined]);
  });
});
