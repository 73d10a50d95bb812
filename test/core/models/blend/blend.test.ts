import { featureTable } from '#dist/core/tables/grown-column.js';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { OpenRanker, Pairs, RankedItem, Ranker } from '#dist/core/contracts.js';
import { findModel, resolveOptions } from '#dist/core/models/all-models.js';
import type { FittedModel, ModelPlan, Shared } from '#dist/core/models/model.js';
import type { WeightChoice } from '#dist/core/models/blend/choose-weight.js';
import { openBlendRanker } from '#dist/core/models/blend/rank-blend.js';
import { rankScores } from '#dist/core/search/score-ranking.js';
import { holdOut, measuredUsers, usersAt } from '#dist/core/numeric/split-pairs.js';
import { pairsOf, plantedEntries } from '../../../helpers/sparse.js';

const notes: string[] = [];
const context = {
  signal: new AbortController().signal,
  onProgress: (progress: { readonly kind: string; readonly message?: string }): void => {
    if (progress.kind === 'note') notes.push(progress.message!);
  },
};
const numItems = 71;
const pairs = pairsOf(plantedEntries(300, numItems, { perUser: 6, dislikes: 0.1 }), numItems);
const artists = Array.from({ length: numItems }, (_, i) => `Artist ${i % 4}`);
const columns = [{ name: 'artist', type: 'text', values: artists }] as const;
const alsOptions = { factors: 5, epochs: 2 };
const weight = 0.3;

function planOf(
  name: 'als' | 'ease' | 'als+ease',
  given: Record<string, number | string>,
  of = pairs,
): ModelPlan {
  const model = findModel(name);
  return model.plan({ pairs: of, items: featureTable(columns) }, resolveOptions(model, given), 42);
}

const open: FittedModel[] = [];
async function fit(
  name: 'als' | 'ease' | 'als+ease',
  given = {},
  threads = 1,
  of = pairs,
): Promise<FittedModel> {
  const fitted = await planOf(name, given, of).fit({ threads, clock: () => 0, context });
  open.push(fitted);
  return fitted;
}
afterEach(async () => {
  for (const fitted of open.splice(0)) await fitted.close();
  notes.length = 0;
});

async function scoresOf(ranker: Ranker, histories: Pairs): Promise<number[][]> {
  const all: number[][] = [];
  await ranker.score(histories, (user, scores) => {
    expect(user).toBe(all.length);
    all.push([...scores]);
  });
  return all;
}

async function rankingsOf(ranker: Ranker, histories: Pairs, k: number): Promise<RankedItem[][]> {
  const all: RankedItem[][] = [];
  await ranker.rank(histories, k, (_, items) => all.push([...items]));
  return all;
}

/** (s − mean) / std in f64; 0 where all scores are equal. */
function standardised(scores: readonly number[]): number[] {
  const mean = scores.reduce((sum, x) => sum + x, 0) / scores.length;
  const std = Math.sqrt(scores.reduce((sum, x) => sum + (x - mean) ** 2, 0) / scores.length);
  return scores.map((x) => (std < 1e-12 ? 0 : (x - mean) / std));
}

describe('a blend of als and ease', () => {
  let blended: number[][];
  let ranked: RankedItem[][];
  beforeAll(async () => {
    const blend = await fit('als+ease', { ...alsOptions, 'blend-weight': weight });
    blended = await scoresOf(blend, pairs);
    ranked = await rankingsOf(blend, pairs, numItems);
    await open.pop()!.close();
  });

  it('scores by the members’ scores, standardised over all items and weighed', async () => {
    const [ofAls, ofEase] = [
      await scoresOf(await fit('als', alsOptions), pairs),
      await scoresOf(await fit('ease'), pairs),
    ];
    for (let u = 0; u < pairs.numUsers; u += 7) {
      const [a, b] = [standardised(ofAls[u]!), standardised(ofEase[u]!)];
      blended[u]!.forEach((score, i) => {
        expect(score).toBeCloseTo((1 - weight) * a[i]! + weight * b[i]!, 5);
      });
    }
  });

  it('ranks by those scores, to the bit, without what the history holds', () => {
    for (let u = 0; u < pairs.numUsers; u += 5) {
      const own = new Set(pairs.item.subarray(pairs.indptr[u], pairs.indptr[u + 1]));
      expect(ranked[u]).toEqual(rankScores(blended[u]!).filter(({ row }) => !own.has(row)));
    }
  });

  it.each([2, 3])('has the same bits on %i threads, and for a user alone', async (threads) => {
    const blend = await fit('als+ease', { ...alsOptions, 'blend-weight': weight }, threads);
    expect(await scoresOf(blend, pairs)).toEqual(blended);
    expect(await rankingsOf(blend, usersAt(pairs, [17, 3]), 9)).toEqual([
      ranked[17]!.slice(0, 9),
      ranked[3]!.slice(0, 9),
    ]);
  });

  it('leaves a user to the member that knows something of them, and to none', async () => {
    const blend = await fit('als+ease', { ...alsOptions, 'blend-weight': 1 });
    const alone = await fit('ease');
    const [first] = await rankingsOf(blend, usersAt(pairs, [4]), 5);
    const [ofEase] = await rankingsOf(alone, usersAt(pairs, [4]), 5);
    expect(first!.map(({ row }) => row)).toEqual(ofEase!.map(({ row }) => row));
    const nobody = pairsOf([[]], numItems);
    expect(await scoresOf(blend, nobody)).toEqual([Array<number>(numItems).fill(0)]);
  });

  it('draws als to what columns say, also where its weight is chosen', async () => {
    const drawn = { ...alsOptions, 'item-features': 'artist' };
    const vectorsOf = async (...args: Parameters<typeof fit>): Promise<number[]> => [
      ...(await fit(...args)).itemVectors()!.values,
    ];
    const blended = await vectorsOf('als+ease', drawn);
    expect(planOf('als+ease', drawn).parameters).toMatchObject({ 'item-features': 'artist' });
    expect(blended).toEqual(await vectorsOf('als', drawn));
    expect(blended).not.toEqual(await vectorsOf('als', alsOptions));
  });

  it('has the vectors and files of als, and the matrix of ease', async () => {
    const blend = await fit('als+ease', { ...alsOptions, 'blend-weight': weight });
    const als = await fit('als', alsOptions);
    expect(blend.itemVectors()!.values).toEqual(als.itemVectors()!.values);
    expect([...blend.files()].map(([name]) => name)).toEqual([
      'itemVectors',
      'eigenvalues',
      'itemWeights',
      'similarity',
    ]);
    expect(blend.epochs.map(({ loss }) => loss)).toEqual(als.epochs.map(({ loss }) => loss));
    expect(blend.parameters).toEqual({ 'blend-weight': weight });
  });

  it('chooses its weight by a part of the pairs, says so, and chooses it again', async () => {
    const chosen = (await fit('als+ease', alsOptions)).parameters;
    // By both members without that part, als after six epochs.
    const heldOut = holdOut(pairs, 0.1, 42);
    const { histories, targets } = measuredUsers(heldOut, 4000, 42);
    const withoutPart = heldOut.train as Pairs;
    const first = await fit('als', { ...alsOptions, epochs: 6 }, 1, withoutPart);
    const second = await fit('ease', {}, 1, withoutPart);
    const run = { threads: 1, context };
    const choice = await findModel('als+ease').weigh!({ first, second }, histories, targets, run);
    const { weight, curve, users } = choice as WeightChoice;
    expect(chosen).toEqual({ 'blend-weight': weight });
    const at = (wanted: number) => curve.find((one) => one.weight === wanted)!.ndcg.toFixed(4);
    const best = curve.toSorted((one, other) => other.ndcg - one.ndcg)[0]!;
    expect(best.weight).not.toBe(weight);
    expect(notes).toEqual([
      `weight of ease in the blend: ${String(weight)}, by the held-out items of ${String(users)} users (NDCG@10 ${at(weight)}; of either member alone ${at(0)} and ${at(1)}; ${String(best.weight)} would have ${at(best.weight)}, but is not so much better that it is believed over one nearer to 0.4, the best on most data)`,
    ]);
    // Whatever the number of epochs: one that ends early is what a training of as many makes.
    const longer = { ...alsOptions, epochs: 7 };
    expect((await fit('als+ease', longer, 3)).parameters).toEqual(chosen);
    expect(notes[1]).toBe(notes[0]);
  });

  it('trains its second member once for several trainings of one, and chooses its weight once', async () => {
    const kept = new Map<string, { readonly key: string; readonly part: object }>();
    const made: string[] = [];
    const closed: string[] = [];
    const shared: Shared = async (what, key, make) => {
      const known = kept.get(what);
      if (known?.key === key) return known.part as Awaited<ReturnType<typeof make>>;
      made.push(what);
      const own = await make();
      if ('close' in own) open.push(own as unknown as FittedModel);
      const part = { ...own, close: () => Promise.resolve(void closed.push(what)) };
      kept.set(what, { key, part });
      return part;
    };
    const rankedBy = async (given: object): Promise<RankedItem[][]> => {
      const plan = planOf('als+ease', { ...alsOptions, ...given });
      const fitted = await plan.fit({ threads: 1, clock: () => 0, context, shared });
      const found = await rankingsOf(fitted, usersAt(pairs, [4]), 9);
      await fitted.close();
      return found;
    };
    // Another number of epochs: only als is trained anew. Another λ of als: its weight may be another.
    const short = await rankedBy({});
    expect(made).toEqual(['weight', 'ease']);
    await rankedBy({ epochs: 5 });
    expect(made).toEqual(['weight', 'ease']);
    await rankedBy({ reg: 0.3 });
    expect(made).toEqual(['weight', 'ease', 'weight']);
    await rankedBy({ 'blend-weight': 0.5 });
    expect(made).toHaveLength(3);
    // What is made with it is what is made without, and it is left open.
    expect(await rankedBy({})).toEqual(short);
    const alone = await fit('als+ease', alsOptions);
    expect(await rankingsOf(alone, usersAt(pairs, [4]), 9)).toEqual(short);
    expect(closed).toEqual([]);
  });

  it('has the weight that is best on most data where no pair can be held out, and says so', async () => {
    const alone = pairsOf([[[0, 1]], [[1, 1]], [[2, 1]]], 3);
    const plain = await fit('als+ease', alsOptions, 1, alone);
    expect(plain.parameters).toEqual({ 'blend-weight': 0.4 });
    expect(notes).toEqual(['weight of ease in the blend: 0.4; no pair could be held out to choose it by']);
  });

  it('gives its second member nothing of items that it was not trained on', async () => {
    const asked: number[][] = [];
    const ranker = (count: number, of: (item: number) => number): OpenRanker => ({
      numItems: count,
      rank: () => Promise.reject(new Error('not asked')),
      score(histories, each) {
        if (count < numItems) asked.push([...histories.item]);
        const scores = Float32Array.from({ length: count }, (_, item) => of(item));
        for (let user = 0; user < histories.numUsers; user++) each(user, scores);
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    });
    const members = { first: ranker(numItems, (i) => i % 7), second: ranker(9, (i) => i % 5) };
    const blend = await openBlendRanker(members, weight, 1, context);
    const histories = pairsOf(
      [
        [
          [2, 1],
          [9, 1],
          [70, 1],
        ],
        [[40, 1]],
      ],
      numItems,
    );
    const [ranked] = await rankingsOf(blend, histories, numItems);
    const [scores] = await scoresOf(blend, histories);
    await blend.close();
    expect(asked).toEqual([[2], [2]]);
    expect(ranked).toEqual(rankScores(scores!).filter(({ row }) => ![2, 9, 70].includes(row)));
  });
});

describe('the options of a blend', () => {
  const blend = findModel('als+ease');

  it('are those of als, its weight, and of ease what als does not take', () => {
    const resolved = resolveOptions(blend, {});
    expect(resolved).toEqual({ ...resolveOptions(findModel('als'), {}), 'blend-weight': 'auto' });
    expect(resolveOptions(blend, resolved)).toEqual(resolved);
    expect(() => resolveOptions(blend, { 'blend-weight': 1.5 })).toThrow('`blendWeight` 1.5');
    expect(() => resolveOptions(blend, { window: 3 })).toThrow('`window` does not apply');
  });

  it('leave ease its defaults, but for when listening ages', () => {
    const lastAt = BigInt64Array.from(pairs.item, (_, p) => BigInt(1e12 + 1e9 * (p % 50)));
    const second = (given: Record<string, number | string>) =>
      blend.plan({ pairs: { ...pairs, lastAt } }, resolveOptions(blend, given), 1).second;
    const ease = resolveOptions(findModel('ease'), {});
    const known = { name: 'ease', algorithmVersion: 1, scorer: 'item-item' };
    expect(second({ reg: 0.01, confidence: 'log' })).toEqual({ ...known, options: ease });
    expect(second({ 'half-life': '90d' })).toMatchObject({
      options: { ...ease, 'half-life': '90d' },
      parameters: { 'as-of': expect.any(String) as string },
    });
  });

  it('expects the memory of both members, and no search for a weight that is given', () => {
    const [als, ease] = [planOf('als', alsOptions), planOf('ease', {})].map((plan) => plan.expectation(1));
    const given = planOf('als+ease', { ...alsOptions, 'blend-weight': weight }).expectation(1);
    expect(given.seconds).toBe(als!.seconds + ease!.seconds);
    expect(given.memoryBytes).toBeGreaterThan(Math.max(als!.memoryBytes, ease!.memoryBytes));
    expect(planOf('als+ease', alsOptions).expectation(1).seconds).toBeGreaterThan(given.seconds);
  });
});
