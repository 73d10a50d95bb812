import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { findGatesFile, readGatesFile } from '#dist/core/gates/gates-file.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();
let directory: string;
beforeEach(() => {
  directory = temporaryDirectory();
});

function read(text: string, name = 'segue-gates.yaml'): ReturnType<typeof readGatesFile> {
  const path = join(directory, name);
  writeFileSync(path, text);
  return readGatesFile(path);
}

describe('a gates file', () => {
  it('holds comparisons and canary items, each with its line', async () => {
    const { numbers, canaries } = await read(`# what must hold
require:
  - ndcg@100 >= 0.2
  - "overlap@10>=0.6"
canaries:
  - similar: Come As You Are
    contains: [Smells Like Teen Spirit, 1979]
    lacks: Yes
    within: 20
    min-similarity: 0.5
  - similar: [a, b]
    minus: c
    contains: d
  - like: a
    dislike: [b]
    lacks: c
`);
    expect(numbers.map(({ name, condition, source }) => [name, condition, source])).toEqual([
      ['ndcg@100', '>=0.2', 'segue-gates.yaml:3'],
      ['overlap@10', '>=0.6', 'segue-gates.yaml:4'],
    ]);
    expect(canaries).toEqual([
      {
        asked: { kind: 'similar', items: ['Come As You Are'], minus: [] },
        ...{ contains: ['Smells Like Teen Spirit', '1979'], lacks: ['Yes'] },
        ...{ within: 20, minSimilarity: 0.5, source: 'segue-gates.yaml:6' },
      },
      {
        asked: { kind: 'similar', items: ['a', 'b'], minus: ['c'] },
        ...{
          contains: ['d'],
          lacks: [],
          within: 10,
          minSimilarity: undefined,
          source: 'segue-gates.yaml:11',
        },
      },
      {
        asked: { kind: 'recommend', like: ['a'], dislike: ['b'] },
        ...{
          contains: [],
          lacks: ['c'],
          within: 10,
          minSimilarity: undefined,
          source: 'segue-gates.yaml:14',
        },
      },
    ]);
  });

  it('can be JSON, and single values stand for lists of one', async () => {
    const json = { require: 'items>=3', canaries: { similar: 'a', contains: 'b', within: 5 } };
    const { numbers, canaries } = await read(JSON.stringify(json, null, '\t'), 'segue-gates.json');
    expect(numbers).toMatchObject([{ name: 'items', condition: '>=3', source: 'segue-gates.json:2' }]);
    expect(canaries).toMatchObject([{ contains: ['b'], within: 5 }]);
  });

  it.each(['', '# nothing yet\n', '{}', 'require: []\n'])('may ask for nothing: %j', async (text) => {
    expect(await read(text)).toEqual({ numbers: [], canaries: [] });
  });

  const canary = (lines: string): string => `canaries:\n  - similar: a\n    contains: b\n    ${lines}\n`;

  it.each<[string, number, string, string]>([
    ['requires: [a>1]', 1, '', 'the key "requires" is not known; did you mean require?'],
    ['__proto__: {a: b}', 1, '', 'the key "__proto__" is not known; known are require, canaries'],
    ['a>1', 1, '', 'wanted a map of require, canaries, got "a>1"'],
    ['require:\n  - [a>1]', 2, 'require[0]', "wanted a comparison such as 'ndcg@100>=0.2', got a list"],
    [
      'require:\n  - a>1\n  - a => 1',
      3,
      'require[1]',
      '"a => 1" is not a comparison: wanted NAME>=NUMBER, or <=, > or <',
    ],
    ['canaries:\n  - x', 2, 'canaries[0]', 'wanted a map of similar, minus, like'],
    [canary('within: twenty'), 4, 'canaries[0].within', 'wanted a whole number from 1 to 1000, got "twenty"'],
    [
      canary('minSimilarity: 0.5'),
      4,
      'canaries[0]',
      'the key "minSimilarity" is not known; did you mean min-similarity?',
    ],
    [canary('lacks: [{x: y}]'), 4, 'canaries[0].lacks[0]', "wanted an item's id or name, got a map"],
    [canary('like: c'), 2, 'canaries[0]', 'wanted either similar (and minus) or like (and dislike)'],
    [
      'canaries:\n  - contains: a',
      2,
      'canaries[0]',
      'wanted either similar (and minus) or like (and dislike)',
    ],
    ['canaries:\n  - similar: a', 2, 'canaries[0]', 'wanted contains or lacks, for the items to look for'],
    ['canaries:\n  - minus: a\n    contains: b', 2, 'canaries[0]', 'minus needs similar beside it'],
    [
      'canaries:\n  - like: a\n    contains: b\n    min-similarity: 0',
      4,
      'canaries[0].min-similarity',
      'recommendations have no',
    ],
    [
      'canaries:\n  - similar: a\n    lacks: b\n    min-similarity: 0',
      4,
      'canaries[0].min-similarity',
      'it needs contains',
    ],
  ])('says of %j which line and key is wrong', async (text, line, key, message) => {
    await expect(read(text)).rejects.toMatchObject({
      code: 'bad-input-file',
      exitCode: 2,
      message: expect.stringContaining(`segue-gates.yaml line ${line}${key && `, ${key}`}: ${message}`),
      details: { file: join(directory, 'segue-gates.yaml'), line, key },
    });
  });

  it('tells all of its mistakes at once, by line', async () => {
    await expect(read('canaries:\n  - similar: a\nrequire:\n  - a\nmore: x\n')).rejects.toMatchObject({
      message: expect.stringMatching(/ line 2, canaries\[0\]: .*; line 4, require\[0\]: .*; line 5: /),
      details: { mistakes: [{ line: 2 }, { line: 4 }, { line: 5 }] },
    });
  });
});

describe('the gates file beside a root', () => {
  it('is looked for in the directory that holds the root, by three names', () => {
    const root = join(directory, '.segue');
    expect(findGatesFile(root)).toBeUndefined();
    for (const name of ['segue-gates.yaml', 'segue-gates.yml', 'segue-gates.json']) {
      const project = join(directory, name, 'project');
      mkdirSync(project, { recursive: true });
      writeFileSync(join(project, name), '');
      expect(findGatesFile(join(project, '.segue'))).toBe(join(project, name));
      expect(findGatesFile(`${join(project, '.segue')}/`)).toBe(join(project, name));
    }
  });

  it('is not guessed where there are two', () => {
    for (const name of ['segue-gates.yaml', 'segue-gates.json']) writeFileSync(join(directory, name), '');
    expect(() => findGatesFile(join(directory, 'root'))).toThrow(
      expect.objectContaining({
        code: 'bad-usage',
        message: expect.stringContaining('several gates files'),
      }) as Error,
    );
  });
});
