import fc from 'fast-check';

const surrogates = [0xd800, 0xdfff] as const;
const numSurrogates = surrogates[1] - surrogates[0] + 1;

/** Any code point: `unit: 'binary'` of fast-check, the same cases by the same seed, without its table of a million texts. */
export const anyCharacter = fc.nat({ max: 0x10ffff - numSurrogates }).map(
  (index) => String.fromCodePoint(index < surrogates[0] ? index : index + numSurrogates),
  (text) => {
    const [point = -1, ...others] =
      typeof text === 'string' ? Array.from(text, (each) => each.codePointAt(0)!) : [];
    if (point < 0 || others.length > 0 || (point >= surrogates[0] && point <= surrogates[1]))
      throw new Error('not a character');
    return point < surrogates[0] ? point : point - numSurrogates;
  },
);
