import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { isLeased } from '#dist/core/snapshot/lease.js';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { askedOf } from '#dist/core/options/operation.js';
import { openNeighbourSource } from '#dist/core/options/queries.js';
import { openBrowse } from '#dist/core/tasks/follow-neighbours.js';
import type { BrowseNews } from '#dist/core/tasks/follow-neighbours.js';
import { makeSmallSnapshot } from '../../helpers/small-snapshot.js';
import { idA, idB, listening, plantLink } from '../../helpers/snapshots.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';
import { randomRows } from '../../helpers/vectors.js';

const temporaryDirectory = temporaryDirectories();
let root: string;

beforeEach(async () => {
  root = temporaryDirectory();
  for (const [seed, id] of [idA, idB].entries()) {
    const items = randomRows(seed, 20, 4).map((row, i) => [`song-${seed + i}`, ...row] as const);
    await makeSmallSnapshot(root, id, { items });
  }
  plantLink(root, 'current', idA);
});

function held(): boolean[] {
  return [idA, idB].map((id) => isLeased(rootPath.snapshot(root, id)));
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const open = (given: object) => openBrowse(askedOf(openNeighbourSource, given), listening());

describe('browsing what is current', () => {
  it('is told of what is published, and lets the old one go when it is released', async () => {
    const opened = await open({ root, item: 'song-3' });
    expect([opened.source.snapshot, opened.start?.item.id]).toEqual([idA, 'song-3']);
    const news: BrowseNews[] = [];
    const stop = opened.subscribe((told) => news.push(told));
    plantLink(root, 'current', idB);
    await until(() => news.length > 0);
    const [told] = news;
    if (told?.kind !== 'published') throw new Error('not published');
    expect(told.source.snapshot).toBe(idB);
    // Another row, the same item.
    expect(opened.source.item('song-3')?.row).toBe(3);
    expect(told.source.item('song-3')?.row).toBe(2);
    expect(told.source.item('song-0')).toBeUndefined();
    expect(held()).toEqual([true, true]);
    expect(opened.source.neighbours(3, 2)).toHaveLength(2);
    opened.release();
    await until(() => !held()[0]!);
    expect(told.source.neighbours(2, 2)).toHaveLength(2);
    stop();
    told.release();
    await opened.close();
    expect(held()).toEqual([false, false]);
  });

  it('keeps the news for who listens later, and drops them where nobody does', async () => {
    const opened = await open({ root });
    plantLink(root, 'current', idB);
    await until(() => held()[1]!);
    plantLink(root, 'current', idA);
    await until(() => !held()[1]!);
    opened.release();
    await opened.close();
    expect(held()).toEqual([false, false]);
  });

  it('is told why what was published cannot be opened', async () => {
    rmSync(join(rootPath.snapshot(root, idB), 'model/item.npy'));
    const opened = await open({ root });
    const news: BrowseNews[] = [];
    opened.subscribe((told) => news.push(told));
    plantLink(root, 'current', idB);
    await until(() => news.length > 0);
    expect(news).toEqual([{ kind: 'failed', message: expect.stringContaining('model/item.npy') as string }]);
    expect(opened.source.neighbours(0, 1)).toHaveLength(1);
    opened.release();
    await opened.close();
  });

  it('stays in the snapshot that was named', async () => {
    const opened = await open({ root, snapshot: idA });
    const other = await open({ root });
    plantLink(root, 'current', idB);
    await until(() => held()[1]!);
    other.release();
    await other.close();
    expect([opened.source.snapshot, held()]).toEqual([idA, [true, false]]);
    await opened.close();
    expect(held()).toEqual([false, false]);
  });
});
