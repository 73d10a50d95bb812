/** Rows of a trained snapshot are in the order of plays; those of imported vectors need not be. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeMap, mostPlace } from '#dist/core/map/map-format.js';
import { snapshotMap } from '#dist/core/map/snapshot-map.js';
import { mapPoints } from '#dist/core/report/map-points.js';
import { neighbourExamples } from '#dist/core/report/neighbour-examples.js';
import { openForReading, type OpenSnapshot } from '#dist/core/snapshot/open-snapshot.js';
import { makeSmallSnapshot } from '../../helpers/small-snapshot.js';
import { idA, listening } from '../../helpers/snapshots.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';
import { randomRows } from '../../helpers/vectors.js';

const keptDirectory = temporaryDirectories('file');
/** The order of plays is not that of the rows. */
const numItems = 60;
const counts = Array.from({ length: numItems }, (_, row) => Math.round(20 * 1.12 ** ((11 * row + 10) % 61)));
const byPlays = [...counts.keys()].sort((a, b) => counts[b]! - counts[a]!);
let snapshot: OpenSnapshot;
beforeAll(async () => {
  const root = keptDirectory();
  const items = randomRows(5, numItems, 4).map((vector, row) => [`song-${row}`, ...vector] as const);
  await makeSmallSnapshot(root, idA, { items, counts });
  snapshot = await openForReading(root, idA, listening());
});
afterAll(() => snapshot.close());

describe('the most played come first, whatever the order of rows', () => {
  it('among examples of neighbours, of which there are twelve', async () => {
    const context = listening();
    const events = Uint32Array.from(counts);
    const { examples } = await neighbourExamples(snapshot, events, { item: [], threads: 1 }, context);
    expect(examples.map(({ item }) => item.id)).toEqual(byPlays.slice(0, 12).map((row) => `song-${row}`));
  });

  it('on the map, where each part has the name of its most played item', async () => {
    const { names, shown } = (await mapPoints(snapshot, 1, listening()))!;
    expect(shown).toBe(numItems);
    const { x, y } = decodeMap(await snapshotMap(snapshot, 1, listening()))!;
    // Of six by six, so that some have several items.
    const part = (row: number): string =>
      [x[row]!, y[row]!].map((place) => Math.min(5, Math.floor((6 * place) / mostPlace))).join();
    const wanted = byPlays.filter(
      (row, at) => byPlays.findIndex((other) => part(other) === part(row)) === at,
    );
    expect(names.map(({ item }) => item.id)).toEqual(wanted.map((row) => `song-${row}`));
  });
});
