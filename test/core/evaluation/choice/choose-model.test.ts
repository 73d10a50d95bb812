import { describe, expect, it } from 'vitest';
import type { Pairs } from '#dist/core/contracts.js';
import { measurableUsers, sampleOfUsers } from '#dist/core/evaluation/choice/choice-sample.js';
import {
  chosenOf,
  planChoice,
  type ChosenModel,
  type Tried,
} from '#dist/core/evaluation/choice/choose-model.js';
import { pairedInterval } from '#dist/core/numeric/paired-interval.js';
import { seededRandom } from '#dist/core/numeric/random.js';
import { plantedHits, plantedTastes } from '../../../helpers/planted-tastes.js';
import { pairsOf } from '../../../helpers/sparse.js';
import { listening } from '../../../helpers/snapshots.js';

const planted = (rows: readonly number[][], numItems = 60): Pairs =>
  pairsOf(
    rows.map((row) => row.map((item) => [item, 1] as const)),
    numItems,
  );
const tastes = planted(plantedTastes(320));

function chosen(pairs: Pairs, threads = 1): Promise<ChosenModel> {
  return planChoice(pairs, 42).choose({ threads, clock: () => 0 }, listening());
}

describe('a choice among models', () => {
  it('is the same at any number of threads, and compares the same users', async () => {
    const [one, two] = [await chosen(tastes), await chosen(tastes, 2)];
    expect(two).toEqual(one);
    expect(one.users).toBeGreaterThan(150);
    expect(one.tried.map(({ model }) => model)).toContain('als');
    expect(one.tried.find(({ model }) => model === 'als')?.difference).toBeNull();
    for (const { ndcg } of one.tried) expect(ndcg).toBeGreaterThan(0.2);
    expect(one.model).toBe('als+slim');
    expect(one.options['blend-weight']).toBeGreaterThan(0);
    // It falls from the first epochs on.
    expect(one.options['epochs']).toBeLessThan(8);
    expect(one.tried[0]?.options).toEqual({ epochs: one.options['epochs'] });
  });

  it('is als as it is by default where users are too few, and says so', async () => {
    const few = planted(plantedTastes(40));
    const { decided, users } = planChoice(few, 42);
    expect(decided).toMatchObject({ model: 'als', options: {}, users: 0, tried: [] });
    expect(decided?.reason).toMatch(/^40 users .* 300 at least$/);
    expect(users).toBe(0);
    expect(await chosen(few)).toEqual(decided);
  });

  it('takes a part of the users where all would take too much', () => {
    const random = seededRandom(3);
    const many = Array.from({ length: 12_000 }, () => {
      const own = Array.from({ length: 12 }, () => Math.floor(8000 * random.nextFraction() ** 2));
      return [...new Set(own)].sort((a, b) => a - b);
    });
    const { users, seconds } = planChoice(planted(many, 8000), 42);
    expect(users).toBeGreaterThanOrEqual(1000);
    expect(users).toBeLessThan(12_000);
    expect(seconds).toBeLessThan(2);
    expect(planChoice(tastes, 42).users).toBe(320);
  });

  it('has the better vectors, where als has the worse', async () => {
    const { model, tried } = await chosen(planted(plantedHits(400), 200));
    expect(model).toBe('spectral+slim');
    expect(tried.map((one) => one.model)).toEqual(['als', 'spectral', 'als+slim', 'spectral+slim']);
  });
});

describe('which one is chosen', () => {
  const by = (model: Tried['model'], values: readonly number[]): Tried => ({
    ...{ model, options: {} },
    byUser: Float64Array.from(values),
  });
  const als = by('als', [0.1, 0.2, 0.3, 0.4]);

  it('is a blend that is better, by chance or not, and else als', () => {
    const better = by('als+slim', [0.2, 0.1, 0.3, 0.41]);
    expect(chosenOf({ als, vectors: als, blends: [better] })).toMatchObject({
      ...{ model: 'als+slim', reason: 'the blend is better', users: 4 },
      tried: [{ model: 'als', ndcg: 0.25, difference: null }, { model: 'als+slim' }],
    });
    const worse = by('als+slim', [0.1, 0.2, 0.3, 0.39]);
    expect(chosenOf({ als, vectors: als, blends: [worse] })).toMatchObject({
      ...{ model: 'als', reason: 'als is as good as a blend' },
    });
    expect(chosenOf({ als, vectors: als, blends: [] }).reason).toMatch(/fits into memory/);
  });

  it('is the blend of the better vectors, but where the other one is surely better', () => {
    const users = Array.from({ length: 100 }, (_, u) => (u % 10) / 20);
    const more = (model: Tried['model'], by: number): Tried =>
      by0(model, (each, u) => each + by * (1 + (u % 3) / 3));
    const by0 = (model: Tried['model'], of: (each: number, u: number) => number): Tried =>
      by(model, users.map(of));
    const [one, vectors] = [by('als', users), more('spectral', 0.01)];
    const other = more('als+slim', 0.02);
    const chosenWith = (blend: Tried): string =>
      chosenOf({ als: one, vectors, blends: [other, blend] }).model;
    expect(chosenWith(by0('spectral+slim', (each, u) => each + (u % 2 === 0 ? 0.06 : -0.012)))).toBe(
      'spectral+slim',
    );
    expect(chosenWith(more('spectral+slim', 0.015))).toBe('als+slim');
    expect(chosenWith(by0('spectral+slim', (each) => each - 0.01))).toBe('als+slim');
  });

  it('says the interval of the difference, users paired', () => {
    const { tried } = chosenOf({ als, vectors: als, blends: [by('als+slim', [0.2, 0.2, 0.4, 0.4])] });
    // Differences .1 0 .1 0: mean .05, their deviation .0577.
    expect(tried[1]?.difference?.mean).toBeCloseTo(0.05, 12);
    expect(tried[1]?.difference?.low).toBeCloseTo(0.05 - (1.96 * 0.057735) / 2, 6);
    expect(pairedInterval(als.byUser, als.byUser)).toEqual({ mean: 0, low: 0, high: 0 });
  });
});

describe('a sample of users', () => {
  const pairs = pairsOf(
    [
      [
        [0, 1],
        [2, 1],
      ],
      [[3, 1]],
      [
        [2, 1],
        [5, 1],
        [6, 1],
      ],
      [
        [0, 1],
        [5, -1],
      ],
    ],
    8,
  );

  it('has those of whom a pair can be held out', () => {
    expect(measurableUsers(pairs)).toEqual([0, 2]);
  });

  it('has their items in the order that they had, as many users as asked', () => {
    const of = (least: number) => {
      const { train, test } = sampleOfUsers(pairs, [0, 2], 2, least, 1);
      expect(train.item.length + test.item.length).toBe(least === 1 ? 5 : 2);
      return train.numItems;
    };
    expect([of(1), of(2)]).toEqual([4, 1]);
    expect(sampleOfUsers(tastes, measurableUsers(tastes), 20, 1, 7).train.numUsers).toBe(20);
  });
});
