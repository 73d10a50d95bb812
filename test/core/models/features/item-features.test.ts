import { describe, expect, it } from 'vitest';
import type { ItemColumn } from '#dist/core/contracts.js';
import { featureRows, learnFeatures, type ItemFeatures } from '#dist/core/models/features/item-features.js';
import { rowsToLearn } from '#dist/core/models/features/rows-to-learn.js';
import { featureTable } from '#dist/core/tables/grown-column.js';

const text = (name: string, ...values: (string | null)[]) => ({ name, type: 'text', values }) as const;
const int = (name: string, ...values: (number | null)[]) => ({ name, type: 'int', values }) as const;

/** Each row's features as texts with their weights, the constant as `1`. */
function texts(features: ItemFeatures, numRows: number, from = 0): string[][] {
  const { indptr, idx, weight } = featureRows(
    features,
    Array.from({ length: numRows }, (_, at) => from + at),
  );
  return Array.from({ length: numRows }, (_, row) =>
    Array.from(idx.subarray(indptr[row], indptr[row + 1]), (g, e) => {
      const { column, value } = features.features[g]!;
      const by = Number(weight[indptr[row]! + e]!.toFixed(3));
      return column === '' ? String(by) : `${column}=${value}${by === 1 ? '' : ` × ${by}`}`;
    }),
  );
}

const learn = (columns: readonly ItemColumn[], numRows: number): ItemFeatures =>
  learnFeatures(
    featureTable(columns),
    Array.from({ length: numRows }, (_, row) => row),
  );

describe('features of items', () => {
  it('are categories, parts of lists, years and decades, and buckets', () => {
    const columns = [
      text('artist', 'Nirvana', 'Nirvana', '1975', null),
      text('genres', 'rock|grunge', 'rock | rock', '', 'pop'),
      text('released', '1991-09-24', '1993', '2016-02', '1991'),
      int('tempo', 100, 110, 120, null),
    ];
    const features = learn(columns, 4);
    expect(features.used).toEqual([
      { name: 'artist', as: 'categories', features: 2 },
      { name: 'genres', as: 'lists', features: 3 },
      { name: 'released', as: 'dates', features: 5 },
      { name: 'tempo', as: 'numbers', features: 3 },
    ]);
    const years = ['released=1991', 'released=1990s'];
    expect(texts(features, 4)).toEqual([
      ['artist=Nirvana', 'genres=rock × 0.707', 'genres=grunge × 0.707', ...years, 'tempo=100', '1'],
      ['artist=Nirvana', 'genres=rock', 'released=1993', 'released=1990s', 'tempo=110', '1'],
      ['artist=1975', 'released=2016', 'released=2010s', 'tempo=120', '1'],
      ['genres=pop', ...years, '1'],
    ]);
  });

  it('of new items are those that trained items have; nothing known is nothing at all', () => {
    const columns = [
      text('artist', 'a', 'a', 'b', 'new', 'b', null, 'new'),
      int('year', 1991, 1992, 1993, 1999, null, null, 2050),
      int('bpm', 1, 5, 9, 99, -99, 4, null),
    ];
    expect(texts(learn(columns, 3), 4, 3)).toEqual([
      ['year=1990s', 'bpm=9', '1'],
      ['artist=b', 'bpm=1', '1'],
      ['bpm=1', '1'],
      [],
    ]);
  });

  it('are learned from the trained rows alone', () => {
    const columns = [text('artist', 'a', 'b', 'a', 'b', 'c')];
    expect(learnFeatures(featureTable(columns), [0, 2, 1, 3]).used[0]!.features).toBe(2);
  });

  it('tell albums of one title apart by their artist', () => {
    const columns = [text('Artist', 'a', 'a', 'b', 'b'), text('Album', 'Hits', 'Hits', 'Hits', 'Live')];
    expect(learn(columns, 4).used[1]).toEqual({ name: 'Album', as: 'categories', features: 3 });
  });

  it('put numbers into ten buckets of as many items, and ids into none', () => {
    const values = Array.from({ length: 100 }, (_, row) => row);
    const features = learn([int('length', ...values), int('artist_id', ...values.map((v) => v % 50))], 100);
    expect(features.used.map(({ as, features: n }) => [as, n])).toEqual([
      ['numbers', 10],
      ['categories', 50],
    ]);
    expect(features.features[3]!.value).toBe('30 to below 40');
    expect(features.features[9]!.value).toBe('90 and more');
  });

  it('leave out what says nothing, and say why', () => {
    const columns = [
      text('name', 'x', 'x', 'y'),
      text('isrc', 'A', 'B', 'C'),
      text('empty', null, ' ', null),
      text('kind', 'song', 'song', null),
    ];
    const features = learn(columns, 3);
    expect(features.leftOut).toEqual([
      { name: 'name', why: 'it names the items' },
      { name: 'isrc', why: 'nearly every item has a value of its own' },
      { name: 'empty', why: 'no trained item has a value' },
      { name: 'kind', why: 'all trained items have the same value' },
    ]);
    const chosen = learnFeatures(featureTable(columns), [0, 1, 2], new Set(['isrc']));
    expect(chosen.used.map(({ name }) => name)).toEqual(['isrc']);
    expect(chosen.leftOut[0]!.why).toBe('it was not asked for');
  });

  it('are vectors from elsewhere, less their mean and of mean length 1', () => {
    const own = [Float32Array.of(1, 0), Float32Array.of(3, 0), undefined];
    const table = {
      ...featureTable([]),
      vectors: { name: 'audio.npy', dim: 2, of: (row: number) => own[row] },
    };
    const features = learnFeatures(table, [0, 1, 2]);
    expect(texts(features, 3)).toEqual([
      ['audio.npy=0 × -1', 'audio.npy=1 × 0', '1'],
      ['audio.npy=0', 'audio.npy=1 × 0', '1'],
      [],
    ]);
  });

  it('are learned from the most played items, and from 64 of each value that a new item has', () => {
    const numTrained = 12_000;
    // Beyond the most played: artist x has 100 items, y 10, z is of no new item.
    const artist = Array.from({ length: numTrained }, (_, row) => {
      if (row < 10_500) return 'many';
      if (row < 10_700) return row % 2 === 0 ? 'x' : 'z';
      return row < 10_710 ? 'y' : 'z';
    });
    const features = learn([text('artist', ...artist, 'x', 'y', 'many')], numTrained);
    const wanted = featureRows(features, [numTrained, numTrained + 1, numTrained + 2]);
    const { items, numRows, indptr } = rowsToLearn(features, wanted, numTrained);
    const taken = [...items].map((row) => (row < 10_000 ? 'first' : artist[row]!));
    const count = (name: string): number => taken.filter((each) => each === name).length;
    expect(['first', 'many', 'x', 'y', 'z'].map(count)).toEqual([10_000, 0, 64, 10, 0]);
    expect([numRows, indptr.length]).toEqual([10_074, 10_075]);
    // Of vectors from elsewhere every number is to be learned.
    const vectors = {
      ...{ name: 'v', dim: 1 },
      of: (row: number) => (row % 2 ? Float32Array.of(row) : undefined),
    };
    const all = learnFeatures(
      { ...featureTable([]), vectors },
      Uint32Array.from({ length: numTrained }, (_, row) => row),
    );
    expect(rowsToLearn(all, featureRows(all, [1]), numTrained).numRows).toBe(11_000);
  });
});
