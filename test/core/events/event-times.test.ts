import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Progress, TaskContext } from '#dist/core/contracts.js';
import { decayOf } from '#dist/core/tasks/aging.js';
import { warnOfTimes } from '#dist/core/events/event-times.js';
import { splitForEvaluation } from '#dist/core/evaluation/evaluation-split.js';
import { train } from '#dist/core/tasks/train.js';
import type { Decay } from '#dist/core/models/folding/decay.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const makeDirectory = temporaryDirectories();
const now = new Date('2026-11-27T13:00:00Z');

function listening(at: Date | undefined = now): { context: TaskContext; warnings: string[] } {
  const warnings: string[] = [];
  const onProgress = (progress: Progress): void => {
    if (progress.kind === 'warning') warnings.push(progress.message);
  };
  return { context: { signal: new AbortController().signal, onProgress, now: at }, warnings };
}

function warningsOf(first: string, last: string, ages = {}, at: Date | undefined = now): string[] {
  const { context, warnings } = listening(at);
  const [firstAt, lastAt] = [first, last].map((text) => BigInt(Date.parse(text)));
  warnOfTimes({ firstAt: firstAt!, lastAt: lastAt! }, ages, { ...context, now: at });
  return warnings;
}

const reading = {
  format: 'auto',
  ...{ skipBadRows: false, minUserItems: 1, minItemUsers: 1, minimumsOnce: false },
  ...{ seed: 1, threads: 1 },
} as const;

describe('a latest event that is not yet', () => {
  it('is warned of, and more than that where ages count back from it', () => {
    expect(warningsOf('2014-06-16', '2999-01-01')).toEqual([
      'the latest event is from 2999-01-01, 972 years in the future; is its time right? ' +
        'A `halfLife` and recipes count back from it where no `asOf` is given',
    ]);
    expect(warningsOf('2014-06-16', '2027-01-01', { halfLife: '30d' })).toEqual([
      'the latest event is from 2027-01-01, 34 days in the future; `halfLife` 30d counts back from it, so all older ' +
        'events weigh less than they should: correct its time, or give `asOf` 2026-11-27',
    ]);
    expect(warningsOf('2014-06-16', '2027-01-01', { halfLife: '30d', asOf: '2026-11-27' })[0]).toContain(
      'is its time right?',
    );
  });

  it('is let pass within a day, as a local time is, and where no clock is known', () => {
    expect(warningsOf('2014-06-16', '2026-11-28T13:00:00.000Z')).toEqual([]);
    expect(warningsOf('2014-06-16', '2026-11-28T13:00:00.001Z')[0]).toContain('1 day in the future');
    const { context, warnings } = listening();
    warnOfTimes(
      { firstAt: 1n, lastAt: BigInt(Date.parse('2999-01-01')) },
      {},
      { signal: context.signal, onProgress: context.onProgress },
    );
    expect(warnings.filter((message) => message.includes('ahead'))).toEqual([]);
    warnOfTimes({ firstAt: null, lastAt: null }, {}, context);
  });
});

it('ages that count back from the latest event of a training warn of it likewise', () => {
  const snapshot = { manifest: { inputs: { interactions: { lastAt: '2999-01-01T00:00:00.000Z' } } } };
  const { context, warnings } = listening();
  const aged = (options: { halfLife?: string; asOf?: string }): Decay | undefined =>
    decayOf(options, snapshot as unknown as Parameters<typeof decayOf>[1], undefined, undefined, context);
  expect(aged({})).toBeUndefined();
  expect(warnings).toEqual([]);
  expect(aged({ halfLife: '30d' })?.asOfMs).toBe(Date.parse('2999-01-01'));
  expect(warnings).toHaveLength(1);
});

it('a time in 1970 is warned of beside real ones, and not where all are small numbers', () => {
  expect(warningsOf('1970-01-01', '2014-06-16')).toEqual([
    'the earliest event is from 1970-01-01, and the latest from 2014-06-16: does a time of 0 mean a missing time? Leave such cells empty',
  ]);
  expect(warningsOf('1970-01-01', '1970-03-01')).toEqual([]);
  expect(warningsOf('1971-01-01', '2014-06-16')).toEqual([]);
});

it('train states the range of times, and warns of one in the future by the clock that it is given', async () => {
  const folder = makeDirectory();
  const file = join(folder, 'plays.csv');
  writeFileSync(file, 'user,item,time\na,b,2999-01-01\na,c,2024-01-01\nb,c,2024-01-02\n');
  const { context, warnings } = listening();
  const planned = (at: Date | undefined): ReturnType<typeof train> =>
    train(
      {
        ...{
          ...reading,
          root: join(folder, 'root'),
          events: [file],
          model: 'als',
          holdout: 0,
          engine: 'local',
          dryRun: true,
        },
        ...{ withoutUsers: false, modelOptions: { factors: 4, epochs: 2, 'half-life': '30d' } },
      },
      { ...context, now: at },
    );
  const plan = await planned(now);
  expect(plan).toMatchObject({ firstAt: '2024-01-01T00:00:00.000Z', lastAt: '2999-01-01T00:00:00.000Z' });
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain('`halfLife` 30d counts back from it');
  // The clock decides what is said, and nothing else.
  expect(await planned(undefined)).toEqual(plan);
  expect(warnings).toHaveLength(1);
});

it('a split that reads a file several times warns of it once', async () => {
  const folder = makeDirectory();
  const file = join(folder, 'plays.csv');
  const rows = Array.from(
    { length: 8 },
    (_, u) => `u${u},a,2024-01-01\nu${u},b,2024-01-01\nu${u},c,2999-01-01\n`,
  );
  writeFileSync(file, `user,item,time\n${rows.join('')}x,c,2024-01-01\n`);
  const { context, warnings } = listening();
  const parts = { part: 'test', test: [], valid: [], foldIn: [] } as const;
  await splitForEvaluation({ ...reading, ...parts, events: [file], split: 'temporal' }, context);
  expect(warnings.filter((message) => message.includes('in the future'))).toHaveLength(1);
});
