import { beforeAll, describe, expect, it } from 'vitest';
import { tryLock } from '#dist/core/files/kernel-lock.js';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { openNeighbourSource, similar } from '#dist/core/library.js';
import { makeSmallSnapshot } from '../../helpers/small-snapshot.js';
import { idA, listening } from '../../helpers/snapshots.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';
import { randomRows } from '../../helpers/vectors.js';

const keptDirectory = temporaryDirectories('file');
const items = [...randomRows(3, 40, 5, 4), [0, 0, 0, 0, 0]].map((row, i) => [`song-${i}`, ...row] as const);
let root: string;

beforeAll(async () => {
  root = keptDirectory();
  await makeSmallSnapshot(root, idA, { items, unplayed: ['never'] });
});

describe('a source to browse', () => {
  it('answers what similar answers, again and again', async () => {
    const { source, start } = await openNeighbourSource({ root, item: 'SONG-4' }, listening());
    try {
      expect(source.snapshot).toBe(idA);
      expect(start).toEqual({ row: 4, item: { id: 'song-4', name: 'SONG-4' } });
      for (const row of [4, 0, 39, 4]) {
        const options = { root, items: [`song-${row}`], k: 7, exact: true };
        const { neighbours } = await similar(options, listening());
        expect(source.neighbours(row, 7).map(({ item, similarity }) => ({ ...item, similarity }))).toEqual(
          neighbours.map(({ id, name, similarity }) => ({ id, name, similarity })),
        );
      }
      expect(source.neighbours(0, 1_000_000)).toHaveLength(39);
    } finally {
      source.close();
    }
  });

  it('searches by name, and finds what nobody played too', async () => {
    const { source, start } = await openNeighbourSource({ root }, listening());
    expect(start).toBeUndefined();
    expect(source.search('song-1', 3).map(({ item }) => item.id)).toEqual(['song-1', 'song-10', 'song-11']);
    expect(source.search('never', 3)).toEqual([{ row: 41, item: { id: 'never', name: 'NEVER' } }]);
    source.close();
  });

  it('says why an item has no neighbours', async () => {
    const { source } = await openNeighbourSource({ root }, listening());
    const without = (text: string) =>
      expect.objectContaining({ code: 'item-without-vector', message: expect.stringContaining(text) });
    expect(() => source.neighbours(40, 5)).toThrow(without('its vector is zero'));
    expect(() => source.neighbours(41, 5)).toThrow(without('nobody played it'));
    source.close();
  });

  it('holds the snapshot until it is closed, or until it cannot begin', async () => {
    const manifest = `${rootPath.snapshot(root, idA)}/manifest.json`;
    const isHeld = (): boolean => {
      const lock = tryLock(manifest, { shared: false });
      lock?.release();
      return lock === undefined;
    };
    const { source } = await openNeighbourSource({ root }, listening());
    expect(isHeld()).toBe(true);
    source.close();
    source.close();
    expect(isHeld()).toBe(false);
    await expect(openNeighbourSource({ root, item: 'nothing' }, listening())).rejects.toEqual(
      expect.objectContaining({ code: 'item-not-found' }),
    );
    await expect(openNeighbourSource({ root, item: 'never' }, listening())).rejects.toEqual(
      expect.objectContaining({ code: 'item-without-vector' }),
    );
    expect(isHeld()).toBe(false);
  });
});
