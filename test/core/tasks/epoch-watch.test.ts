import { describe, expect, it } from 'vitest';
import type { Progress } from '#dist/core/contracts.js';
import { AppError } from '#dist/core/errors.js';
import type { FitState } from '#dist/core/models/model.js';
import type { Checkpoints } from '#dist/core/checkpoints/checkpoints.js';
import { watchEpochs, type WatchedTraining } from '#dist/core/tasks/epoch-watch.js';
import { parseLongRun, type LongRunOptions } from '#dist/core/tasks/long-run-options.js';

const ranker = { numItems: 1, rank: () => Promise.resolve(), score: () => Promise.resolve() };

/** A training whose epochs take 10 s each and measure as said; after epoch e every array is filled with e. */
async function run(
  options: LongRunOptions,
  measured: readonly number[],
  more: Partial<WatchedTraining> = {},
) {
  const told: Progress[] = [];
  let now = 100;
  let next = 0;
  const rules = parseLongRun(options);
  const watch = watchEpochs({
    numEpochs: measured.length,
    rules,
    measure: rules.earlyStop === undefined ? undefined : () => Promise.resolve(measured[next++] ?? 0),
    checkpoints: undefined,
    clock: () => now,
    context: { signal: new AbortController().signal, onProgress: (progress) => told.push(progress) },
    ...more,
  });
  const items = new Uint8Array(4);
  const users = new Uint8Array(8);
  const state: FitState = {
    arrays: new Map([
      ['users', users],
      ['items', items],
    ]),
    ofModel: ['items'],
  };
  for (let epoch = 1; epoch <= measured.length; epoch++) {
    now += 10;
    for (const bytes of state.arrays.values()) bytes.fill(epoch);
    if (!(await watch.afterEpoch({ epoch, loss: 1 / epoch, seconds: 10 }, ranker, state))) break;
  }
  return { watch, told, itemsOf: items[0], usersOf: users[0] };
}

function lastStep(told: readonly Progress[]): Progress | undefined {
  return told.findLast(({ kind }) => kind === 'step');
}

describe('early stopping', () => {
  it('ends after so many epochs that were no better, and puts the best one back', async () => {
    const { watch, itemsOf, usersOf } = await run({ earlyStop: 'ndcg@10:2' }, [0.1, 0.3, 0.2, 0.3, 0.9, 0.9]);
    expect(watch).toMatchObject({ stoppedBy: 'early-stop', keptEpoch: 2 });
    expect(watch.epochs).toHaveLength(4);
    expect(watch.epochs[2]).toMatchObject({ epoch: 3, metrics: { 'ndcg@10': 0.2 } });
    // What only training needs stays as it is.
    expect([itemsOf, usersOf]).toEqual([2, 4]);
  });

  it('keeps the last epoch where that is the best, and the best of all where the epochs run out', async () => {
    const rising = await run({ earlyStop: 'ndcg@10:2' }, [0.1, 0.2, 0.3]);
    expect(rising.watch).toMatchObject({ stoppedBy: 'epochs', keptEpoch: 3 });
    expect(rising.itemsOf).toBe(3);
    const falling = await run({ earlyStop: 'ndcg@10' }, [0.3, 0.2, 0.1]);
    expect(falling.watch).toMatchObject({ stoppedBy: 'epochs', keptEpoch: 1 });
    expect(falling.itemsOf).toBe(1);
  });
});

it('a time budget ends training after the epoch that reaches it', async () => {
  const { watch, told } = await run({ timeBudget: '25s' }, [0, 0, 0, 0, 0, 0]);
  expect(watch).toMatchObject({ stoppedBy: 'time-budget', keptEpoch: 3 });
  expect(watch.epochs).toHaveLength(3);
  const lefts = told.flatMap((step) => (step.kind === 'step' ? [step.secondsLeft] : []));
  expect(lefts).toEqual([15, 5, 0]);
});

it('progress tells the epoch, the loss, what was measured, and the time to go', async () => {
  const { told } = await run({ earlyStop: 'recall@20:9' }, [0.25, 0.5, 0.5, 0.5].slice(0, 2).concat([0, 0]));
  expect(told[1]).toMatchObject({
    ...{ kind: 'step', phase: 'training', done: 2, total: 4, unit: 'epochs' },
    ...{ note: 'loss 0.500000  recall@20 0.5000', secondsLeft: 20 },
  });
  expect(lastStep(told)).toMatchObject({ done: 4, secondsLeft: 0 });
});

describe('checkpoints', () => {
  const keeping = (save: Checkpoints['save']): Checkpoints => ({
    found: undefined,
    save,
    discard: () => undefined,
    close: () => undefined,
  });

  it.each([
    ['2', [2, 4]],
    ['15s', [2, 4]],
    ['1', [1, 2, 3, 4]],
    ['1h', []],
  ])('are saved every %s, but not after the last epoch', async (checkpoint, wanted) => {
    const saved: number[] = [];
    await run({ checkpoint }, [0, 0, 0, 0, 0], { checkpoints: keeping((epoch) => saved.push(epoch)) });
    expect(saved).toEqual(wanted);
  });

  it('hold the best epoch beside the latest', async () => {
    const saved = new Map<number, string[]>();
    const save: Checkpoints['save'] = (epoch, _progress, arrays) => {
      saved.set(
        epoch,
        [...arrays].map(([name, bytes]) => `${name} of epoch ${String(bytes[0])}`),
      );
    };
    await run({ checkpoint: '1', earlyStop: 'ndcg@10:9' }, [0.1, 0.3, 0.2, 0.1], {
      checkpoints: keeping(save),
    });
    expect(saved.get(2)).toEqual(['users of epoch 2', 'items of epoch 2']);
    expect(saved.get(3)).toEqual(['users of epoch 3', 'items of epoch 3', 'best/items of epoch 2']);
  });

  it('that cannot be written are warned of once, and cost nothing else', async () => {
    const full = keeping(() => {
      throw new AppError('disk-full', 'no space is left');
    });
    const { watch, told } = await run({ checkpoint: '1' }, [0, 0, 0, 0], { checkpoints: full });
    expect(watch.epochs).toHaveLength(4);
    expect(told.filter(({ kind }) => kind === 'warning')).toEqual([
      { kind: 'warning', message: 'no checkpoint could be saved (no space is left); training continues' },
    ]);
  });

  it('with other arrays than the training has are not used', () => {
    const told: Progress[] = [];
    const found = {
      ...{ training: 'x', epoch: 3, progress: { epochs: [], best: null } },
      sizes: new Map([['items', 99]]),
      readInto: () => {
        throw new Error('it is not to be read');
      },
      close: () => undefined,
    };
    const watch = watchEpochs({
      ...{ numEpochs: 5, rules: parseLongRun({ checkpoint: '1' }), measure: undefined, clock: () => 0 },
      checkpoints: { ...keeping(() => undefined), found },
      context: { signal: new AbortController().signal, onProgress: (progress) => told.push(progress) },
    });
    expect(watch.resume({ arrays: new Map([['items', new Uint8Array(4)]]), ofModel: ['items'] })).toEqual([]);
    expect(watch.resumedAfter).toBeNull();
    expect(told).toEqual([
      { kind: 'warning', message: expect.stringContaining('does not match this training') },
    ]);
  });
});
