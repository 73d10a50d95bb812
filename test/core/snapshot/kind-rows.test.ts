import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ItemColumn } from '#dist/core/contracts.js';
import { albumId, kindRows, noRow, type KindRows } from '#dist/core/snapshot/kind-rows.js';
import { meanVectorChunks } from '#dist/core/snapshot/writing/write-kinds.js';
import { packStrings } from '#dist/core/tables/string-column.js';
import type { ItemRows } from '#dist/core/tables/item-rows.js';

interface Track {
  readonly artist: string | null;
  readonly album?: string | null;
  readonly albumArtist?: string | null;
  readonly released?: number | null;
  readonly count: number;
}

const text = (name: string, values: readonly (string | null)[]): ItemColumn => ({
  name,
  type: 'text',
  values,
});

function itemsOf(tracks: readonly Track[], columns: readonly string[]): ItemRows {
  const cell = (key: 'artist' | 'album' | 'albumArtist') => tracks.map((track) => track[key] ?? null);
  return {
    ids: packStrings(tracks.map((_, row) => `track-${row}`)),
    counts: Uint32Array.from(tracks, ({ count }) => count),
    columns: [
      ...(columns.includes('artist') ? [text('artist', cell('artist'))] : []),
      ...(columns.includes('album') ? [text('album', cell('album'))] : []),
      ...(columns.includes('albumArtist') ? [text('Album_Artist', cell('albumArtist'))] : []),
      ...(columns.includes('released')
        ? [{ name: 'released', type: 'int', values: tracks.map(({ released }) => released ?? null) } as const]
        : []),
    ],
  };
}

/** What a kind says, as plain values. */
function told(rows: KindRows | undefined): Record<string, unknown>[] {
  if (rows === undefined) return [];
  return Array.from({ length: rows.ids.length }, (_, row) => ({
    id: rows.ids.at(row),
    count: rows.counts[row],
    ...Object.fromEntries(rows.columns.map(({ name, values }) => [name, values[row]])),
    items: [...rows.ofItem.keys()].filter((item) => rows.ofItem[item] === row),
  }));
}

const find = (kinds: readonly KindRows[], kind: string) => kinds.find((rows) => rows.kind === kind);

describe('artists', () => {
  test('are their texts, most events first, and those that nobody played last', () => {
    const tracks: Track[] = [
      { artist: 'Nirvana', released: 1991, count: 5 },
      { artist: 'AC/DC', released: 1980, count: 5 },
      { artist: null, count: 4 },
      { artist: 'nirvana', count: 4 },
      { artist: 'Nirvana', released: 1989, count: 1 },
      { artist: ' ', count: 1 },
      { artist: 'Zappa', released: 1970, count: 0 },
      { artist: 'Abba', count: 0 },
      { artist: 'Nirvana', released: 1970, count: 0 },
    ];
    const kinds = kindRows(itemsOf(tracks, ['artist', 'released']), 6);
    expect(kinds.map(({ kind }) => kind)).toEqual(['artist']);
    expect(kinds[0]!.numVectors).toBe(3);
    expect(told(kinds[0])).toEqual([
      { id: 'Nirvana', count: 6, name: 'Nirvana', tracks: 3, released: 1970, items: [0, 4, 8] },
      { id: 'AC/DC', count: 5, name: 'AC/DC', tracks: 1, released: 1980, items: [1] },
      { id: 'nirvana', count: 4, name: 'nirvana', tracks: 1, released: null, items: [3] },
      { id: 'Abba', count: 0, name: 'Abba', tracks: 1, released: null, items: [7] },
      { id: 'Zappa', count: 0, name: 'Zappa', tracks: 1, released: 1970, items: [6] },
    ]);
    expect(kinds[0]!.ofItem[2]).toBe(noRow);
  });

  test('can be numbers, and order by the bytes of their ids, not by UTF-16', () => {
    const items: ItemRows = {
      ids: packStrings(['a', 'b', 'c']),
      counts: Uint32Array.of(1, 1, 1),
      columns: [{ name: 'artist', type: 'int', values: [311, 10, 311] }],
    };
    expect(told(kindRows(items, 3)[0]).map(({ id }) => id)).toEqual(['311', '10']);
    const tracks = ['\u{1F3B5}', '\uFF21'].map((artist) => ({ artist, count: 1 }));
    expect(told(kindRows(itemsOf(tracks, ['artist']), 2)[0]).map(({ id }) => id)).toEqual([
      '\uFF21',
      '\u{1F3B5}',
    ]);
  });

  test('are none without a column, with nothing but empty cells, and where nobody played any', () => {
    expect(kindRows(itemsOf([{ artist: 'A', count: 1 }], []), 1)).toEqual([]);
    expect(kindRows(itemsOf([{ artist: null, count: 1 }], ['artist']), 1)).toEqual([]);
    const unplayed: Track[] = [
      { artist: null, count: 1 },
      { artist: 'A', count: 0 },
    ];
    expect(kindRows(itemsOf(unplayed, ['artist']), 1)).toEqual([]);
  });

  test('have the first time that a text says, where it begins with a year', () => {
    const items: ItemRows = {
      ids: packStrings(['a', 'b', 'c']),
      counts: Uint32Array.of(1, 1, 1),
      columns: [
        text('artist', ['A', 'A', 'B']),
        text('released', ['1991-05-01', '1990', 'once upon a time']),
      ],
    };
    expect(told(kindRows(items, 3)[0]).map(({ released }) => released)).toEqual(['1990', null]);
  });
});

describe('albums', () => {
  test('of one title are apart by artist, and a compilation is one by its album artist', () => {
    const tracks: Track[] = [
      { artist: 'Queen', album: 'Greatest Hits', count: 3 },
      { artist: 'Abba', album: 'Greatest Hits', count: 2 },
      { artist: 'Blur', album: 'Now 42', albumArtist: 'Various', count: 1 },
      { artist: 'Pulp', album: 'Now 42', albumArtist: 'Various', count: 1 },
      { artist: null, album: 'Greatest Hits', count: 1 },
      { artist: 'Queen', album: null, count: 9 },
    ];
    expect(told(find(kindRows(itemsOf(tracks, ['artist', 'album', 'albumArtist']), 6), 'album'))).toEqual([
      {
        id: 'Queen / Greatest Hits',
        count: 3,
        name: 'Greatest Hits',
        artist: 'Queen',
        tracks: 1,
        items: [0],
      },
      { id: 'Abba / Greatest Hits', count: 2, name: 'Greatest Hits', artist: 'Abba', tracks: 1, items: [1] },
      { id: 'Various / Now 42', count: 2, name: 'Now 42', artist: 'Various', tracks: 2, items: [2, 3] },
      { id: 'Greatest Hits', count: 1, name: 'Greatest Hits', artist: null, tracks: 1, items: [4] },
    ]);
    const apart = told(find(kindRows(itemsOf(tracks, ['artist', 'album']), 6), 'album'));
    expect(apart.map(({ id }) => id)).toContain('Pulp / Now 42');
  });

  test('without artists are their titles alone', () => {
    const tracks = ['A / B', 'C', 'A / B'].map((album) => ({ artist: null, album, count: 1 }));
    expect(told(find(kindRows(itemsOf(tracks, ['album']), 3), 'album'))).toEqual([
      { id: 'A / B', count: 2, name: 'A / B', tracks: 2, items: [0, 2] },
      { id: 'C', count: 1, name: 'C', tracks: 1, items: [1] },
    ]);
  });

  test('have an id that no other title and artist has', () => {
    expect(albumId('Back in Black', 'AC/DC')).toBe('AC/DC / Back in Black');
    const letters = ['a', ' ', '/'];
    let texts = [''];
    for (let length = 0; length < 4; length++)
      texts = [...texts, ...texts.flatMap((text) => letters.map((letter) => text + letter))];
    const pieces = [...new Set(texts)].filter((text) => text.trim() !== '');
    const ids = pieces.flatMap((title) => [null, ...pieces].map((artist) => albumId(title, artist)));
    expect(ids.length).toBeGreaterThan(500);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

test('a text longer than an id may be is cut, and told apart by its hash', () => {
  const long = 'é'.repeat(600);
  const tracks = [long, `${long}x`, `${long}y`].map((artist) => ({ artist, album: artist, count: 1 }));
  const kinds = kindRows(itemsOf(tracks, ['artist', 'album']), 3);
  for (const { ids, columns } of kinds) {
    expect(new Set(Array.from({ length: 3 }, (_, row) => ids.at(row))).size).toBe(3);
    for (let row = 0; row < 3; row++) {
      expect(Buffer.byteLength(ids.at(row))).toBeLessThanOrEqual(1024);
      expect(ids.at(row)).not.toContain('\uFFFD');
    }
    expect(columns[0]!.values).toContain(`${long}x`);
  }
  // Whoever is called as a cut text's id is taken for it, and nothing breaks.
  const cut = kinds[0]!.ids.at(0);
  const named = kinds[0]!.columns[0]!.values[0] as string;
  const both = kindRows(
    itemsOf(
      [
        { artist: named, count: 1 },
        { artist: cut, count: 1 },
      ],
      ['artist'],
    ),
    2,
  );
  expect(told(both[0])).toMatchObject([{ id: cut, tracks: 2, items: [0, 1] }]);
});

const track = fc.record({
  artist: fc.option(fc.constantFrom('A', 'B', 'C', 'c', 'D / E', '')),
  album: fc.option(fc.constantFrom('X', 'Y', 'Z', 'A')),
  albumArtist: fc.option(fc.constantFrom('A', 'Various')),
  count: fc.integer({ min: 0, max: 1000 }),
});

test('every kind of any catalogue is what a naive grouping gives', () => {
  fc.assert(
    fc.property(
      fc.array(track, { minLength: 1, maxLength: 30 }),
      fc.nat(),
      fc.boolean(),
      (tracks, cut, withAlbumArtist) => {
        const numItems = cut % (tracks.length + 1);
        const columns = ['artist', 'album', ...(withAlbumArtist ? ['albumArtist'] : [])];
        const kinds = kindRows(itemsOf(tracks, columns), numItems);
        const artistOf = ({ artist }: Track) => (artist === '' ? null : artist);
        const ownerOf = (of: Track) => (withAlbumArtist ? (of.albumArtist ?? artistOf(of)) : artistOf(of));
        const naive = {
          artist: groupBy(tracks, artistOf, numItems),
          album: groupBy(
            tracks,
            (of) => (of.album === null ? null : albumId(of.album!, ownerOf(of))),
            numItems,
          ),
        };
        for (const kind of ['artist', 'album'] as const) {
          const wanted = naive[kind].some(({ hasVector }) => hasVector) ? naive[kind] : [];
          const got = find(kinds, kind);
          expect(told(got)).toMatchObject(wanted.map(({ id, count, items }) => ({ id, count, items })));
          expect(got?.numVectors ?? 0).toBe(wanted.filter(({ hasVector }) => hasVector).length);
        }
      },
    ),
    { numRuns: 300, seed: 11 },
  );
});

function groupBy(
  tracks: readonly Track[],
  idOf: (of: Track) => string | null,
  numItems: number,
): { id: string; count: number; items: number[]; hasVector: boolean }[] {
  const ids = [...new Set(tracks.map(idOf))].filter((id) => id !== null);
  return ids
    .map((id) => {
      const items = [...tracks.keys()].filter((row) => idOf(tracks[row]!) === id);
      const count = items.reduce((sum, row) => sum + tracks[row]!.count, 0);
      return { id, count, items, hasVector: items.some((row) => row < numItems) };
    })
    .sort(
      (a, b) =>
        Number(b.hasVector) - Number(a.hasVector) ||
        b.count - a.count ||
        Buffer.compare(Buffer.from(a.id), Buffer.from(b.id)),
    );
}

describe('the vector of a kind', () => {
  const read = (chunks: Iterable<Uint8Array>): Float32Array => {
    const [, ...pieces] = Array.from(chunks, (chunk) => Uint8Array.from(chunk));
    return new Float32Array(Uint8Array.from(Buffer.concat(pieces)).buffer);
  };

  test('is the play-weighted mean of its items, to the bit, whatever the padding', () => {
    fc.assert(
      fc.property(
        fc.array(track, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer(),
        (tracks, dim, seed) => {
          const stride = Math.ceil(dim / 8) * 8;
          const numbers = new Float32Array(stride * tracks.length);
          let state = seed | 1;
          const next = () => (state = Math.imul(state, 1103515245) + 12345) / 2 ** 31;
          for (let row = 0; row < tracks.length; row++)
            for (let f = 0; f < dim; f++) numbers[row * stride + f] = next();
          const counts = Uint32Array.from(tracks, ({ count }) => count);
          for (const rows of kindRows(itemsOf(tracks, ['artist', 'album']), tracks.length)) {
            const got = read(meanVectorChunks(rows, { values: numbers, stride, dim }, counts));
            expect(got.length).toBe(rows.numVectors * dim);
            told(rows).forEach(({ items }, row) => {
              const members = items as number[];
              const total = members.reduce((sum, item) => sum + counts[item]!, 0);
              for (let f = 0; f < dim; f++) {
                let sum = 0;
                for (const item of members)
                  sum += (total === 0 ? 1 : counts[item]!) * numbers[item * stride + f]!;
                expect(got[row * dim + f]).toBe(Math.fround(sum / (total === 0 ? members.length : total)));
              }
            });
          }
        },
      ),
      { numRuns: 200, seed: 3 },
    );
  });

  test('is whole where it takes several pieces', () => {
    const numEntities = 3000;
    const dim = 128;
    const ofItem = Uint32Array.from({ length: 2 * numEntities }, (_, item) => item % numEntities);
    const values = Float32Array.from({ length: ofItem.length * dim }, (_, at) => Math.floor(at / dim));
    const counts = new Uint32Array(ofItem.length).fill(3);
    const got = read(
      meanVectorChunks({ numVectors: numEntities, ofItem }, { values, stride: dim, dim }, counts),
    );
    expect(got.every((value, at) => value === Math.floor(at / dim) + numEntities / 2)).toBe(true);
  });
});
