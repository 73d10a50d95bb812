import { appendFileSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  appendHistory,
  openIntent,
  publishedBefore,
  publishedIds,
  readHistory,
  repairHistory,
} from '#dist/core/snapshot/publication-log.js';
import type { HistoryLine } from '#dist/core/snapshot/publication-log.js';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { idA, idB, idC } from '../../helpers/snapshots.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();

function line(seq: number, phase: HistoryLine['phase'], from: string | null, to: string): HistoryLine {
  return { seq, phase, op: 'publish', from, to, time: '2026-01-01T00:00:00.000Z', who: 'me@here', why: 'é' };
}

describe('the history', () => {
  it('is empty where there is none', () => expect(readHistory(temporaryDirectory())).toEqual([]));

  it('gives back the lines that were appended', () => {
    const root = temporaryDirectory();
    const lines = [line(1, 'intent', null, idA), line(1, 'commit', null, idA)];
    for (const each of lines) appendHistory(root, each);
    expect(readHistory(root)).toEqual(lines);
    expect(readFileSync(rootPath.history(root), 'utf8').split('\n')).toHaveLength(3);
  });

  it('ignores a last line that was cut short anywhere, until the next publisher removes it', () => {
    const root = temporaryDirectory();
    const path = rootPath.history(root);
    appendHistory(root, line(1, 'intent', null, idA));
    const whole = readFileSync(path);
    const next = Buffer.from(JSON.stringify(line(1, 'commit', null, idA)));
    for (let length = 1; length <= next.length; length += 3) {
      writeFileSync(path, Buffer.concat([whole, next.subarray(0, length)]));
      expect(readHistory(root)).toHaveLength(1);
      repairHistory(root);
      expect(readFileSync(path).equals(whole)).toBe(true);
    }
  });

  it('leaves lines out that are not ours', () => {
    const root = temporaryDirectory();
    const strange = [
      '',
      'null',
      '[1]',
      'text',
      '{}',
      JSON.stringify({ ...line(1, 'commit', null, idA), to: '../x' }),
    ];
    appendFileSync(rootPath.history(root), strange.map((text) => `${text}\n`).join(''));
    appendHistory(root, line(2, 'commit', null, idB));
    expect(readHistory(root)).toEqual([line(2, 'commit', null, idB)]);
  });

  it('takes what it does not know of a line as text', () => {
    const root = temporaryDirectory();
    const strange = { ...line(1, 'commit', null, idA), op: 'promote', time: 5, who: { x: 1 }, why: ['y'] };
    appendFileSync(rootPath.history(root), `${JSON.stringify(strange)}\n`);
    expect(readHistory(root)).toEqual([
      { ...line(1, 'commit', null, idA), op: 'promote', time: '', who: '', why: null },
    ]);
  });

  it.each([0, -1, 1.5, 2 ** 53, '1', null])('knows no change of the number %j', (seq) => {
    const root = temporaryDirectory();
    appendFileSync(rootPath.history(root), `${JSON.stringify({ ...line(1, 'commit', null, idA), seq })}\n`);
    expect(readHistory(root)).toEqual([]);
  });

  it('reads no more of a long one than it takes', () => {
    const root = temporaryDirectory();
    const text = [idC, idA].map((id) => `${JSON.stringify(line(1, 'commit', null, id))}\n`).join('');
    writeFileSync(rootPath.history(root), text.repeat(Math.ceil((3 << 20) / text.length)));
    appendHistory(root, line(9, 'commit', idA, idB));
    const lines = readHistory(root);
    expect(lines.length).toBeGreaterThan(100);
    expect(lines.length).toBeLessThan(1000);
    expect(lines.at(-1)).toEqual(line(9, 'commit', idA, idB));
  });

  it('knows what was current before, however much lies between', () => {
    const root = temporaryDirectory();
    appendHistory(root, line(1, 'commit', null, idA));
    const abandoned = [line(2, 'intent', idA, idC), line(2, 'abandon', idA, idC)];
    const text = abandoned.map((each) => `${JSON.stringify(each)}\n`).join('');
    appendFileSync(rootPath.history(root), text.repeat(Math.ceil((2 << 20) / text.length)));
    appendHistory(root, line(3, 'commit', idA, idB));
    appendFileSync(rootPath.history(root), `${'not ours '.repeat(200_000)}\n`);
    expect(publishedBefore(readHistory(root), idB)).toBe(idA);
    expect(readHistory(root).at(-1)).toMatchObject({ seq: 3 });
  });

  it('is repaired where much more than a line was cut short', () => {
    const root = temporaryDirectory();
    const path = rootPath.history(root);
    appendHistory(root, line(1, 'commit', null, idA));
    const whole = readFileSync(path);
    appendFileSync(path, 'x'.repeat(3 << 20));
    repairHistory(root);
    expect(readFileSync(path).equals(whole)).toBe(true);
    writeFileSync(path, 'x'.repeat(3 << 20));
    repairHistory(root);
    expect(readFileSync(path)).toHaveLength(0);
  });

  it('is not read through a link', () => {
    const root = temporaryDirectory();
    symlinkSync('/etc/passwd', rootPath.history(root));
    expect(() => readHistory(root)).toThrow(expect.objectContaining({ code: 'damaged-root' }) as Error);
  });
});

describe('publishedIds', () => {
  it('are the committed ones, in order', () => {
    const lines = [
      line(1, 'intent', null, idA),
      line(1, 'commit', null, idA),
      line(2, 'intent', idA, idB),
      line(2, 'abandon', idA, idB),
      line(3, 'intent', idA, idC),
      line(3, 'commit', idA, idC),
    ];
    expect(publishedIds(lines, idC)).toEqual([idA, idC]);
    expect(openIntent(lines)).toBeUndefined();
  });

  it('count an intent without an outcome where current shows that it happened', () => {
    const lines = [line(1, 'commit', null, idA), line(2, 'intent', idA, idB)];
    expect(openIntent(lines)).toEqual(lines[1]);
    expect(publishedIds(lines, idB)).toEqual([idA, idB]);
    expect(publishedIds(lines, idA)).toEqual([idA]);
  });
});

describe('publishedBefore', () => {
  const lines = [line(1, 'commit', null, idA), line(2, 'commit', idA, idB)];

  it.each<[string, HistoryLine[], string | undefined, string | undefined]>([
    ['the commit before the one that is current', lines, idB, idA],
    ['after a rollback what it came from', [...lines, line(3, 'commit', idB, idA)], idA, idB],
    ['the last commit, where current was changed by other means', lines, idC, idB],
    ['what differs, where the same was committed twice', [...lines, line(2, 'commit', idA, idB)], idB, idA],
    ['what came before an intent that nobody confirmed', [...lines, line(3, 'intent', idB, idC)], idC, idB],
    ['nothing new by an intent that came to nothing', [...lines, line(3, 'intent', idB, idC)], idB, idA],
    [
      'nothing new by an abandoned change',
      [...lines, line(3, 'intent', idB, idC), line(3, 'abandon', idB, idC)],
      idB,
      idA,
    ],
    ['nothing, where nothing was', lines.slice(0, 1), idA, undefined],
    ['nothing, where nothing is published', lines, undefined, undefined],
  ])('is %s', (_what, history, current, before) => expect(publishedBefore(history, current)).toBe(before));
});
