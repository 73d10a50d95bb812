import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openTrialsFile, type Training } from '#dist/core/evaluation/tuning/trials-file.js';
import { temporaryDirectories } from '../../../helpers/temporary-directory.js';

const makeDirectory = temporaryDirectories();
const training = (trial: number, rung = 0): Training => ({
  model: 'als',
  trial,
  rung,
  options: { reg: 0.1 },
  ...{ epochs: 4, score: 0.25 },
  groups: [0.5, 0.125],
  seconds: 1.5,
});

/** A training's line, as docs/reference/tuning.md says it. */
function lineOf(value: Training): string {
  const text = JSON.stringify(value);
  const sum = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return `${JSON.stringify({ ...value, sum })}\n`;
}

describe('a file of trials', () => {
  it('gives back what was appended, to whoever opens it next', () => {
    const path = join(makeDirectory(), 'deep/er/trials.jsonl');
    const file = openTrialsFile(path, 'abc');
    expect(file.before).toBe(0);
    file.append(training(1));
    file.append(training(2, 1));
    file.close();
    const again = openTrialsFile(path, 'abc');
    expect(again.before).toBe(2);
    expect(again.find('als', 2, 1)).toEqual(training(2, 1));
    expect(again.find('als', 2, 0)).toBeUndefined();
    expect(again.find('ease', 2, 1)).toBeUndefined();
    again.close();
  });

  it('loses nothing but a last line that was cut, wherever it was', () => {
    const path = join(makeDirectory(), 'trials.jsonl');
    const file = openTrialsFile(path, 'abc');
    file.append(training(1));
    file.close();
    const whole = readFileSync(path, 'utf8');
    const second = lineOf(training(2));
    for (let length = 0; length < second.length; length++) {
      writeFileSync(path, whole + second.slice(0, length));
      const opened = openTrialsFile(path, 'abc');
      expect(opened.before).toBe(1);
      opened.append(training(3));
      opened.close();
      expect(readFileSync(path, 'utf8')).toBe(whole + lineOf(training(3)));
    }
    for (let length = 0; length < whole.indexOf('\n'); length++) {
      writeFileSync(path, whole.slice(0, length));
      openTrialsFile(path, 'abc').close();
      expect(readFileSync(path, 'utf8')).toBe(whole.slice(0, whole.indexOf('\n') + 1));
    }
  });

  it('is refused to a second process, and to another search', () => {
    const path = join(makeDirectory(), 'trials.jsonl');
    const file = openTrialsFile(path, 'abc');
    expect(() => openTrialsFile(path, 'abc')).toThrow(expect.objectContaining({ code: 'busy' }));
    file.close();
    expect(() => openTrialsFile(path, 'def')).toThrow(expect.objectContaining({ code: 'bad-usage' }));
  });

  it.each([
    ['notes\n', 'first line'],
    ['notes', 'first line'],
    ['{"format":"other"}\n', 'first line'],
  ])('leaves any other file alone: %j', (content, message) => {
    const path = join(makeDirectory(), 'notes.txt');
    writeFileSync(path, content);
    expect(() => openTrialsFile(path, 'abc')).toThrow(message);
    expect(readFileSync(path, 'utf8')).toBe(content);
  });

  it('is refused, by line, for any digit of a score that was flipped', () => {
    const path = join(makeDirectory(), 'trials.jsonl');
    const file = openTrialsFile(path, 'abc');
    file.append(training(1));
    file.append(training(2));
    file.close();
    const whole = readFileSync(path, 'utf8');
    const digit = whole.indexOf('0.25') + 2;
    writeFileSync(path, `${whole.slice(0, digit)}9${whole.slice(digit + 1)}`);
    expect(() => openTrialsFile(path, 'abc')).toThrow('line 2 is damaged');
  });

  it.each([
    [4, 'newer-format'],
    [2, 'bad-input-file'],
    [1, 'bad-input-file'],
    [null, 'bad-input-file'],
  ])('of format version %j is not gone on with', (version, code) => {
    const path = join(makeDirectory(), 'trials.jsonl');
    writeFileSync(path, `{"format":"segue-trials","formatVersion":${version},"search":"abc"}\n`);
    expect(() => openTrialsFile(path, 'abc')).toThrow(expect.objectContaining({ code }));
  });

  it('is neither waited for nor followed, where it is a FIFO, a folder or a link', () => {
    const folder = makeDirectory();
    writeFileSync(join(folder, 'there.jsonl'), '');
    symlinkSync('there.jsonl', join(folder, 'link'));
    execFileSync('mkfifo', [join(folder, 'fifo')]);
    mkdirSync(join(folder, 'folder'));
    for (const name of ['link', 'fifo', 'folder']) {
      const refused = expect.objectContaining({ code: 'bad-input-file' });
      expect(() => openTrialsFile(join(folder, name), 'abc')).toThrow(refused);
    }
  });

  it('says which line is not a training', () => {
    const path = join(makeDirectory(), 'trials.jsonl');
    openTrialsFile(path, 'abc').close();
    appendFileSync(path, '{"trial":1}\n');
    expect(() => openTrialsFile(path, 'abc')).toThrow('line 2');
  });
});
