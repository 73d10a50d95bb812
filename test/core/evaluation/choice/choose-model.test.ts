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
import { pairsOf } from '../../../helpers/sparse.js';
import { listening } from '../../../helpers/snapshots.js';

const random = seededRandom(3);

/** Distinct items of each user: `like` says which one a draw is. */
function plantedPairs(
  numUsers: number,
  numItems: number,
  many: number,
  like: (user: number) => number,
): Pairs {
  const rows = Array.from({ length: numUsers }, (_, user) => {
    const own = new Set<number>();
    for (let draw = 0; draw < 3 * many && own.size < many; draw++) own.add(like(user));
    return [...own].sort((a, b) => a - b).map((item) => [item, 1] as const);
  });
  return pairsOf(rows, numItems);
}

/** Everyone likes a fifth of the items, and some of the others. */
const tastes = plantedPairs(340, 60, 8, (user) =>
  random.nextBelow(4) > 0 ? 5 * random.nextBelow(12) + (user % 5) : random.nextBelow(60),
);

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
    expect([...one.tried.map(({ model }) => model)]).toContain(one.model);
  });

  it('is als as it is by default where users are too few, and says so', async () => {
    const few = plantedPairs(40, 60, 8, (user) => 5 * random.nextBelow(12) + (user % 5));
    const { decided, users } = planChoice(few, 42);
    expect(decided).toMatchObject({ model: 'als', options: {}, users: 0, tried: [] });
    expect(decided?.reason).toMatch(/^40 users .* 300 at least$/);
    expect(users).toBe(0);
    expect(await chosen(few)).toEqual(decided);
  });

  it('takes a part of the users where all would take too much', () => {
    const many = plantedPairs(9000, 3000, 12, () => Math.floor(3000 * random.nextFraction() ** 2));
    const { users, seconds } = planChoice(many, 42);
    expect(users).toBeGreaterThanOrEqual(1000);
    expect(users).toBeLessThan(9000);
    expect(seconds).toBeLessThan(2);
    expect(planChoice(tastes, 42).users).toBe(340);
  });

  it('ends als at its best epoch where it falls from there', async () => {
    // What is popular, and nothing else, is to be learned.
    const chance = plantedPairs(400, 60, 8, () => Math.floor(60 * random.nextFraction() ** 3));
    const { options, tried } = await chosen(chance);
    expect(options['epochs']).toBeLessThan(16);
    expect(tried[0]?.options).toEqual({ epochs: options['epochs'] });
  });
});

describe('which one is chosen', () => {
  const by = (model: Tried['model'], values: readonly number[]): Tried => ({
    ...{ model, options: {} },
    byUser: Float64Array.from(values),
  });
  const als = by('als', [0.1, 0.2, 0.3, 0.4]);

  it('is a blend that is better, by chance or not, and else als', () => {
    const better = by('als+ease', [0.2, 0.1, 0.3, 0.41]);
    expect(chosenOf({ als, vectors: als, blends: [better] })).toMatchObject({
      ...{ model: 'als+ease', reason: 'the blend is better', users: 4 },
      tried: [{ model: 'als', ndcg: 0.25, difference: null }, { model: 'als+ease' }],
    });
    const worse = by('als+ease', [0.1, 0.2, 0.3, 0.39]);
    expect(chosenOf({ als, vectors: als, blends: [worse] })).toMatchObject({
      ...{ model: 'als', reason: 'als is as good as a blend' },
    });
    expect(chosenOf({ als, vectors: als, blends: [] }).reason).toMatch(/fits into memory/);
  });

  it('says the interval of the difference, users paired', () => {
    const { tried } = chosenOf({ als, vectors: als, blends: [by('als+ease', [0.2, 0.2, 0.4, 0.4])] });
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
