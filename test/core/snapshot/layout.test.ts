import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idPattern, isTag, linkTarget, requireTag, tagTarget } from '#dist/core/snapshot/layout.js';
import { idOfTarget } from '#dist/core/snapshot/resolve-reference.js';
import { idA } from '../../helpers/snapshots.js';

describe('tags', () => {
  it.each(['best', 'v2', 'weekly-2014.06_16', 'a', 'ab', 'dead-beef', `t${'x'.repeat(63)}`])(
    'take %s',
    (name) => {
      expect(isTag(name)).toBe(true);
      requireTag(name);
    },
  );

  it.each([
    '',
    'Best',
    '1st',
    '.hidden',
    '-x',
    'a/b',
    '..',
    'a b',
    'a\0',
    'ä',
    'а' /* Cyrillic */,
    'x'.repeat(65),
    'a\n',
  ])('refuse %j', (name) => {
    expect(isTag(name)).toBe(false);
    expect(() => requireTag(name)).toThrow('cannot be a tag: wanted a lower-case letter');
  });

  it.each(['current', 'latest', 'previous', 'none'])('refuse the reserved word %s', (name) => {
    expect(() => requireTag(name)).toThrow('reserved');
  });

  it.each(['face', 'deadbeef', 'abcdefabcdefabcd'])('refuse %s, which reads like an id', (name) => {
    expect(() => requireTag(name)).toThrow('beginning of an id');
  });
});

describe('link targets', () => {
  it('give back the id that they were made from, in their own place only', () => {
    expect(idOfTarget(linkTarget(idA), 'root')).toBe(idA);
    expect(idOfTarget(tagTarget(idA), 'tags')).toBe(idA);
    expect(idOfTarget(tagTarget(idA), 'root')).toBeUndefined();
    expect(idOfTarget(linkTarget(idA), 'tags')).toBeUndefined();
  });

  it('are nothing but what segue writes', () => {
    for (const target of [
      `snapshots/${idA}/`,
      `./snapshots/${idA}`,
      `snapshots/../${idA}`,
      `/snapshots/${idA}`,
      '',
      idA,
    ])
      expect(idOfTarget(target, 'root')).toBeUndefined();
    fc.assert(
      fc.property(fc.string(), (text) => {
        const id = idOfTarget(`snapshots/${text}`, 'root');
        expect(id === undefined || idPattern.test(id)).toBe(true);
      }),
    );
  });
});
