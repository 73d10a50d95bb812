import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeFailure, failureText } from '#dist/cli/failure.js';
import { startProgress } from '#dist/cli/progress.js';
import type { Screen } from '#dist/cli/terminal/screen.js';
import { hanging, wrapped } from '#dist/cli/terminal/wrapped-lines.js';
import { AppError } from '#dist/core/errors.js';

const narrow: Screen = { decorated: true, coloured: false, width: 40 };
const pipe: Screen = { decorated: false, coloured: false, width: Infinity };

describe('lines of whole words', () => {
  const words = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 20 }), {
    maxLength: 12,
  });

  it('say all of the text, in lines as wide as the screen but for longer words', () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 1, max: 30 }), (parts, width) => {
        const lines = wrapped(parts.join(' '), width);
        expect(lines.join(' ')).toBe(parts.join(' '));
        for (const line of lines) if (line.includes(' ')) expect(line.length).toBeLessThanOrEqual(width);
      }),
    );
  });

  it('begin below the text that they go on with', () => {
    expect(hanging('Note:', 5, 'one two three', 18)).toBe('Note: one two\n      three');
    expect(hanging('Note:', 5, 'one two three', 13)).toBe('Note:\none two three');
    expect(hanging('Note:', 5, 'one two three', Infinity)).toBe('Note: one two three');
  });
});

describe('what stderr says', () => {
  const message =
    'could not read /srv/segue/root/snapshots/0123456789abcdef/manifest.json: permission denied';
  const command = 'segue diff-snapshots current latest --fail-on overlap@10<0.8';
  const failure = describeFailure(new AppError('io-error', message, { suggestions: [command] }));

  it('wraps a failure between words on a terminal, and leaves commands to copy in one piece', () => {
    expect(failureText(failure, narrow).split('\n')).toEqual([
      'Error: could not read',
      '       /srv/segue/root/snapshots/0123456789abcdef/manifest.json:',
      '       permission denied',
      `  → ${command}`,
      '',
    ]);
  });

  it('has a failure on one line off a terminal, for whoever looks for it in a log', () => {
    expect(failureText(failure, pipe)).toBe(`Error: ${message}\n  → ${command}\n`);
  });

  it('wraps notes and warnings alike', () => {
    const told: string[] = [];
    const { onProgress } = startProgress({ write: (text: string) => told.push(text) }, narrow);
    onProgress({ kind: 'warning', message: 'a network file system keeps no promise of a lock' });
    expect(told.join('')).toBe('Warning: a network file system keeps no\n         promise of a lock\n');
  });
});
