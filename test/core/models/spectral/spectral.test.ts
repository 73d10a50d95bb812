import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Pairs, Progress, RankedItem } from '#dist/core/contracts.js';
import { findModel, resolveOptions } from '#dist/core/models/all-models.js';
import type { FittedModel } from '#dist/core/models/model.js';
import { usersAt, usersOf } from '#dist/core/numeric/split-pairs.js';
import { fromRows, inner, multiply, transposed, type Matrix } from '../../../helpers/dense.js';
import { normalisedSigns, singularVectors } from '../../../helpers/spectral-oracle.js';
import { pairsOf, plantedEntries } from '../../../helpers/sparse.js';
import { readUserVectors } from '../../../helpers/user-vectors.js';

const spectral = findModel('spectral');
// No more than the columns that are iterated: the result is exact. The last item has no users.
const numItems = 24;
const dim = 3;
const entries = plantedEntries(120, numItems - 1, { perUser: 7, dislikes: 0.1 });
const pairs = pairsOf(entries, numItems);
const context = { signal: new AbortController().signal, onProgress: (): void => undefined };

let fitted: FittedModel | undefined;
afterEach(async () => {
  await fitted?.close();
  fitted = undefined;
});

async function fit(
  given: Record<string, number | string> = {},
  threads = 1,
  of: Pairs = pairs,
  onProgress: (progress: Progress) => void = context.onProgress,
): Promise<FittedModel> {
  await fitted?.close();
  const options = resolveOptions(spectral, { factors: dim, ...given });
  const run = { threads, clock: () => 0, context: { ...context, onProgress } };
  fitted = await spectral.plan({ pairs: of }, options, 42).fit(run);
  return fitted;
}

async function rankingsOf(model: FittedModel, histories: Pairs, k: number): Promise<RankedItem[][]> {
  const rankings: RankedItem[][] = [];
  await model.rank(histories, k, (_, items) => rankings.push([...items]));
  return rankings;
}

function filesOf(model: FittedModel): Map<string, Buffer> {
  return new Map(
    [...model.files()].map(([name, chunks]) => [
      name,
      Buffer.concat([...chunks].map((chunk) => Buffer.from(chunk))),
    ]),
  );
}

/** The rows of one of the model's files. */
function vectorsOf(model: FittedModel, name: string, width = dim): Matrix {
  const bytes = filesOf(model).get(name)!;
  const values = new Float32Array(Uint8Array.from(bytes.subarray(-4 * width * numItems)).buffer);
  return fromRows(values, numItems, width);
}

describe('the spectral model', () => {
  let signs: ReturnType<typeof normalisedSigns>;
  let of: ReturnType<typeof singularVectors>;
  beforeAll(() => {
    signs = normalisedSigns(entries, numItems);
    of = singularVectors(signs.N, dim);
  });

  it('spans the strongest singular vectors of the normalised matrix', async () => {
    const input = vectorsOf(await fit(), 'inputVectors');
    const V = input.map((row, i) => row.map((x) => x / signs.itemScale[i]!));
    const wanted = multiply(transposed(of.V), of.V);
    multiply(V, transposed(V)).forEach((row, i) =>
      row.forEach((value, j) => expect(value).toBeCloseTo(wanted[i]![j]!, 5)),
    );
    expect(V[numItems - 1]).toEqual([0, 0, 0]);
  });

  it('ranks by what they leave of that matrix, the scales taken back, weak ones counting less', async () => {
    const rankings = await rankingsOf(await fit(), pairs, 8);
    const { W, itemScale } = signs;
    const users = multiply(
      W.map((row) => row.map((w, i) => w * itemScale[i]!)),
      transposed(of.V),
    );
    for (const [u, ranking] of rankings.entries()) {
      const own = new Set(entries[u]!.map(([item]) => item));
      const wanted = itemScale.map((scale, j) => {
        const terms = users[u]!.map((x, f) => x * (of.sigma[f]! / of.sigma[0]!) ** 0.25 * of.V[f]![j]!);
        return terms.reduce((sum, term) => sum + term, 0) / scale ** 0.75 / own.size;
      });
      const best = [...wanted.keys()].filter((i) => !own.has(i)).sort((a, b) => wanted[b]! - wanted[a]!);
      expect(ranking).toHaveLength(8);
      ranking.forEach(({ row, score }, place) => {
        expect(own.has(row)).toBe(false);
        expect(score).toBeCloseTo(wanted[row]!, 5);
        expect(score).toBeCloseTo(wanted[best[place]!]!, 5);
      });
    }
  });

  it('gives the same files at any number of threads, and a user the same ranking in any company', async () => {
    const one = await fit({ factors: 100 }, 1);
    const files = filesOf(one);
    expect([...files.keys()]).toEqual(['itemVectors', 'inputVectors']);
    const all = await rankingsOf(one, pairs, 5);
    for (const threads of [2, 3]) {
      const model = await fit({ factors: 100 }, threads);
      expect(filesOf(model)).toEqual(files);
      expect(await rankingsOf(model, usersOf(pairs, 40, 60), 5)).toEqual(all.slice(40, 60));
      expect(await rankingsOf(model, usersAt(pairs, [119, 3]), 5)).toEqual([all[119], all[3]]);
    }
  });

  it('gives the vectors it ranks with, and 0 in what is beyond the rank of the matrix', async () => {
    const model = await fit({ factors: 64 });
    const vectors = await readUserVectors(model.userVectors(pairs, context)!);
    const output = vectorsOf(model, 'itemVectors', 64);
    const rankings = await rankingsOf(model, pairs, 1);
    for (const u of [0, 50, 119]) {
      const [{ row, score } = { row: 0, score: 0 }] = rankings[u]!;
      expect(score).toBeCloseTo(inner([...vectors.subarray(64 * u, 64 * u + 64)], output[row]!), 5);
    }
    expect(output.every((vector) => vector.slice(numItems - 1).every((x) => x === 0))).toBe(true);
    expect(output.some((vector) => vector[numItems - 2] !== 0)).toBe(true);
  });

  it('weighs as it is told, in training and in a history, whatever the unit', async () => {
    const vectors = async (given: Record<string, number | string>): Promise<Map<string, Buffer>> =>
      filesOf(await fit(given));
    const linear = await vectors({ confidence: 'linear:1' });
    expect(await vectors({ confidence: 'linear:4' })).toEqual(linear);
    expect((await vectors({})).get('inputVectors')).not.toEqual(linear.get('inputVectors'));
    expect([...(await vectors({ 'item-discount': 0.2 })).keys()]).toContain('itemWeights');
  });

  it('has as many dimensions as suit how much was observed, where none are given', () => {
    const options = resolveOptions(spectral, {});
    expect(options['factors']).toBe('auto');
    const factorsOf = (numUsers: number, items: number, perUser: number): unknown => {
      const some = plantedEntries(numUsers, items, { perUser });
      const observed = pairsOf(some, items);
      const { parameters } = spectral.plan({ pairs: observed }, options, 1);
      const density = observed.item.length / (numUsers * new Set(observed.item).size);
      return [parameters, density];
    };
    for (const [numUsers, items, perUser] of [
      [400, 1500, 2],
      [100, 400, 4],
      [60, 30, 8],
    ] as const) {
      const [parameters, density] = factorsOf(numUsers, items, perUser) as [object, number];
      const wanted = 8 * Math.round(32 * Math.sqrt(0.001 / density));
      expect(parameters).toEqual({ factors: Math.min(256, Math.max(32, wanted)) });
    }
    expect(spectral.plan({ pairs }, resolveOptions(spectral, { factors: 12 }), 1).parameters).toEqual({});
  });

  it('tells how many products are done', async () => {
    const told: Progress[] = [];
    await fit({}, 1, pairs, (progress) => told.push(progress));
    const step = { kind: 'step', phase: 'singular vectors', total: 7, unit: 'products' };
    expect(told).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((done) => ({ ...step, done })));
  });

  it.each([
    [{ factors: 0 }, /`factors` 0: wanted a whole number from 1 to 1024/],
    [{ confidence: 'most' }, /`confidence` "most"/],
    [{ epochs: 3 }, /`epochs` does not apply to `model` spectral/],
    [{ recency: 3 }, /`recency` does not apply to `model` spectral/],
  ])('refuses %j', (given, message) => expect(() => resolveOptions(spectral, given)).toThrow(message));

  it('says which `factors` fit where memory does not suffice', () => {
    const wide = { ...pairs, numItems: 600_000 };
    const options = resolveOptions(spectral, { factors: 1024 });
    expect(() => spectral.plan({ pairs: wide }, options, 1)).toThrow(
      expect.objectContaining({
        code: 'too-large',
        message: expect.stringMatching(/of 1024 dimensions need \d\.\d GiB/) as string,
        suggestions: expect.arrayContaining([
          expect.stringMatching(/^it fits with `factors` \d+$/),
        ]) as string[],
      }),
    );
  });
});
