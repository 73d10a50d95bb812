import { describe, expect, it } from 'vitest';
import type { OpenRanker } from '#dist/core/contracts.js';
import { abortError } from '#dist/core/errors.js';
import type { Family } from '#dist/core/evaluation/tuning/family.js';
import { TrialRunner, type Measuring } from '#dist/core/evaluation/tuning/trial-runner.js';
import type { FitRun } from '#dist/core/models/model.js';
import { rankByScore } from '#dist/core/search/score-ranking.js';
import { listening } from '../../../helpers/snapshots.js';
import { pairsOf } from '../../../helpers/sparse.js';

const pairs = pairsOf([[[0, 1]], [[1, 1]]], 3);

/** What a training that works on makes. */
const ranker = (close = () => Promise.resolve()): OpenRanker => ({
  ...rankByScore(new Uint32Array([2, 1, 1])),
  score: () => Promise.reject(new Error('not asked')),
  close,
});

/** A search whose trainings are `fit`, of a model that is expected to take so long. */
function searching(fit: (run: FitRun) => Promise<OpenRanker>, seconds = 0) {
  const kept: unknown[] = [];
  const model = {
    ...{ name: 'ease', flags: [], resolve: () => ({}) },
    plan: () => ({ expectation: () => ({ memoryBytes: 1, seconds }), fit }),
  };
  const family = { model, space: [], fixed: {}, rungs: [0] } as unknown as Family;
  const split = { train: { pairs }, histories: pairs, targets: { ...pairs, unknown: new Uint32Array(2) } };
  const file = { find: () => undefined, append: (training: unknown) => kept.push(training) };
  const measuring = {
    ...{ split, file, metric: 'ndcg@10', k: 10, recallOver: 'targets', total: 9 },
    ...{ clock: () => 0, threads: 1, seed: 1 },
  } as unknown as Measuring;
  const context = listening();
  return { family, kept, context, runner: new TrialRunner(measuring, context) };
}

const trial = (number: number) => ({ number, round: 1, settings: {} });

describe('trials of a search', () => {
  it('do not begin with defaults that are expected to take longer than there is time', async () => {
    const trained: string[] = [];
    const fit = () => {
      trained.push('ease');
      return Promise.reject(new Error('begun'));
    };
    const { family, runner } = searching(fit, 90);
    await expect(runner.trainer(family, 20, 60)(trial(1), 0)).rejects.toMatchObject({
      code: 'too-large',
      message: 'one training takes about 1 min 30 s, and 1 min 0 s of the time budget are left',
      suggestions: ['give a longer `timeBudget`'],
    });
    expect(trained).toEqual([]);
    await expect(runner.trainer(family, 20, 100)(trial(1), 0)).rejects.toThrow('begun');
    expect(await runner.trainer(family, 0, 100)(trial(1), 0)).toBeUndefined();
  });

  it('end within a training where the time does, and say so; the first of all goes to its end', async () => {
    let numBegun = 0;
    // As models do: they look at the signal between two blocks.
    const fit = async ({ context: { signal } }: FitRun): Promise<OpenRanker> => {
      if (++numBegun === 1) {
        await new Promise((resolve) => setTimeout(resolve, 60));
        expect(signal.aborted).toBe(false);
        return ranker();
      }
      return new Promise((resolve, reject) => {
        const late = setTimeout(() => {
          resolve(ranker());
        }, 2000);
        signal.addEventListener('abort', () => {
          clearTimeout(late);
          reject(abortError(signal));
        });
      });
    };
    const { family, kept, context, runner } = searching(fit);
    const next = runner.trainer(family, 0.03, 100);
    expect(await next(trial(1), 0)).toMatchObject({ score: expect.any(Number) as number });
    expect(runner.isCut).toBe(false);
    expect(await next(trial(2), 0)).toBeUndefined();
    expect([runner.isCut, numBegun, kept.length]).toEqual([true, 2, 1]);
    expect(context.told.filter(({ kind }) => kind === 'note')).toEqual([
      {
        kind: 'note',
        message: 'the time budget ended during the training of ease, trial 2, which is not among the results',
      },
    ]);
  });

  it('make once what they have in common, keep one of a kind, and close it at the end', async () => {
    const told: string[] = [];
    const keys = ['a', 'a', 'b'];
    const fit = async ({ shared }: FitRun): Promise<OpenRanker> => {
      const key = keys.shift()!;
      await shared!('second', key, () => {
        told.push(`made ${key}`);
        return Promise.resolve({ close: () => void told.push(`closed ${key}`) });
      });
      return ranker(() => Promise.resolve(void told.push('closed')));
    };
    const { family, runner } = searching(fit);
    const next = runner.trainer(family, 20, 100);
    for (const number of [1, 2, 3]) await next(trial(number), 0);
    expect(told).toEqual(['made a', 'closed', 'closed', 'closed a', 'made b', 'closed']);
    await runner.close();
    expect(told.at(-1)).toBe('closed b');
  });
});
