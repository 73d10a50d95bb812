import { afterEach, describe, expect, it } from 'vitest';
import type { Pairs, RankedItem, Sequences } from '#dist/core/contracts.js';
import { findModel, resolveOptions } from '#dist/core/models/all-models.js';
import { requireItem2vecFit } from '#dist/core/models/item2vec/item2vec-limits.js';
import type { FittedModel } from '#dist/core/models/model.js';
import { placeAsTime } from '#dist/core/numeric/pairs.js';
import { seededRandom } from '#dist/core/numeric/random.js';
import { usersOf } from '#dist/core/numeric/split-pairs.js';
import type { SkipGramOptions } from '#dist/core/models/item2vec/skip-gram-options.js';
import { pairsOf, plantedEntries } from '../../../helpers/sparse.js';
import { readUserVectors } from '../../../helpers/user-vectors.js';

const item2vec = findModel('item2vec');
const numItems = 60;
const pairs = pairsOf(plantedEntries(300, numItems, { perUser: 12, dislikes: 0.1 }), numItems);
const context = { signal: new AbortController().signal, onProgress: () => undefined };

/** Every user's liked items in some order, some of them twice. */
function sequencesOf({ numUsers, indptr, item, flags }: Pairs): Sequences {
  const random = seededRandom(6);
  const plays: number[] = [];
  const starts = [0];
  for (let u = 0; u < numUsers; u++) {
    for (let p = indptr[u]!; p < indptr[u + 1]!; p++) {
      if (flags[p] !== 1) continue;
      plays.push(item[p]!);
      if (random.nextFraction() < 0.2) plays.push(item[p]!);
    }
    starts.push(plays.length);
  }
  return { indptr: Uint32Array.from(starts), item: Uint32Array.from(plays), at: undefined };
}

const sequences = sequencesOf(pairs);

let fitted: FittedModel | undefined;
afterEach(async () => {
  await fitted?.close();
  fitted = undefined;
});

async function fit(
  given: Record<string, number | string> = {},
  data = { pairs, sequences },
): Promise<FittedModel> {
  const options = resolveOptions(item2vec, { factors: 7, epochs: 4, ...given });
  fitted = await item2vec.plan(data, options, 42).fit({ threads: 2, clock: () => 0, context });
  return fitted;
}

async function rankingsOf(model: FittedModel, histories: Pairs, k: number): Promise<RankedItem[][]> {
  const rankings: RankedItem[][] = [];
  await model.rank(histories, k, (_, items) => rankings.push([...items]));
  return rankings;
}

const optionsOf = (given: { factors: number }): SkipGramOptions => ({
  ...{ ...given, epochs: 1, window: 5, negatives: 5, negativeExponent: 0.5, subsample: 0 },
  ...{ learningRate: 0.05, sessionGap: '30m', recency: 0, seed: 1 },
});

/** The f32 numbers of one of the model's files. */
function valuesOf(model: FittedModel, name: string): Float32Array {
  const [, chunks] = [...model.files()].find(([file]) => file === name)!;
  const bytes = Buffer.concat([...chunks].map((chunk) => Buffer.from(chunk)));
  return new Float32Array(Uint8Array.from(bytes.subarray(-4 * 7 * numItems)).buffer);
}

describe('the item2vec model', () => {
  it('ranks by the mean of input vectors with output vectors, own items left out', async () => {
    const model = await fit({ confidence: 'binary' });
    const [input, output] = [valuesOf(model, 'inputVectors'), valuesOf(model, 'itemVectors')];
    const rankings = await rankingsOf(model, pairs, 8);
    for (const u of [0, 7, 299]) {
      const rows = [...usersOf(pairs, u, u + 1).item.entries()].map(([at, item]) => ({
        item,
        sign: pairs.flags[pairs.indptr[u]! + at] === 1 ? 1 : -1,
      }));
      const vector = Array.from({ length: 7 }, (_, f) =>
        rows.reduce((sum, { item, sign }) => sum + (sign * input[7 * item + f]!) / rows.length, 0),
      );
      const own = new Set(rows.map(({ item }) => item));
      const scores = Array.from({ length: numItems }, (_, i) =>
        vector.reduce((sum, x, f) => sum + x * output[7 * i + f]!, 0),
      );
      const wanted = [...scores.keys()].filter((i) => !own.has(i)).sort((a, b) => scores[b]! - scores[a]!);
      expect(rankings[u]!.map(({ row }) => row)).toEqual(wanted.slice(0, 8));
      rankings[u]!.forEach(({ row, score }) => expect(score).toBeCloseTo(scores[row]!, 5));
    }
  });

  it('gives the vectors it ranks with', async () => {
    const model = await fit();
    const folded = model.userVectors(pairs, context)!;
    const vectors = await readUserVectors(folded);
    expect(folded.unconverged()).toBe(0);
    const output = valuesOf(model, 'itemVectors');
    const rankings = await rankingsOf(model, pairs, 1);
    for (const u of [0, 100, 299]) {
      const vector = vectors.subarray(7 * u, 7 * u + 7);
      const [{ row, score } = { row: 0, score: 0 }] = rankings[u]!;
      expect(score).toBeCloseTo(
        vector.reduce((sum, x, f) => sum + x * output[7 * row + f]!, 0),
        5,
      );
    }
  });

  it('is trained on plays of its pairs alone: what is held out is in no sequence', async () => {
    const held = new Set([3, 4, 5]);
    const kept = plantedEntries(300, numItems, { perUser: 12, dislikes: 0.1 }).map((row) =>
      row.filter(([item]) => !held.has(item)),
    );
    const output = valuesOf(await fit({}, { pairs: pairsOf(kept, numItems), sequences }), 'itemVectors');
    const isZero = (i: number): boolean => output.subarray(7 * i, 7 * i + 7).every((x) => x === 0);
    expect([2, 3, 4, 5, 6].map(isZero)).toEqual([false, true, true, true, false]);
  });

  it.each([
    [{ window: 0 }, /`window` 0: wanted a whole number from 1 to 1000 for item2vec/],
    [{ negatives: 1.5 }, /`negatives` 1.5/],
    [{ 'negative-exponent': 5 }, /`negativeExponent` 5/],
    [{ subsample: -1 }, /`subsample` -1/],
    [{ 'learning-rate': 0 }, /`learningRate` 0/],
    [{ recency: -1 }, /`recency` -1/],
    [{ 'session-gap': '30' }, /`sessionGap` "30": wanted a time such as 90s, 30m, 12h or 1d/],
    [{ confidence: 'most' }, /`confidence` "most"/],
    [{ reg: 1 }, /`reg` does not apply to `model` item2vec/],
  ])('refuses %j', (given, message) => expect(() => resolveOptions(item2vec, given)).toThrow(message));

  it('says that no session has two plays, and what to do', () => {
    const alone = { ...sequences, at: Float64Array.from(sequences.item, (_, e) => 1e9 * e) };
    const options = resolveOptions(item2vec, {});
    expect(() => item2vec.plan({ pairs, sequences: alone }, options, 1)).toThrow(/no session has two plays/);
  });

  it('has no ages without times, and says so', () => {
    const options = resolveOptions(item2vec, { 'half-life': '30d' });
    const lastAt = BigInt64Array.from(pairs.item, (_, p) => placeAsTime(p));
    for (const untimed of [pairs, { ...pairs, lastAt }])
      expect(() => item2vec.plan({ pairs: untimed, sequences }, options, 1)).toThrow(
        /`halfLife` needs times/,
      );
  });

  it('says which `factors` fit where memory does not suffice', () => {
    const fold = { dim: 64, allBytes: () => 0, scratchBytes: () => 64 };
    const options = optionsOf({ factors: 64 });
    const size = { numUsers: 1e6, numItems: 10e6, numEvents: 1e8 };
    expect(() => requireItem2vecFit(size, options, fold, 2)).toThrow(/need 5\.\d GiB/);
    expect(() => requireItem2vecFit(size, { ...options, factors: 40 }, fold, 2)).not.toThrow();
    try {
      requireItem2vecFit(size, options, fold, 2);
    } catch (error) {
      expect(error).toMatchObject({ code: 'too-large', details: { factors: 40 } });
    }
  });

  it('says what it takes before it starts', () => {
    const plan = item2vec.plan({ pairs, sequences }, resolveOptions(item2vec, {}), 1);
    expect(plan.modelBytes).toBe(2 * 4 * 64 * numItems);
    expect(plan.expectation(2).memoryBytes).toBeGreaterThan(100e6);
    expect(plan.expectation(1).seconds).toBeGreaterThan(0);
  });
});
