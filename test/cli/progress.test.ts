import { describe, expect, it } from 'vitest';
import { bar, sparkline } from '#dist/cli/terminal/bar.js';
import { byteSize, count, counted, decimals, duration, fixed, percent } from '#dist/cli/terminal/numbers.js';
import { progressLine, startProgress } from '#dist/cli/progress.js';
import { loudnessOf, type Loudness } from '#dist/cli/json-mode.js';
import type { Screen } from '#dist/cli/terminal/screen.js';
import { screenOf, styled } from '#dist/cli/terminal/screen.js';
import { words as typed } from '../helpers/words.js';

const terminal = (width = 80): Screen => ({ decorated: true, coloured: false, width });
const pipe: Screen = { decorated: false, coloured: false, width: Infinity };

/** A progress line with a clock that the test moves, and all that was written. */
function recorded(screen: Screen, loudness?: Loudness) {
  const written: string[] = [];
  const clock = { ms: 0 };
  const progress = startProgress(
    { write: (text) => written.push(text) },
    screen,
    () => clock.ms,
    undefined,
    loudness,
  );
  const step = (phase: string, done: number, note?: string): void => {
    progress.onProgress({
      kind: 'step',
      phase,
      done,
      total: 100,
      unit: 'epochs',
      ...(note === undefined ? {} : { note }),
    });
  };
  return { written, clock, progress, step };
}

describe('progress on a terminal', () => {
  it('redraws one line, and takes it away at the end', () => {
    const { written, clock, progress, step } = recorded(terminal());
    step('training', 0);
    clock.ms = 2_000;
    step('training', 50, 'loss 0.12');
    progress.clear();
    expect(written).toEqual([
      `\r\x1b[2Ktraining  ${' '.repeat(20)}    0 %  0/100 epochs`,
      // 79 columns: the bar gives way to the words.
      `\r\x1b[2Ktraining  ${'█'.repeat(9)}▌${' '.repeat(9)}   50 %  50/100 epochs  25/s  0:02 left  loss 0.12`,
      '\r\x1b[2K',
    ]);
  });

  it('redraws at most some twelve times a second, but always the end and a new phase', () => {
    const { written, clock, step } = recorded(terminal());
    for (let done = 0; done <= 100; done += 1) {
      clock.ms = done;
      step('training', done);
    }
    step('writing', 0);
    expect(written).toHaveLength(4);
  });

  it('warns on a line of its own', () => {
    const { written, progress, step } = recorded(terminal());
    step('reading', 1);
    progress.onProgress({ kind: 'warning', message: '3 rows\x1b skipped' });
    expect(written.slice(1)).toEqual(['\r\x1b[2K', 'Warning: 3 rows\\x1b skipped\n']);
    progress.onProgress({ kind: 'note', message: 'going on' });
    expect(written.slice(3)).toEqual(['Note: going on\n']);
  });

  it('counts bytes as sizes', () => {
    const step = { kind: 'step', phase: 'reading', done: 3_245_424, unit: 'bytes' } as const;
    expect(progressLine({ ...step, total: 13_632_059 }, 500, pipe)).toBe(
      'reading   23 %  of 13.6 MB  6.5 MB/s',
    );
    expect(progressLine({ ...step, total: undefined }, 500, pipe)).toBe('reading  3.2 MB  6.5 MB/s');
  });

  it('shows an epoch, its loss, what was measured and the time to go within 80 columns', () => {
    const note = 'loss 0.678009  ndcg@100 0.2134';
    const step = { kind: 'step', phase: 'training', done: 4, total: 16, unit: 'epochs', note } as const;
    const line = progressLine({ ...step, secondsLeft: 3725 }, 9_000, terminal(80));
    expect(line).toBe(`training   25 %  4/16 epochs  1:02:05 left  ${note}`);
  });

  it('leaves out how fast it goes, where there is no room for that and the time to go', () => {
    const step = { kind: 'step', phase: 'recommending', unit: 'users', total: 300_000 } as const;
    const at = (width: number): string =>
      progressLine({ ...step, done: 32_768 }, 2_800, terminal(width)).replace(/[ █▉▊▋▌▍▎▏]+/g, ' ');
    expect(at(66)).toBe('recommending 10 % 32,768/300,000 users 11,703/s 0:23 left');
    expect(at(60)).toBe('recommending 10 % 32,768/300,000 users 0:23 left');
    expect(at(45)).toBe('recommending 10 % 32,768/300,000 users');
  });

  it.each([10, 30, 60, 200])('is no wider than %i columns', (width) => {
    const line = progressLine(
      { kind: 'step', phase: 'solving users', done: 5, total: 10, unit: 'rows', note: 'loss 0.1' },
      9_000,
      terminal(width),
    );
    expect(line.length).toBeLessThan(width);
  });
});

describe('progress off a terminal', () => {
  it('is silent, but for phases that take long: those get one line', () => {
    const { written, clock, progress, step } = recorded(pipe);
    step('reading', 1);
    step('training', 2);
    clock.ms = 6_000;
    step('training', 50);
    clock.ms = 9_000;
    step('training', 70);
    progress.clear();
    expect(written).toEqual(['training   50 %  50/100 epochs  0:06 left\n']);
  });

  it('says again after a minute how far it is, with the time to go that it is told', () => {
    const { written, clock, progress } = recorded(pipe);
    const step = { kind: 'step', phase: 'training', total: 100, unit: 'epochs', secondsLeft: 90 } as const;
    for (let done = 0; done <= 100; done++) {
      clock.ms = 1000 * done;
      progress.onProgress({ ...step, done });
    }
    expect(written).toEqual([
      'training    5 %  5/100 epochs  1:30 left\n',
      'training   65 %  65/100 epochs  1:30 left\n',
    ]);
  });
});

describe('how much is said', () => {
  it('is warnings alone where it is to be quiet', () => {
    for (const screen of [terminal(), pipe]) {
      const { written, clock, progress, step } = recorded(screen, 'quiet');
      step('training', 0);
      clock.ms = 120_000;
      step('training', 50);
      progress.onProgress({ kind: 'note', message: 'good to know' });
      progress.onProgress({ kind: 'warning', message: 'mind this' });
      progress.end();
      expect(written).toEqual(['Warning: mind this\n']);
    }
  });

  it('is verbosely a line a step, and what the whole took', () => {
    const { written, clock, progress, step } = recorded(pipe, 'verbose');
    step('reading', 0);
    clock.ms = 500;
    step('training', 0);
    clock.ms = 2_000;
    step('training', 100);
    progress.end('81d313a2efc13575');
    expect(written.slice(0, 3)).toEqual([
      'reading: 100 epochs in 0.50 s\n',
      'training: 100 epochs in 1.50 s\n',
      'snapshot 81d313a2efc13575\n',
    ]);
    expect(written[3]).toMatch(/^took 2\.0+ s, at most [\d.,]+ [kMG]B of memory, on Node \d/);
    expect(written).toHaveLength(4);
  });

  it('is asked for by a flag or its variable', () => {
    expect(loudnessOf(['similar', 'x'], {})).toBe('usual');
    expect(loudnessOf(['similar', 'x', '--quiet'], {})).toBe('quiet');
    expect(loudnessOf(['similar', 'x', '--', '--quiet'], { SEGUE_VERBOSE: '1' })).toBe('verbose');
    expect(loudnessOf(['similar'], { SEGUE_QUIET: 'no' })).toBe('usual');
  });
});

describe('screenOf', () => {
  it.each([
    [{ isTTY: true, columns: 100 }, {}, { decorated: true, coloured: true, width: 100 }],
    [{ isTTY: true, columns: 100 }, { NO_COLOR: '1' }, { decorated: true, coloured: false, width: 100 }],
    [{ isTTY: true, columns: 100 }, { NO_COLOR: '' }, { decorated: true, coloured: true, width: 100 }],
    [{ isTTY: true, columns: 100 }, { TERM: 'dumb' }, { decorated: true, coloured: false, width: 100 }],
    [{ isTTY: true, columns: 0 }, {}, { decorated: true, coloured: true, width: 80 }],
    [{}, {}, { decorated: false, coloured: false, width: Infinity }],
    [{}, { FORCE_COLOR: '1' }, { decorated: false, coloured: true, width: Infinity }],
    [{}, { FORCE_COLOR: '0' }, { decorated: false, coloured: false, width: Infinity }],
    [{}, { FORCE_COLOR: '1', NO_COLOR: '1' }, { decorated: false, coloured: false, width: Infinity }],
  ])('of %j with %j', (stream, env, screen) => expect(screenOf(stream, env)).toEqual(screen));

  it('decides about styles', () => {
    expect(styled({ ...terminal(), coloured: true }, 'bold', 'x')).toBe('\x1b[1mx\x1b[22m');
    expect(styled(terminal(), 'bold', 'x')).toBe('x');
  });
});

describe('marks and numbers', () => {
  it('bars grow by eighths', () => {
    expect([0, 1 / 32, 0.5, 1, 2, -1].map((fraction) => bar(fraction, 4))).toEqual(typed`${''} ▏ ██ ████
      ████ ${''}`);
  });

  it('sparklines run from the lowest to the highest', () => {
    expect(sparkline([8, 4, 2, 1])).toBe('█▄▂▁');
    expect(sparkline([3, 3])).toBe('▁▁');
  });

  it('read well', () => {
    expect([0, 1, 2000].map((n) => counted(n, 'user'))).toEqual(['0 users', '1 user', '2,000 users']);
    expect([0, 999, 1000, 37647, 1234567].map(count)).toEqual(['0', '999', '1,000', '37,647', '1,234,567']);
    expect([-0.0004, -0.0005, -0, 1.23456].map((value) => fixed(value, 3))).toEqual(typed`0.000 -0.001
      0.000 1.235`);
    expect([0, 92834, -12, 0.95, 0.123456, 1234.5678, 1e-9, -0.00123].map(decimals)).toEqual(
      ['0', '92,834', '-12', '0.95', '0.1235', '1235', '1.000e-9', '-0.00123'], // prettier-ignore
    );
    expect([0, 0.934, 1].map(percent)).toEqual(['0 %', '93.4 %', '100 %']);
    expect([0, 999, 1000, 1234567, 999_950, 5e12].map(byteSize)).toEqual(
      ['0 bytes', '999 bytes', '1.0 kB', '1.2 MB', '1.0 MB', '5.0 TB'], // prettier-ignore
    );
    expect([0.123, 9.99, 59.6, 61, 3661].map(duration)).toEqual(
      ['0.12 s', '9.99 s', '1 min 0 s', '1 min 1 s', '1 h 1 min'], // prettier-ignore
    );
  });
});
