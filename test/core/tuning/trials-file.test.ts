import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openTrialsFile, type Training } from '#dist/core/tuning/trials-file.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const makeDirectory = temporaryDirectories();
const training = (trial: number, rung = 0): Training => ({
  trial,
  rung,
  options: { reg: 0.1 },
  checkpoints: [{ epochs: 4, score: 0.25 }],
  seconds: 1.5,
});

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
    expect(again.find(2, 1)).toEqual(training(2, 1));
    expect(again.find(2, 0)).toBeUndefined();
    again.close();
  });

  it('loses nothing but a last line that was cut, wherever it was', () => {
    const path = join(makeDirectory(), 'trials.jsonl');
    const file = openTrialsFile(path, 'abc');
    file.append(training(1));
    file.close();
    const whole = readFileSync(path, 'utf8');
    const second = `${JSON.stringify(training(2))}\n`;
    for (let length = 0; length < second.length; length++) {
      writeFileSync(path, whole + second.slice(0, length));
      const opened = openTrialsFile(path, 'abc');
      expect(opened.before).toBe(1);
      opened.append(training(3));
      opened.close();
      expect(readFileSync(path, 'utf8')).toBe(`${whole}${JSON.stringify(training(3))}\n`);
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

  it('says which line is not a training', () => {
    const path = join(makeDirectory(), 'trials.jsonl');
    openTrialsFile(path, 'abc').close();
    appendFileSync(path, '{"trial":1}\n');
    expect(() => openTrialsFile(path, 'abc')).toThrow('line 2');
  });
});
