import { AppError } from '../errors.js';
import { readNpy } from '../files/npy.js';
import { ungrouped, type Cap } from '../search/capped-ranking.js';
import { readArrowFile } from '../tables/arrow-reader.js';
import { damagedFile } from '../snapshot/damaged-file.js';
import type { FoundKind } from '../snapshot/kinds.js';
import { snapshotFile, trainedKind } from '../snapshot/layout.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';

/** The cap of --max-per-artist over the first numRows of a kind, undefined without one. Errors as `artistsOfRows`. */
export async function artistCap(
  snapshot: OpenSnapshot,
  kind: FoundKind,
  most: number | undefined,
  numRows: number,
): Promise<Cap | undefined> {
  if (most === undefined) return undefined;
  return { most, groupOf: (await artistsOfRows(snapshot, kind)).subarray(0, numRows) };
}

/**
 * By row of a kind's table a number for its artist, the same for the same one; `ungrouped` where none is named. 4 bytes a
 * row where the snapshot has them ready, else its table is read, which takes longer. AppError 'missing-part' where
 * nobody knows who made what, 'bad-usage' for artists themselves.
 */
export async function artistsOfRows(snapshot: OpenSnapshot, kind: FoundKind): Promise<Uint32Array> {
  if (kind.name === 'artist') {
    throw new AppError(
      'bad-usage',
      '`maxPerArtist` does not apply to `kind` artist: each is there only once',
    );
  }
  if (kind.name === trainedKind && snapshot.has(snapshotFile.artistOfItem)) {
    const name = snapshotFile.artistOfItem;
    const { data } = readNpy(snapshot.file(name), { dtype: '<u4', shape: [undefined] });
    // There are no more artists than items; memory is reserved by these numbers.
    if (data.every((artist) => artist < data.length || artist === ungrouped)) return data;
    throw damagedFile(snapshot.id, name, `it names an artist beyond all ${data.length} items`);
  }
  const table = await readArrowFile(snapshot.file(kind.table));
  if (!table.columnNames.includes('artist')) {
    throw new AppError('missing-part', `snapshot ${snapshot.id} has no artists for its ${kind.name}s`, {
      suggestions: [
        'segue train EVENTS… --items FILE, where FILE has a column artist, or `itemColumns` artist=NAME says which it is',
      ],
      details: { snapshot: snapshot.id, column: 'artist' },
    });
  }
  const values: readonly (string | number | null)[] = table.metadata('artist').values;
  const numbers = new Map<string | number, number>();
  return Uint32Array.from(values, (artist) => {
    if (artist === null || String(artist).trim() === '') return ungrouped;
    const number = numbers.get(artist) ?? numbers.size;
    numbers.set(artist, number);
    return number;
  });
}
