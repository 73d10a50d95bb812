import { appendFileSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  appendHistory,
  openIntent,
  publishedIds,
  readHistory,
  repairHistory,
} from '#dist/core/snapshot/history.js';
import type { HistoryLine } from '#dist/core/snapshot/history.js';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { idA, idB, idC } from '../../helpers/snapshots.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();

function line(seq: number, phase: HistoryLine['phase'], from: string | null, to: string): HistoryLine {
  return { seq, phase, op: 'publish', from, to, time: '2026-01-01T00:00:00.000Z', who: 'me@here', why: 'é' };
}

describe('the history', () => {
  it('is empty where there is none', () => {
    expect(readHistory(temporaryDirectory())).toEqual([]);
  });

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

  it('reads the end of a long one', () => {
    const root = temporaryDirectory();
    const text = `${JSON.stringify(line(1, 'commit', null, idA))}\n`;
    writeFileSync(rootPath.history(root), text.repeat(Math.ceil((3 << 20) / text.length)));
    appendHistory(root, line(9, 'commit', idA, idB));
    const lines = readHistory(root);
    expect(lines.length).toBeGreaterThan(1000);
    expect(lines.at(-1)).toEqual(line(9, 'commit', idA, idB));
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
