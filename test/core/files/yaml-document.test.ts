import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseYaml, readYamlFile } from '#dist/core/files/yaml-document.js';
import type { YamlNode } from '#dist/core/files/yaml-document.js';
import { anyCharacter } from '../../helpers/any-character.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();

/** The values without their lines; a map as its list of pairs, so that no key is lost. */
function plain(node: YamlNode | undefined): unknown {
  if (node === undefined) return undefined;
  if (node.kind === 'text') return node.text;
  if (node.kind === 'list') return node.items.map(plain);
  return { map: node.entries.map(({ key, value }) => [key, plain(value)]) };
}

const parsed = async (text: string): Promise<unknown> => plain(await parseYaml(text, 'f'));

describe('a YAML document', () => {
  it('is maps, lists and texts; every scalar is the text that was written', async () => {
    expect(await parsed('a: 1979\nb:\n  - Yes\n  - "null"\n  - ~\nc: 0x10\nd:\n')).toEqual({
      map: [
        ['a', '1979'],
        ['b', ['Yes', 'null', '~']],
        ['c', '0x10'],
        ['d', ''],
      ],
    });
    expect(await parsed('# nothing\n')).toBeUndefined();
    expect(await parsed('')).toBeUndefined();
  });

  it('can be JSON, tabs and all', async () => {
    expect(await parsed('{\n\t"a": [\n\t\t1,\n\t\t"x\\u00e9"\n\t]\n}\n')).toEqual({
      map: [['a', ['1', 'xé']]],
    });
  });

  it('reads back whatever JSON.stringify writes, whatever the keys are called', async () => {
    const key = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', '<<', '*a', '&b', '!c'));
    const value = fc.letrec<{ node: unknown }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        fc.string(),
        fc.array(tie('node'), { maxLength: 3 }),
        fc
          .uniqueArray(fc.tuple(key, tie('node')), { maxLength: 3, selector: ([name]) => name })
          .map((pairs) => ({ map: pairs })),
      ),
    })).node;
    const toJson = (node: unknown): string => {
      if (typeof node === 'string') return JSON.stringify(node);
      if (Array.isArray(node)) return `[${node.map(toJson).join(',')}]`;
      const { map } = node as { map: [string, unknown][] };
      return `{${map.map(([name, inner]) => `${JSON.stringify(name)}: ${toJson(inner)}`).join(',')}}`;
    };
    await fc.assert(
      fc.asyncProperty(fc.array(value, { maxLength: 3 }), async (node) => {
        expect(await parsed(toJson(node))).toEqual(node);
      }),
      { numRuns: 300, seed: 42 },
    );
  });

  it('knows the line of everything', async () => {
    const node = await parseYaml('\na: x\nb:\n  - y\n  - {c: z}\n', 'f');
    expect(node).toMatchObject({
      line: 2,
      entries: [
        { key: 'a', line: 2, value: { line: 2 } },
        { key: 'b', line: 3, value: { line: 4, items: [{ line: 4 }, { line: 5, entries: [{ line: 5 }] }] } },
      ],
    });
  });

  it.each<[string, string, number, string]>([
    ['an alias', 'a: &x [1]\nb: *x\n', 2, 'an alias (*x); write out what it stands for'],
    ['a tag', 'a: 1\nb: !!binary aGk=\n', 2, 'a tag (tag:yaml.org,2002:binary); tags are not allowed'],
    ['a tag of its own', '!js x\n', 1, ''],
    ['a repeated key', 'a: 1\n"a": 2\n', 2, 'the key "a" again'],
    ['a repeated __proto__', '__proto__: 1\n__proto__: 2\n', 2, 'the key "__proto__" again'],
    ['a second document', 'a: 1\n---\nb: 2\n', 2, 'a second document begins; one is wanted'],
    ['a list as a key', '? [a]\n: b\n', 1, 'a key that is not text'],
    ['a quote without an end', 'a: "x\nb: y\n', 1, 'a quoted text has no closing "'],
    ['tabs as indentation', 'a:\n\t- b\n', 2, 'a tab; lines are indented by spaces'],
    ['a map in a line of its key', 'a: b: c\n', 1, 'got "b: c"; a value that holds a colon and a space'],
    ['a key without a colon', 'a: b\nfilters\n  c: d\n', 2, 'got "filters", wanted "key: value"'],
    ['a last key without one', 'a: b\nlength 3\n', 2, 'got "length 3", wanted "key: value"'],
    ['a colon without a space', 'length:3\na: b\n', 1, 'got "length:3", wanted "key: value"'],
    ['a line that is indented', 'a: b\n c: d\n', 2, '"c: d" is indented, and the line before it has a value'],
    ['a backtick', 'a: `b c` > 3\n', 1, 'got "`b c` > 3"; a value that begins with "`" has to be in quotes'],
    [
      'more than a text in quotes',
      "a: 'b' or c\n",
      1,
      'got "or c" after a text in quotes; a value that holds',
    ],
    ['a list without an end', 'a: [b\nc: d\n', 2, 'a [ or { before this line is not closed'],
    ['a key in another column', 'a:\n  - b: c\n d: e\n', 3, 'got "d: e"; the keys of a map'],
  ])('is refused with its line for %s', async (_what, text, line, what) => {
    await expect(parseYaml(text, 'gates.yaml')).rejects.toMatchObject({
      code: 'bad-input-file',
      exitCode: 2,
      message: expect.stringContaining(`gates.yaml line ${line}: ${what}`),
      details: { file: 'gates.yaml', line },
    });
  });

  it.each([
    ['[', '['.repeat(60_000)],
    ['{"a":', '{"a":'.repeat(12_000)],
    ['- ', '- '.repeat(30_000)],
    ['? ', '? '.repeat(30_000)],
    ['indentation', Array.from({ length: 350 }, (_, at) => `${' '.repeat(at)}a:`).join('\n')],
  ])('that nests deeper than people write is refused before it is composed: %s', async (_what, text) => {
    await expect(parseYaml(text, 'f')).rejects.toMatchObject({
      code: 'bad-input-file',
      message: 'f: it is nested more than 32 levels deep',
    });
  });

  it('that multiplies itself (a billion laughs) is refused at its first alias', async () => {
    const lines = ['a0: &a0 [x, x]'];
    for (let at = 1; at < 30; at++) lines.push(`a${at}: &a${at} [*a${at - 1}, *a${at - 1}]`);
    await expect(parseYaml(lines.join('\n'), 'f')).rejects.toMatchObject({ details: { line: 2 } });
  });

  it('is refused as a bug of nobody for arbitrary bytes: always bad-input-file', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: anyCharacter, maxLength: 200 }), async (text) => {
        const error: unknown = await parseYaml(text, 'f').then(
          () => ({ code: 'bad-input-file' }),
          (reason: unknown) => reason,
        );
        expect(error).toMatchObject({ code: 'bad-input-file' });
      }),
      { numRuns: 500, seed: 42 },
    );
  });
});

describe('a YAML file', () => {
  it('is read through a link', async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'real'), 'a: 1\n');
    symlinkSync('real', join(directory, 'link'));
    expect(plain(await readYamlFile(join(directory, 'link')))).toEqual({ map: [['a', '1']] });
  });

  it.each<[string, (path: string) => void, string]>([
    ['that is missing', () => undefined, 'there is no such file'],
    ['that is a directory', (path) => mkdirSync(path), 'it is a directory where a file was expected'],
    ['that is a FIFO', (path) => spawnSync('mkfifo', [path]), 'it is a FIFO where a file was expected'],
    [
      'that is a device',
      (path) => symlinkSync('/dev/zero', path),
      'it is a device where a file was expected',
    ],
    [
      'that is huge',
      (path) => writeFileSync(path, 'a'.repeat(65_537)),
      'it has 65537 bytes; at most 65536 are read',
    ],
    ['that is no UTF-8', (path) => writeFileSync(path, Uint8Array.of(0x61, 0xff)), 'it is not UTF-8'],
  ])('%s is bad input', async (_what, plant, message) => {
    const path = join(temporaryDirectory(), 'gates.yaml');
    plant(path);
    await expect(readYamlFile(path)).rejects.toMatchObject({
      code: 'bad-input-file',
      message: `${path}: ${message}`,
    });
  });
});
