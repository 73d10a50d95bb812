import { readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { followCurrent } from '#dist/core/publishing/follow-current.js';
import { openReader } from '#dist/core/library.js';
import { snapshotFile } from '#dist/core/snapshot/layout.js';
import { readCurrent } from '#dist/core/snapshot/resolve-reference.js';
import { listening } from '../../helpers/snapshots.js';
import { useCanaryHere } from '../../helpers/canary-here.js';
import { idOf, makeReaderRoot } from '../../helpers/reader-root.js';
import type { Folder } from '../../helpers/trained-root.js';

useCanaryHere();

let folder: Folder;
let root: string;
let first: string;
let second: string;

beforeAll(async () => {
  ({ folder, root, first, second } = await makeReaderRoot());
});
afterAll(() => folder.remove());

describe('a reader', () => {
  it('opens vectors once where there is no index, whether or not one is to be used', async () => {
    const reader = await openReader(root, first, listening());
    for (const kind of ['item', 'artist']) {
      const question = { items: [idOf(1)], k: 3, kind };
      const fast = await reader.similar(question);
      const opened = readdirSync('/dev/fd').length;
      expect(await reader.similar({ ...question, exact: true })).toEqual(fast);
      expect(readdirSync('/dev/fd')).toHaveLength(opened);
    }
    await reader.close();
  });

  it('says what a name means', async () => {
    const reader = await openReader(root, first, listening());
    expect(await reader.item('title 7')).toMatchObject({ id: 'song-7', name: 'Title 7', artist: 'Artist 7' });
    expect(await reader.item('Artist 4', 'artist')).toMatchObject({ name: 'Artist 4', kind: 'artist' });
    await expect(reader.item('Title 777')).rejects.toMatchObject({ code: 'item-not-found' });
    await expect(reader.item('Title 7', 'genre')).rejects.toMatchObject({ code: 'missing-part' });
    await reader.close();
  });

  it.each([0, 2])('lets calls end before it closes, and answers none after (%i workers)', async (workers) => {
    const reader = await openReader(root, first, listening(), { workers });
    const question = { items: [idOf(1)], k: 3, where: 'released > 1971' };
    const answers = Array.from({ length: 5 }, () => reader.similar(question));
    const closed = reader.close();
    await expect(reader.similar(question)).rejects.toThrow('this reader was closed');
    for (const answer of await Promise.all(answers)) expect(answer.neighbours).toHaveLength(3);
    await Promise.all([closed, reader.close()]);
    await expect(reader.item(idOf(1))).rejects.toThrow('this reader was closed');
  });

  it('lets the event loop turn between calls, however many ask at once', async () => {
    const reader = await openReader(root, first, listening());
    const question = { items: [idOf(1)], k: 3 };
    await reader.similar(question);
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns++;
      if (!isOver) setImmediate(count);
    };
    count();
    await Promise.all(Array.from({ length: 40 }, () => reader.similar(question)));
    isOver = true;
    expect(turns).toBeGreaterThanOrEqual(39);
    await reader.close();
  });

  it('reads once which artist made what, however often artists are excluded', async () => {
    const reader = await openReader(root, first, listening());
    const ask = async (kind: string, ...artists: number[]) => {
      const exclude = artists.map((artist) => `artist:Artist ${artist}`);
      const who = { users: ['user-3'], includeHeard: true };
      const [answer] = await reader.recommend({ ...who, k: 100, kind, exclude });
      return answer!.recommendations;
    };
    expect((await ask('item', 2)).map(({ artist }) => artist)).not.toContain('Artist 2');
    const wanted = [await ask('item', 4, 5), await ask('album', 4, 5)];
    expect(wanted[0]!.every(({ artist }) => artist !== 'Artist 4' && artist !== 'Artist 5')).toBe(true);
    const files = [snapshotFile.artistOfItem, snapshotFile.albumOfItem].map((name) =>
      join(reader.snapshot.path, name),
    );
    for (const file of files) renameSync(file, `${file}.away`);
    try {
      expect([await ask('item', 4, 5), await ask('album', 4, 5)]).toEqual(wanted);
    } finally {
      for (const file of files) renameSync(`${file}.away`, file);
    }
    await reader.close();
  });

  it('is swapped for another one when that is published', async () => {
    const songs = await followCurrent(
      { root, pollMs: 1_000_000 },
      (snapshot, context) => openReader(root, snapshot, context),
      listening(),
    );
    expect(readCurrent(root)).toBe(first);
    const question = { users: ['user-3'] };
    const ask = (): Promise<number[]> =>
      songs.use(async (reader) => {
        const [vector] = await reader.userVector(question);
        expect(vector!.snapshot).toBe(reader.snapshot.id);
        return [...vector!.vector];
      });
    expect(await ask()).toHaveLength(8);
    const held = songs.hold();
    await folder.segue(['publish', second]);
    await songs.look();
    expect(await ask()).toHaveLength(6);
    expect((await held.opened.userVector(question))[0]!.vector).toHaveLength(8);
    held.release();
    await songs.close();
    await expect(held.opened.userVector(question)).rejects.toThrow('this reader was closed');
    await folder.segue(['publish', first]);
  });
});
