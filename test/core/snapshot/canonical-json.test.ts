import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, canonicalJsonLines } from '#dist/core/snapshot/canonical-json.js';
import type { JsonValue } from '#dist/core/snapshot/canonical-json.js';

describe('canonicalJson', () => {
  it('sorts keys by UTF-16 code units, at every level, and leaves arrays in order', () => {
    // U+10000 is the surrogates D800 DC00, below U+FF5E; '10' sorts before '9'.
    const value = { '～': 1, '𐀀': 2, b: { z: [3, 1, 2], '9': 0, '10': 0 }, a: null };
    expect(canonicalJson(value)).toBe('{"a":null,"b":{"10":0,"9":0,"z":[3,1,2]},"𐀀":2,"～":1}');
  });

  it('prints numbers as JSON.stringify does, and refuses what JSON cannot hold', () => {
    expect(canonicalJson([1e21, -0, 0.1, 5e-324])).toBe('[1e+21,0,0.1,5e-324]');
    for (const number of [NaN, Infinity, -Infinity])
      expect(() => canonicalJson([number])).toThrow(RangeError);
  });

  it('leaves out keys without a value', () => expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}'));

  it('keeps a key named __proto__ as a key', () => {
    expect(canonicalJson(JSON.parse('{"__proto__":{"a":1}}') as JsonValue)).toBe('{"__proto__":{"a":1}}');
  });

  it('does not depend on the order in which keys were set, and can be read back', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        const reversed = JSON.parse(text, (_key, part: unknown) =>
          typeof part === 'object' && part !== null && !Array.isArray(part)
            ? Object.fromEntries(Object.entries(part).reverse())
            : part,
        ) as JsonValue;
        expect(canonicalJson(reversed)).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(JSON.parse(canonicalJsonLines(value as JsonValue))).toEqual(JSON.parse(text));
      }),
    );
  });

  it('has a form for people too', () => {
    expect(canonicalJsonLines({ b: [], a: { c: [1, {}] } })).toBe(
      '{\n  "a": {\n    "c": [\n      1,\n      {}\n    ]\n  },\n  "b": []\n}\n',
    );
  });
});
