import { describe, expect, it } from 'vitest';
import type { Pairs } from '#dist/core/contracts.js';
import { measurableUsers, sampleOfUsers } from '#dist/core/evaluation/choice/choice-sample.js';
import {
  chosenOf,
  planChoice,
  type ChosenModel,
  type Tried,
} from '#dist/core/evaluation/choice/choose-model.js';
import { findModel, resolveOptions } from '#dist/core/models/all-models.js';
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

function chosen(
  pairs: Pairs,
  { threads = 1, share = 0.25, context = listening() } = {},
): Promise<ChosenModel> {
  return planChoice(pairs, 42, share).choose({ threads, clock: () => 0 }, context);
}

/** Of training it, on one thread. */
function workOf(pairs: Pairs, { model: name, options }: Pick<ChosenModel, 'model' | 'options'>): number {
  const model = findModel(name);
  return model.plan({ pairs }, resolveOptions(model, options), 42).expectation(1).seconds;
}

describe('a choice among models', () => {
  it('is the same at any number of threads, and compares the same users', async () => {
    const share = 100;
    const [one, two] = [await chosen(tastes, { share }), await chosen(tastes, { share, threads: 2 })];
    expect(two).toEqual(one);
    expect(one.users).toBeGreaterThan(150);
    expect(one.tried.map(({ model }) => model)).toContain('als');
    expect(one.tried.find(({ model }) => model === 'als')?.difference).toBeNull();
    for (const { ndcg } of one.tried) expect(ndcg).toBeGreaterThan(0.2);
    expect(one.model).toBe('als+slim');
    expect(one.options['blend-weight']).toBeGreaterThan(0);
    // It falls from the first epochs on, so that these are what is blended.
    expect(one.options['epochs']).toBeLessThan(8);
    expect(one.tried[0]?.options).toEqual({ epochs: one.options['epochs'] });
    expect(one.reason).toMatch(/^als is worse after more than \d epochs?; /);
  });

  it('is als as it is by default where users are too few, and says so', async () => {
    const few = planted(plantedTastes(40));
    const { decided, users } = planChoice(few, 42);
    expect(decided).toMatchObject({ model: 'als', options: {}, users: 0, tried: [] });
    expect(decided?.reason).toMatch(/^40 users .* 300 at least$/);
    expect(users).toBe(0);
    expect(await chosen(few)).toEqual(decided);
  });

  it('takes the work of a quarter of the training, of as many users and models as that suffices for', () => {
    const random = seededRandom(3);
    const many = Array.from({ length: 4000 }, () => {
      const own = Array.from({ length: 12 }, () => Math.floor(1500 * random.nextFraction() ** 2));
      return [...new Set(own)].sort((a, b) => a - b);
    });
    const part = planChoice(planted(many, 1500), 42);
    expect(part.users).toBeGreaterThanOrEqual(500);
    expect(part.users).toBeLessThan(4000);
    const dense = planChoice(planted(plantedTastes(320, 150), 150), 42);
    expect(dense).toMatchObject({ decided: undefined });
    expect(dense.users).toBeGreaterThan(250);
    for (const [pairs, { seconds, usual }] of [
      [planted(many, 1500), part],
      [planted(plantedTastes(320, 150), 150), dense],
    ] as const) {
      expect(seconds).toBeGreaterThan(0);
      const options = { ...usual.options, epochs: 4 };
      expect(seconds).toBeLessThanOrEqual(0.25 * workOf(pairs, { ...usual, options }) * (1 + 1e-9));
    }
  });

  it('tries nothing where that is too little work, takes what is best on most data, and says so', () => {
    expect(planChoice(tastes, 42)).toMatchObject({
      ...{ users: 0, seconds: 0, candidates: ['als+slim'] },
      decided: { model: 'als+slim', options: {}, users: 0, tried: [] },
    });
    expect(planChoice(tastes, 42).decided?.reason).toMatch(
      /^als\+slim is the best on most data, and .* a quarter/,
    );
  });

  it('has the better vectors, where als has the worse, and says that popularity is better still', async () => {
    const context = listening();
    const pairs = planted(plantedHits(400), 400);
    const { seconds } = planChoice(pairs, 42);
    const made = await chosen(pairs, { context });
    expect(made.model).toBe('spectral+slim');
    expect(made.tried.map((one) => one.model)).toEqual(['als', 'spectral', 'als+slim', 'spectral+slim']);
    expect(seconds).toBeLessThanOrEqual(0.25 * workOf(pairs, made));
    expect(context.told).toContainEqual({
      kind: 'warning',
      message: expect.stringMatching(
        /^popularity does better here than spectral\+slim: NDCG@10 0\.\d{4}, not 0\.\d{4}$/,
      ) as string,
      suggestions: ['segue train EVENTS --model popularity'],
    });
  });
});

describe('which one is chosen', () => {
  const by = (model: Tried['model'], values: readonly number[], options = {}): Tried => ({
    ...{ model, options },
    byUser: Float64Array.from(values),
  });
  const als = by('als', [0.1, 0.2, 0.3, 0.4]);
  const usual = { model: 'als+slim', options: {} } as const;
  const from = (given: Partial<Parameters<typeof chosenOf>[0]>) =>
    chosenOf({ als, vectors: als, blends: [], usual, affordsAls: true, ...given });

  it('is a blend, but where als is surely better, and worth the work of choosing', () => {
    const shifted = (shift: number) =>
      by(
        'als+slim',
        [0.1, 0.2, 0.3, 0.41].map((each) => each + shift),
      );
    expect(from({ blends: [shifted(0.1)] })).toMatchObject({
      ...{ model: 'als+slim', reason: 'the blend is better', users: 4 },
      tried: [{ model: 'als', ndcg: 0.25, difference: null }, { model: 'als+slim' }],
    });
    const cannotTell = 'the sample cannot tell als from a blend, which is better on most data';
    expect(from({ blends: [shifted(-0.005)] })).toMatchObject({ model: 'als+slim', reason: cannotTell });
    const worse = { blends: [shifted(-0.1)] };
    expect(from(worse)).toMatchObject({ model: 'als', reason: 'als is better than a blend' });
    expect(from({ ...worse, affordsAls: false }).model).toBe('als+slim');
  });

  it('is what is best on most data where only als was tried, of the epochs that were best', () => {
    const epochs = by('als', [0.1, 0.2, 0.3, 0.4], { epochs: 4 });
    const made = from({ als: epochs, vectors: epochs });
    expect(made).toMatchObject({ model: 'als+slim', options: { epochs: 4 } });
    expect(made.reason).toMatch(/^als is worse after more than 4 epochs; als\+slim is the best on most data/);
    const alone = from({ usual: { model: 'als', options: {} } });
    expect(alone).toMatchObject({ model: 'als', reason: 'slim does not fit into memory' });
  });

  it('is the blend of the better vectors, but where the other one is surely better', () => {
    const users = Array.from({ length: 100 }, (_, u) => (u % 10) / 20);
    const more = (model: Tried['model'], by: number): Tried =>
      by0(model, (each, u) => each + by * (1 + (u % 3) / 3));
    const by0 = (model: Tried['model'], of: (each: number, u: number) => number): Tried =>
      by(model, users.map(of));
    const [one, vectors] = [by('als', users), more('spectral', 0.01)];
    const other = more('als+slim', 0.02);
    const chosenWith = (blend: Tried): string => from({ als: one, vectors, blends: [other, blend] }).model;
    expect(chosenWith(by0('spectral+slim', (each, u) => each + (u % 2 === 0 ? 0.06 : -0.012)))).toBe(
      'spectral+slim',
    );
    expect(chosenWith(more('spectral+slim', 0.015))).toBe('als+slim');
    expect(chosenWith(by0('spectral+slim', (each) => each - 0.01))).toBe('als+slim');
  });

  it('says the interval of the difference, users paired', () => {
    const { tried } = from({ blends: [by('als+slim', [0.2, 0.2, 0.4, 0.4])] });
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
