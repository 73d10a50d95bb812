import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '#dist/core/errors.js';
import { canonicalJsonLines } from '#dist/core/snapshot/canonical-json.js';
import { checksumOf, completeManifest, manifestText } from '#dist/core/snapshot/manifest.js';
import type { Manifest } from '#dist/core/snapshot/manifest.js';
import { parseManifest, readManifest } from '#dist/core/snapshot/read-manifest.js';
import { contentOf, idA } from '../../helpers/snapshots.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';
import { processorMs } from '../../helpers/processor-time.js';
import { words } from '../../helpers/words.js';

const temporaryDirectory = temporaryDirectories();
const digest = { bytes: 3, sha256: '0'.repeat(64) };
const at100 = { probes: 3, regionGap: 0.5, recall: 0.9, recallInterval: [0.8, 1], sampled: 3 };
const sound = completeManifest(
  contentOf(idA, {
    users: { rows: 2, unconverged: 0, options: {} },
    index: {
      item: {
        kind: 'ivf',
        encoding: 'f32',
        lists: 4,
        probes: 2,
        targetRecall: 0.95,
        recallAt10: 0.97,
        sampled: 3,
        options: { seed: 42 },
      },
    },
  }),
  new Map([['model/item.npy', digest]]),
);

type Fields = Record<string, unknown>;

/** The sound manifest with a change at a path of keys, and a checksum that fits the change. */
function changed(path: string, value: unknown): string {
  const copy = JSON.parse(JSON.stringify(sound)) as Fields;
  const keys = path.split('|');
  const parent = keys.slice(0, -1).reduce<Fields>((at, key) => at[key] as Fields, copy);
  if (value === undefined) Reflect.deleteProperty(parent, keys.at(-1)!);
  else
    Object.defineProperty(parent, keys.at(-1)!, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  copy['checksum'] = checksumOf(copy as unknown as Manifest);
  return canonicalJsonLines(copy as never);
}

function codeOf(text: string): string {
  const startMs = processorMs();
  try {
    parseManifest(text, 'manifest.json');
    return 'accepted';
  } catch (error) {
    expect(processorMs() - startMs).toBeLessThan(1_000);
    if (!(error instanceof AppError)) throw error;
    expect(error.message).toContain('manifest.json');
    return error.code;
  }
}

describe('parseManifest', () => {
  it('reads what was written', () => {
    expect(parseManifest(manifestText(sound), 'manifest.json')).toEqual(sound);
  });

  it('takes an index of newer numbers, and one of a kind that it does not know', () => {
    expect(codeOf(changed('index|item|at100', at100))).toBe('accepted');
    expect(codeOf(changed('index|item|regionGap', 0))).toBe('accepted');
    const other = { ...sound.index?.item, kind: 'graph', lists: 0, probes: 0 };
    expect(codeOf(changed('index|item', other))).toBe('accepted');
  });

  it('takes items that were added in version 4 alone, fewer than there are items', () => {
    const content = contentOf(idA);
    const { items } = content.inputs.interactions;
    const withAdded = (rows: number): Manifest =>
      completeManifest(
        { ...content, model: { ...content.model, added: { rows, sha256: digest.sha256 } } },
        new Map(),
      );
    const grown = withAdded(items - 1);
    expect(grown.formatVersion).toBe(4);
    expect(parseManifest(manifestText(grown), 'manifest.json')).toEqual(grown);
    expect(codeOf(manifestText(withAdded(items)))).toBe('damaged-snapshot');
    expect(codeOf(manifestText(withAdded(-1)))).toBe('damaged-snapshot');
    expect(codeOf(changed('formatVersion', 4))).toBe('damaged-snapshot');
    expect(codeOf(changed('model|added', grown.model.added))).toBe('damaged-snapshot');
  });

  it('leaves sections alone that it does not know', () => {
    expect(codeOf(changed('future', { anything: [1, 2] }))).toBe('accepted');
  });

  it.each([
    ['an empty file', ''],
    ['text', 'hello'],
    ['half of a manifest', manifestText(sound).slice(0, 300)],
    ['bytes after the end', `${manifestText(sound)}x`],
    ['other white space', JSON.stringify(sound)],
    ['a key twice', manifestText(sound).replace('"basis"', '"basis": "aaaaaaaaaaaaaaaa",\n  "basis"')],
    ['a million levels', `${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`],
    ['40 levels', changed('deep', JSON.parse(`${'['.repeat(40)}${']'.repeat(40)}`))],
    ['another checksum', manifestText({ ...sound, checksum: '0'.repeat(64) })],
    ['no checksum', changed('model|name', 'x').replace(/ {2}"checksum": "[0-9a-f]+",\n/, '')],
    ['__proto__ among the files', changed('files|__proto__', { ...digest })],
    ['__proto__ among the metrics', changed('metrics|__proto__', 1)],
    ['an id that is a path', changed('id', '../../../../etc0')],
    ['an id of capitals', changed('id', 'AAAAAAAAAAAAAAAA')],
    ['a basis of 15 digits', changed('basis', 'a'.repeat(15))],
    ['a parent that is a number', changed('parent', 1)],
    ['no inputs', changed('inputs', undefined)],
    ['no interactions', changed('inputs|interactions', null)],
    ['half a user', changed('inputs|interactions|users', 0.5)],
    ['negative pairs', changed('inputs|interactions|pairs', -1)],
    ['2^60 events', changed('inputs|interactions|events', 2 ** 60)],
    ['a time that is a number', changed('inputs|interactions|firstAt', 1)],
    ['no model', changed('model', undefined)],
    ['a model without a name', changed('model|name', undefined)],
    ['options that are a list', changed('model|options', [])],
    ['users that are missing', changed('users', undefined)],
    ['users without rows', changed('users|rows', undefined)],
    ['an index of nothing', changed('index', {})],
    ['no list to look into', changed('index|item|probes', 0)],
    ['more lists to look into than there are', changed('index|item|probes', 10 ** 9)],
    ['a gap below 0', changed('index|item|regionGap', -1)],
    ['no list to look into for a hundred', changed('index|item|at100', { ...at100, probes: 0 })],
    ['too many lists to look into for a hundred', changed('index|item|at100', { ...at100, probes: 10 ** 9 })],
    ['a gap below 0 for a hundred', changed('index|item|at100', { ...at100, regionGap: -0.1 })],
    ['a recall that is text', changed('index|item|recallAt10', '1')],
    ['a metric that is text', changed('metrics|loss', 'low')],
    ['a metric with a line feed in its name', changed('metrics|a\nb', 1)],
    ['no files', changed('files', undefined)],
    ['a file of 2^60 bytes', changed('files|model/item.npy|bytes', 2 ** 60)],
    ['a short sha256', changed('files|model/item.npy|sha256', '00')],
    ['a sha256 in capitals', changed('files|model/item.npy|sha256', 'A'.repeat(64))],
    ...[
      '../x',
      '/etc/passwd',
      'model/../../x',
      'a//b',
      './a',
      'a/.',
      '.hidden',
      'model/.x',
      'a\0b',
      'a\nb',
      '',
      'ä',
    ].map((path): [string, string] => [`the file ${JSON.stringify(path)}`, changed(`files|${path}`, digest)]),
    ['itself as a file', changed('files|manifest.json', digest)],
    ['a path of five names', changed('files|a/b/c/d/e', digest)],
    ['a very long path', changed(`files|${'x'.repeat(65)}`, digest)],
  ])('calls %s damaged', (_what, text) => expect(codeOf(text)).toBe('damaged-snapshot'));

  it.each(['null', '[]', '{}', '"segue-snapshot"', '{"format":"package","formatVersion":9}'])(
    'calls %s no snapshot of ours',
    (text) => expect(codeOf(text)).toBe('not-a-snapshot'),
  );

  it('calls a later version newer, whatever else is in it, and says what reads it', () => {
    expect(codeOf('{"format":"segue-snapshot","formatVersion":5}')).toBe('newer-format');
    expect(codeOf(changed('formatVersion', 99))).toBe('newer-format');
    expect(() => parseManifest(changed('formatVersion', 5), 'manifest.json')).toThrow(
      expect.objectContaining({
        message: 'manifest.json has format version 5; this segue reads versions up to 4',
        suggestions: ['use the version of segue that made the snapshot, or a later one'],
        exitCode: 4,
      }) as Error,
    );
  });

  it.each([0, -1, 1.5, 1e300, '1', '2', null, true, [1], { 1: 1 }, undefined])(
    'calls format version %j no version of ours',
    (version) => expect(codeOf(changed('formatVersion', version))).toBe('not-a-snapshot'),
  );

  it('reads what any algorithm version trained: scorer and fold say what the files mean', () => {
    for (const version of [0, 1, 99])
      expect(codeOf(changed('model|algorithmVersion', version))).toBe('accepted');
  });

  it('leaves keys alone that it does not know, in every section', () => {
    for (const section of words`inputs inputs|interactions model users index index|item
      files|model/item.npy`)
      expect(codeOf(changed(`${section}|future`, { anything: 1 })), section).toBe('accepted');
  });

  it('never pollutes the prototype of objects', () => {
    codeOf(changed('metrics|__proto__', { polluted: true }));
    codeOf('{"format":"segue-snapshot","formatVersion":1,"__proto__":{"polluted":true}}');
    expect('polluted' in {}).toBe(false);
  });

  it('notices every single changed byte', () => {
    const text = Buffer.from(manifestText(sound));
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.integer({ min: 0, max: 7 }), (at, bit) => {
        const flipped = Buffer.from(text);
        flipped[at]! ^= 1 << bit;
        expect(codeOf(flipped.toString('utf8'))).not.toBe('accepted');
      }),
      { numRuns: 500, seed: 4711 },
    );
  });
});

function plantGigabyte(path: string): void {
  writeFileSync(path, '');
  truncateSync(path, 2 ** 30);
}

it.each([
  ['a missing file', () => undefined],
  ['a directory', (path: string) => mkdirSync(path)],
  ['a link', (path: string) => symlinkSync('/etc/passwd', path)],
  ['a FIFO', (path: string) => execFileSync('mkfifo', [path])],
  ['a gigabyte of nothing', plantGigabyte],
])('readManifest calls %s damaged, at once', (_what, plant) => {
  const path = join(temporaryDirectory(), 'manifest.json');
  plant(path);
  const startMs = processorMs();
  expect(() => readManifest(path)).toThrow(expect.objectContaining({ code: 'damaged-snapshot' }) as Error);
  expect(processorMs() - startMs).toBeLessThan(1_000);
});
