import { marked } from 'marked';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { drawBundleDifference } from '#dist/cli/views/bundle-difference.js';
import { markdownBundleDifference, markdownDifference } from '#dist/cli/views/difference-markdown.js';
import { drawDifference } from '#dist/cli/views/difference.js';
import type { DiffResult } from '#dist/core/tasks/diff-snapshots.js';
import { commandLine } from '#dist/cli/terminal/command-line.js';
import type { Screen } from '#dist/cli/terminal/screen.js';
import { anotherBasis, identical, song, twoBundles } from '../../helpers/differences.js';

const pipe: Screen = { decorated: false, coloured: false, width: Infinity };
const terminal = (width: number, more: Partial<Screen> = {}): Screen => ({
  ...{ decorated: true, coloured: false, width },
  ...more,
});
const asked = { a: 'nightly', b: 'f78d5' };

const withoutAnything = {
  overlapAt10: null,
  overlapAt10All: null,
  rbo: null,
  rboAll: null,
  compared: { items: 0, itemsAll: 0, all: true },
  deciles: [],
  drift: null,
  changedMost: [],
  movedMost: [],
};

const hostileName = 'Evil\u001b[31m\r\n\u202egnp|`</details>@bob '.repeat(20);
const hostileItem = { ...song(hostileName, hostileName, hostileName), overlap: 0, cosine: 0 };
const hostile: DiffResult = {
  ...anotherBasis,
  verdict: { kind: 'similar-taste', sentence: hostileName },
  a: { ...anotherBasis.a, model: hostileName },
  items: { ...anotherBasis.items, addedTop: [hostileItem], removedTop: [hostileItem] },
  settings: [
    { name: hostileName, a: hostileName, b: [hostileName], same: false },
    { name: 'x', a: { [hostileName]: 1, __proto__: 2 }, b: { [hostileName]: 2 }, same: false },
  ],
  metrics: [{ name: hostileName, a: 1, b: 2, change: 1 }],
  changedMost: [hostileItem],
  movedMost: [hostileItem],
  recommendations: {
    ...anotherBasis.recommendations!,
    changedMost: [{ user: hostileName, overlap: 0, cosine: null, gone: [hostileItem], came: [hostileItem] }],
  },
  failOn: [{ name: hostileName, value: null, condition: hostileName, holds: true }],
};
// eslint-disable-next-line no-control-regex
const control = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/;

describe('the screen of diff-snapshots', () => {
  it.each([60, 80, 120, 200])('at %i columns is this', async (width) => {
    await expect(`${await drawDifference(anotherBasis, terminal(width), asked)}\n`).toMatchFileSnapshot(
      `difference/terminal-${String(width)}.txt`,
    );
  });

  it('off a terminal is this', async () => {
    await expect(`${await drawDifference(anotherBasis, pipe, asked)}\n`).toMatchFileSnapshot(
      'difference/pipe.txt',
    );
  });

  it('of one snapshot twice is short', async () => {
    await expect(`${await drawDifference(identical, terminal(80))}\n`).toMatchFileSnapshot(
      'difference/identical.txt',
    );
  });

  it.each([60, 80, 120, 200])('fits %i columns, whatever the names', async (width) => {
    for (const result of [anotherBasis, identical, hostile]) {
      for (const line of (await drawDifference(result, terminal(width), asked)).split('\n')) {
        expect(stringWidth(line), line).toBeLessThanOrEqual(width);
        expect(line).not.toMatch(control);
      }
    }
  });

  it('answers on the first 24 lines of 80 columns, and says the verdict again where the cursor ends up', async () => {
    const lines = (await drawDifference(anotherBasis, terminal(80, { height: 24 }), asked)).split('\n');
    const first = lines.slice(0, 24).join('\n');
    for (const word of ['overlap@10', 'rbo', 'drift', 'recommendations', 'skew', 'items', 'users', 'data']) {
      expect(first).toMatch(new RegExp(`^${word} `, 'm'));
    }
    expect(first).toMatch(/^settings .*seed 42 → 7/m);
    expect(first).toMatch(/^ndcg@100 .*better/m);
    expect(first).toContain('✗ overlap@10 is 0.479');
    expect(lines.slice(-4)).toEqual(['', ...lines.slice(0, 3)]);
    const high = (await drawDifference(anotherBasis, terminal(80, { height: 200 }), asked)).split('\n');
    expect(high.slice(-3)).not.toEqual(lines.slice(-3));
  });

  it('has colour only where the screen has', async () => {
    const coloured = await drawDifference(anotherBasis, terminal(80, { coloured: true }), asked);
    expect(coloured.startsWith('\u001b[1mA similar taste')).toBe(true);
    expect(coloured).toContain('\u001b[31m✗ overlap@10');
    expect(await drawDifference(anotherBasis, terminal(80), asked)).not.toContain('\u001b');
  });

  it('says of models without vectors or neighbours what can be compared', async () => {
    const none = { ...anotherBasis, ...withoutAnything, recommendations: null, skew: null };
    const hits = { ...none.b, model: 'popularity', dim: 0, users: null };
    const lines = (await drawDifference({ ...none, b: hits }, pipe)).split('\n');
    expect(lines).toContain('B  f78d5ffaa93ea479: popularity, 1,960 items, no users');
    expect(lines).toContain('neighbours  none to compare: in one of the models no item has any');
    const strangers = { ...none, items: { ...none.items, common: 0 } };
    expect(await drawDifference(strangers, pipe)).toContain('none: there are no items in both');
    expect(await markdownDifference(strangers)).toContain('Neighbours: none: there are no items in both.');
  });

  it('says when no item has 5 users', async () => {
    const rare = { ...anotherBasis, overlapAt10: null, rbo: null };
    const text = await drawDifference(rare, pipe);
    expect(text).toMatch(/^overlap@10.all +60\.4 % .*none has 5 users in both$/m);
    expect(text).toMatch(/^rbo\.all +63\.3 %/m);
    expect(text).not.toMatch(/^overlap@10 /m);
  });

  it('never rounds to all or nothing', async () => {
    const nearly = { ...anotherBasis, overlapAt10: 0.99996, overlapAt10All: 0.00001 };
    const text = await drawDifference(nearly, pipe);
    expect(text).toMatch(/^overlap@10 +> 99\.9 %/m);
    expect(text).toMatch(/^overlap@10\.all +< 0\.1 %/m);
  });

  it('tells numbers apart that are nearly the same', async () => {
    const settings = [{ name: 'model.reg', a: 0.1234567891, b: 0.1234567892, same: false }];
    const text = await drawDifference({ ...anotherBasis, settings }, pipe);
    expect(text).toMatch(/^settings +reg 0\.1234567891 → 0\.1234567892$/m);
  });

  it('says once that only one of the two has an index', async () => {
    const options = { 'index.encoding': 'f32', 'index.kind': 'ivf', 'index.lists': 94 };
    const pairs = (b: boolean): DiffResult['settings'] =>
      Object.entries(options).map(([name, a]) => ({ name, a, b: b ? `${a}0` : null, same: false }));
    const drawn = (b: boolean): Promise<string> =>
      drawDifference({ ...anotherBasis, settings: pairs(b) }, pipe);
    expect(await drawn(false)).toMatch(/^settings +index ivf → –$/m);
    expect(await drawn(false)).not.toContain('index.');
    expect(await drawn(true)).toContain('index.lists');
  });

  it('calls a metric better or worse only where one way is', async () => {
    const text = await drawDifference(anotherBasis, pipe);
    expect(text).toMatch(/^ndcg@100 .*better/m);
    expect(text).toMatch(/^recall@20 .*worse/m);
    expect(text).not.toMatch(/^loss .*(better|worse)/m);
  });
});

describe('the screen of diff-snapshots of two bundles', () => {
  const draw = (screen: Screen, result = twoBundles): Promise<string> =>
    drawBundleDifference(result, screen, { a: 'previous', b: 'current' }, commandLine());

  it.each([60, 80, 200])('at %i columns is this', async (width) => {
    await expect(`${await draw(terminal(width))}\n`).toMatchFileSnapshot(
      `difference/bundles-${String(width)}.txt`,
    );
  });

  it.each([20, 40, 60, 80, 200])('fits %i columns', async (width) => {
    for (const line of (await draw(terminal(width))).split('\n'))
      expect(stringWidth(line), line).toBeLessThanOrEqual(width);
  });

  it('names no numbers where nothing was measured', async () => {
    const { a } = twoBundles;
    const members = a.members.map(({ as, snapshot }) => ({
      ...{ as, change: 'same' as const, a: snapshot, b: snapshot },
      difference: null,
    }));
    expect(await draw(pipe, { ...twoBundles, b: a, members, failOn: [] })).toBe(
      [
        'Identical: one and the same bundle',
        '',
        'A  previous = aaaa000000000001',
        'B  current = aaaa000000000001',
        '',
        'name      change    A                 B',
        'discover  the same  1ffd6bba4714d5e8  1ffd6bba4714d5e8',
        'radio     the same  1ffd6bba4714d5e8  1ffd6bba4714d5e8',
        'deep      the same  2222222222222222  2222222222222222',
      ].join('\n'),
    );
  });

  it('as Markdown is this', async () => {
    const comment = await markdownBundleDifference(twoBundles, asked);
    await expect(`${comment}\n`).toMatchFileSnapshot('difference/bundles-comment.txt');
    const many = Array.from({ length: 64 }, (_, at) => ({ ...twoBundles.members[0]!, as: `m${String(at)}` }));
    const long = await markdownBundleDifference({ ...twoBundles, members: many }, asked);
    expect(Buffer.byteLength(long)).toBeLessThanOrEqual(65_536);
  });
});

describe('the Markdown of diff-snapshots', () => {
  it('is this', async () => {
    await expect(`${await markdownDifference(anotherBasis, asked)}\n`).toMatchFileSnapshot(
      'difference/comment.txt',
    );
    await expect(`${await markdownDifference(identical)}\n`).toMatchFileSnapshot(
      'difference/identical-comment.txt',
    );
  });

  it('marks its heading only where something was asked for', async () => {
    const heading = async (result: DiffResult): Promise<string> =>
      (await markdownDifference(result)).split('\n')[0]!;
    expect(await heading(anotherBasis)).toMatch(/^### ✗ A similar/);
    expect(await heading(identical)).toMatch(/^### Identical/);
    expect(await heading({ ...identical, failOn: [anotherBasis.failOn[0]!] })).toMatch(/^### ✓ Identical/);
  });

  it('keeps its structure and its length, whatever the names and however many', async () => {
    const many = { ...hostile, changedMost: Array.from({ length: 20_000 }, () => hostileItem) };
    for (const result of [hostile, many]) {
      const comment = await markdownDifference(result, { a: hostileName, b: hostileName });
      expect(Buffer.byteLength(comment)).toBeLessThanOrEqual(65_536);
      expect(comment).not.toMatch(control);
      const html = await marked.parse(comment);
      const tags = [...html.matchAll(/<\/?([a-z0-9]+)/g)].map(([, tag]) => tag);
      expect(new Set(tags)).toEqual(
        new Set([
          ...['h3', 'p', 'strong', 'code', 'table', 'thead', 'tbody', 'tr', 'th', 'td'],
          ...['details', 'summary', 'br'].filter((tag) => html.includes(`<${tag}`)),
        ]),
      );
      expect(html.replaceAll(/<code>.*?<\/code>/gs, '')).not.toContain('@bob');
    }
  });
});
