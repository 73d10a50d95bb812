import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Pairs, RankedItem } from '#dist/core/contracts.js';
import {
  mappedVectors,
  meanVectors,
  rankByOwnPlays,
  rankByPopularity,
  rankByVectors,
  type ColdItems,
} from '#dist/core/evaluation/cold-items/cold-rankers.js';
import { itemCategories } from '#dist/core/evaluation/cold-items/item-categories.js';
import { learnFeatures } from '#dist/core/models/features/item-features.js';
import { featureTable } from '#dist/core/tables/grown-column.js';
import type { FittedModel } from '#dist/core/models/model.js';
import { packStrings } from '#dist/core/tables/string-column.js';
import { matrix, solve } from '../../helpers/dense.js';
import { pairsOf } from '../../helpers/sparse.js';

const context = { signal: new AbortController().signal, onProgress: () => undefined };

/** Items of training, then held-out ones, by the categories of each; the first of them has 1 user, the next 2 … */
function itemsOf(warm: readonly number[][], cold: readonly number[][], count = 6): ColdItems {
  const all = [...warm, ...cold].map((own) => Uint32Array.from(own));
  const columns = [
    { name: 'artist', type: 'text', values: [...warm, ...cold].map((own) => own.join('|')) },
  ] as const;
  const table = featureTable(columns);
  return {
    table,
    ...{ numWarm: warm.length, numItems: all.length },
    ...{ numUsers: 10, categories: { columns, count, of: (item) => all[item]! } },
    features: learnFeatures(table, Uint32Array.from(warm.keys())),
    popularity: Uint32Array.from(all, (_, i) => i + 1),
  };
}

async function ranked(ranker: ReturnType<typeof rankByOwnPlays>, histories: Pairs, k: number) {
  const all: RankedItem[][] = [];
  await ranker.rank(histories, k, (_, items) => all.push([...items]));
  return all;
}

const historiesOf = (items: ColdItems, rows: readonly number[][]): Pairs =>
  pairsOf(
    rows.map((row) => row.map((item) => [item, 1] as const)),
    items.numItems,
  );
const rows = (all: readonly (readonly RankedItem[])[]) => all.map((own) => own.map(({ row }) => row));

describe('rankings of held-out items', () => {
  // Artists 0 1 1 2 of items 0 … 3, with 1 2 3 4 users; then 4 of 2, 5 of 0, 6 of nobody known, 7 of 1, 8 of nobody.
  const items = itemsOf([[0], [1], [1], [2]], [[2], [0], [5], [1], []]);

  it('are by the artist’s users an item, then in the order of the draw', async () => {
    const [own] = await ranked(rankByPopularity(items, context), historiesOf(items, [[0]]), 9);
    expect(own).toEqual([
      { row: 4, score: 4 },
      { row: 7, score: 2.5 },
      { row: 5, score: 1 },
      { row: 6, score: 0 },
      { row: 8, score: 0 },
    ]);
  });

  it('are by the user’s own plays of the artist, then by the artist’s users', async () => {
    const all = await ranked(
      rankByOwnPlays(items, context),
      historiesOf(items, [[1, 2], [0], [], [0, 1, 2]]),
      3,
    );
    expect(rows(all)).toEqual([
      [7, 4, 5],
      [5, 4, 7],
      [4, 7, 5],
      [7, 5, 4],
    ]);
    expect(all[3]!.map(({ score }) => score)).toEqual([2, 1, 0]);
  });

  it('take no dislike for a play', async () => {
    const [own] = await ranked(
      rankByOwnPlays(items, context),
      pairsOf(
        [
          [
            [0, 1],
            [1, -1],
          ],
        ],
        items.numItems,
      ),
      2,
    );
    expect(own).toEqual([
      { row: 5, score: 1 },
      { row: 4, score: 0 },
    ]);
  });

  it('are the same as naively made of lists of categories', async () => {
    const lists = fc.array(fc.uniqueArray(fc.nat(5), { maxLength: 3 }), { minLength: 1, maxLength: 7 });
    const histories = fc.array(fc.uniqueArray(fc.nat(6), { maxLength: 5 }), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(
        lists,
        lists,
        histories,
        fc.integer({ min: 1, max: 8 }),
        async (warm, cold, given, k) => {
          const own = itemsOf(warm, cold);
          const pairs = given.map((row) => row.filter((i) => i < warm.length).sort((a, b) => a - b));
          const mean = (values: readonly number[]) =>
            values.length === 0 ? 0 : values.reduce((sum, value) => sum + value) / values.length;
          const popular = cold.map((list) =>
            mean(list.map((c) => mean(warm.flatMap((other, i) => (other.includes(c) ? [i + 1] : []))))),
          );
          const wanted = (scores: readonly number[]) =>
            cold
              .map((_, at) => at)
              .sort(
                (a, b) => Math.round(1e9 * (scores[b]! - scores[a]!)) || popular[b]! - popular[a]! || a - b,
              )
              .slice(0, k)
              .map((at) => warm.length + at);
          const plays = pairs.map((history) =>
            cold.map((list) =>
              history.reduce((sum, i) => {
                const both = list.filter((c) => warm[i]!.includes(c)).length;
                return both === 0 ? sum : sum + both / Math.sqrt(list.length * warm[i]!.length);
              }, 0),
            ),
          );
          const drawn = await ranked(rankByOwnPlays(own, context), historiesOf(own, pairs), k);
          drawn.forEach((each, u) => {
            each.forEach(({ row, score }) => expect(score).toBeCloseTo(plays[u]![row - warm.length]!, 9));
            const scores = each.map(({ score }) => score);
            expect(scores).toEqual([...scores].sort((a, b) => b - a));
            expect(mean(scores)).toBeCloseTo(
              mean(wanted(plays[u]!).map((row) => plays[u]![row - warm.length]!)),
              9,
            );
          });
          const [first] = await ranked(rankByPopularity(own, context), historiesOf(own, [[]]), k);
          first!.forEach(({ row, score }) => expect(score).toBeCloseTo(popular[row - warm.length]!, 9));
        },
      ),
      { numRuns: 60 },
    );
  });

  const options = { objective: 'ials', reg: 1, 'reg-exponent': 1, 'unobserved-weight': 0.1 };
  const numbers = [1, 0, 0, 1, 0, 3, -1, -1];
  const trained = {
    ...({ fold: 'normal-equations', options } as const),
    fitted: {
      // Of stride 3: the third number is no part of a vector.
      itemVectors: () => ({
        values: Float32Array.from({ length: 12 }, (_, at) =>
          at % 3 === 2 ? 9 : numbers[at - Math.floor(at / 3)]!,
        ),
        ...{ stride: 3, dim: 2 },
      }),
      userVectors: ({ numItems }: Pairs) => {
        expect(numItems).toBe(4);
        const batches = [Float32Array.of(1, 0.5), Float32Array.of(-1, 0)];
        return { unconverged: () => 0, batches: batches.map((batch) => Promise.resolve(batch)) };
      },
    } as unknown as FittedModel,
  };
  const scoresOf = async (
    vectorsOf: typeof meanVectors,
  ): Promise<readonly (readonly [number, number])[][]> => {
    const ranker = rankByVectors(items, trained, vectorsOf, context);
    const all = await ranked(ranker, historiesOf(items, [[0], [1]]), 5);
    return all.map((own) => own.map(({ row, score }) => [row, Math.round(1e6 * score) / 1e6] as const));
  };

  it('are by mean vectors of the artist’s items, and what nobody knows scores 0', async () => {
    expect(await scoresOf(meanVectors)).toEqual([
      [
        [5, 1],
        [7, 1],
        [6, 0],
        [8, 0],
        [4, -1.5],
      ],
      [
        [4, 1],
        [6, 0],
        [7, 0],
        [8, 0],
        [5, -1],
      ],
    ]);
  });

  it('are by the ridge map of their columns, where a vector counts by its item’s users', async () => {
    // Artists 0, 1, 2 and the constant; users 1 … 4, and α₀ · 10 users besides; w̄ is 3.5.
    const features = matrix(4, 4, (i, g) => Number(g === 3 || g === [0, 1, 1, 2][i]));
    const weights = [2, 3, 4, 5];
    const sum = (of: (i: number) => number): number => weights.reduce((all, w, i) => all + w * of(i), 0);
    const gram = matrix(
      4,
      4,
      (g, h) => sum((i) => features[i]![g]! * features[i]![h]!) + (g === h ? 3.5 : 0),
    );
    const map = [0, 1].map((f) =>
      solve(
        gram,
        Array.from({ length: 4 }, (_, g) => sum((i) => features[i]![g]! * numbers[2 * i + f]!)),
      ),
    );
    const score = (x: number, y: number, artist: number): number =>
      x * (map[0]![artist]! + map[0]![3]!) + y * (map[1]![artist]! + map[1]![3]!);
    const [first, second] = await scoresOf(mappedVectors);
    const wanted = (x: number, y: number) => [
      ...[2, 0, 1].map((artist, at) => [[4, 5, 7][at]!, score(x, y, artist)] as const),
      ...[6, 8].map((row) => [row, 0] as const),
    ];
    for (const [own, all] of [
      [first!, wanted(1, 0.5)],
      [second!, wanted(-1, 0)],
    ] as const) {
      expect(own.map(([row]) => row)).toEqual(
        [...all].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([row]) => row),
      );
      for (const [row, value] of all) expect(new Map(own).get(row)).toBeCloseTo(value, 5);
    }
  });
});

describe('categories of items', () => {
  const ids = packStrings(['a', 'b', 'c', 'd']);
  const column = (name: string, ...values: (string | null)[]) => ({ name, type: 'text', values }) as const;
  const table = (...columns: ReturnType<typeof column>[]) => ({
    ...{ ids: packStrings(['a', 'b', 'c']), sha256: '' },
    columns,
  });

  it('are the values of a list, each once, and none of a blank cell or an item without a row', () => {
    const genres = column('genres', 'Drama|War', ' War | Drama|War|', ' ');
    const { by, count, of } = itemCategories(ids, table(column('name', 'A', 'B', 'C'), genres), 'Genres');
    expect([by, count]).toEqual(['genres', 2]);
    expect([0, 1, 2, 3].map((item) => [...of(item)])).toEqual([[0, 1], [1, 0], [], []]);
    const both = table(column('GENRES', 'A', 'B', 'C'), genres);
    expect(itemCategories(ids, both, 'genres')).toMatchObject({ by: 'genres', count: 2 });
  });

  it('are those of the artist where no column is named', () => {
    const columns = [column('artist_name', 'X', 'Y', 'Z'), column('Artist', 'Q', 'Q', 'R')];
    expect(itemCategories(ids, table(...columns), undefined)).toMatchObject({ by: 'Artist', count: 2 });
    expect(itemCategories(ids, table(columns[0]!), undefined).by).toBe('artist_name');
  });

  it('need a column', () => {
    const named = table(column('name', 'A', 'B', 'C'));
    const failing = (message: string, suggestion: string) =>
      expect.objectContaining({
        ...{ code: 'bad-usage', suggestions: [suggestion] },
        message: `\`split\` cold-items needs a column of the items named ${message}, by which new ones are scored`,
      }) as Error;
    expect(() => itemCategories(ids, undefined, undefined)).toThrow(
      failing('artist', 'give a table of items: `items` FILE'),
    );
    expect(() => itemCategories(ids, named, undefined)).toThrow(
      failing('artist', 'name one of theirs: `by` name'),
    );
    expect(() => itemCategories(ids, named, 'genre')).toThrow(
      failing('genre', 'name one of theirs: `by` name'),
    );
  });
});
