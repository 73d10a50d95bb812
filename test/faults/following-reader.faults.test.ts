/** A reader that lives for hundreds of published snapshots, beside a collector that keeps none of them for it. */
import { readFileSync, readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { followCurrent } from '#dist/core/publishing/follow-current.js';
import { openNeighbourSource } from '#dist/core/library.js';
import { gc } from '#dist/core/tasks/gc.js';
import { makeSmallSnapshot } from '../helpers/small-snapshot.js';
import { idA, idB, idC, listening, plantLink } from '../helpers/snapshots.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';
import { randomRows } from '../helpers/vectors.js';

const temporaryDirectory = temporaryDirectories();
const ids = [idA, idB, idC] as const;
const numSwitches = 500;

/** Open files, and mappings of files, of this process. */
function usage(): { readonly fds: number; readonly maps: number } {
  const maps = readFileSync('/proc/self/maps', 'utf8').split('\n');
  return {
    fds: readdirSync('/proc/self/fd').length,
    maps: maps.filter((line) => line.includes('/snapshots/')).length,
  };
}

async function rootOfThree(): Promise<string> {
  const root = temporaryDirectory();
  for (const [seed, id] of ids.entries()) {
    const items = randomRows(seed, 30, 4).map((row, i) => [`song-${i}`, ...row] as const);
    await makeSmallSnapshot(root, id, { items });
  }
  plantLink(root, 'current', idA);
  return root;
}

it(
  `has as many files open and mapped after ${numSwitches} switches as after 20, and answers from one snapshot each time`,
  { tags: ['linux'] },
  async () => {
    const root = await rootOfThree();
    const failures: unknown[] = [];
    const follower = await followCurrent(
      { root, pollMs: 1_000_000, onFailure: (error) => failures.push(error) },
      async (snapshot, context) => (await openNeighbourSource({ root, snapshot }, context)).source,
      listening(),
    );
    let before = usage();
    for (let at = 1; at <= numSwitches; at++) {
      const id = ids[at % 3]!;
      plantLink(root, 'current', id);
      const [during] = await Promise.all([
        follower.use((source, snapshot) => [source.snapshot === snapshot, source.neighbours(0, 3).length]),
        follower.look(),
      ]);
      expect(failures).toEqual([]);
      expect(during).toEqual([true, 3]);
      expect(await follower.use((source) => source.snapshot)).toBe(id);
      if (at === 20) before = usage();
    }
    expect(usage().fds).toBeLessThanOrEqual(before.fds + 2);
    expect(usage().maps).toBeLessThanOrEqual(before.maps);
    await follower.close();
    expect(failures).toEqual([]);
  },
);

it('keeps what it reads from a collector, and nothing that it is done with', async () => {
  const root = await rootOfThree();
  plantLink(root, 'latest', idC);
  const follower = await followCurrent(
    { root, pollMs: 1_000_000 },
    async (snapshot, context) => (await openNeighbourSource({ root, snapshot }, context)).source,
    listening(),
  );
  const held = follower.hold();
  plantLink(root, 'current', idB);
  await follower.look();
  const collect = (): Promise<unknown> => gc({ root, keep: 0, dryRun: false }, listening());
  await collect();
  expect(readdirSync(rootPath.snapshots(root))).toEqual([idA, idB, idC]);
  expect(held.opened.neighbours(0, 3)).toHaveLength(3);
  held.release();
  // It is closed some turns of the event loop later.
  const left = async (): Promise<string[]> => {
    await collect();
    return readdirSync(rootPath.snapshots(root));
  };
  await expect.poll(left).toEqual([idB, idC]);
  expect(await follower.use((source) => source.neighbours(0, 3))).toHaveLength(3);
  await follower.close();
});
