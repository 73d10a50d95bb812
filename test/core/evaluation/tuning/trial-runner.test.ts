import { expect, it } from 'vitest';
import type { Family } from '#dist/core/evaluation/tuning/family.js';
import { TrialRunner, type Measuring } from '#dist/core/evaluation/tuning/trial-runner.js';

it('does not begin with defaults that are expected to take longer than there is time', async () => {
  const trained: string[] = [];
  const model = {
    ...{ name: 'ease', flags: [], resolve: () => ({}) },
    plan: () => ({
      expectation: () => ({ memoryBytes: 1, seconds: 90 }),
      fit: () => {
        trained.push('ease');
        return Promise.reject(new Error('begun'));
      },
    }),
  };
  const family = { model, space: [], fixed: {}, rungs: [0] } as unknown as Family;
  const split = { train: { pairs: { numItems: 0, item: new Uint32Array() } } };
  const file = { find: () => undefined };
  const measuring = { split, file, metric: 'ndcg@10', clock: () => 0, threads: 1 } as unknown as Measuring;
  const context = { signal: new AbortController().signal, onProgress: () => undefined };
  const runner = new TrialRunner(measuring, context);
  const trial = { number: 1, round: 1, settings: {} };
  await expect(runner.trainer(family, 20, 60)(trial, 0)).rejects.toMatchObject({
    code: 'too-large',
    message: 'one training takes about 1 min 30 s, and 1 min 0 s of the time budget are left',
  });
  expect(trained).toEqual([]);
  await expect(runner.trainer(family, 20, 100)(trial, 0)).rejects.toThrow('begun');
  expect(await runner.trainer(family, 0, 100)(trial, 0)).toBeUndefined();
});
