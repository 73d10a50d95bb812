import { statSync, writeFileSync, chmodSync, truncateSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeMap } from '#dist/core/map/map-format.js';
import { MapMaker, type MapState } from '#dist/core/map/map-maker.js';
import { snapshotMap } from '#dist/core/map/snapshot-map.js';
import { readKeptMap } from '#dist/core/snapshot/kept-map.js';
import { rootPath, snapshotFile } from '#dist/core/snapshot/layout.js';
import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
import { makeSmallSnapshot } from '../../helpers/small-snapshot.js';
import { idA, idB, idC, listening } from '../../helpers/snapshots.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';
import { randomRows } from '../../helpers/vectors.js';

const temporaryDirectory = temporaryDirectories();
const longMs = 300_000;
let root: string;
let maker: MapMaker;

const itemsOf = (n: number): (readonly [string, ...number[]])[] =>
  randomRows(5, n, 6, 4).map((vector, row) => [`i${row}`, ...vector] as const);

beforeEach(async () => {
  root = temporaryDirectory();
  await makeSmallSnapshot(root, idA, { items: itemsOf(5) });
  maker = new MapMaker(root, 1);
});
afterEach(() => maker.close());

function bytesOf(state: MapState): Uint8Array<ArrayBuffer> {
  if ('bytes' in state) return state.bytes;
  throw new Error(`only ${JSON.stringify(state.progress)}`);
}

describe('a maker of maps', () => {
  it('makes one for all who ask at once, of the bytes that the calling thread would make', async () => {
    const states = await Promise.all([1, 2, 3].map(() => maker.of(idA, longMs)));
    const [first, ...others] = states.map(bytesOf);
    // The very same object, and not one that was made again.
    for (const other of others) expect(other).toBe(first);
    expect(bytesOf(await maker.of(idA, longMs))).toBe(first);
    expect(decodeMap(first!)?.numItems).toBe(5);
    const elsewhere = temporaryDirectory();
    await makeSmallSnapshot(elsewhere, idA, { items: itemsOf(5) });
    const snapshot = await openForReading(elsewhere, idA, listening());
    expect(await snapshotMap(snapshot, 2, listening())).toEqual(first);
    snapshot.close();
    // It holds the two that were asked for last.
    for (const id of [idB, idC]) await makeSmallSnapshot(root, id, { items: itemsOf(2) });
    const of = async (id: string): Promise<Uint8Array> => bytesOf(await maker.of(id, longMs));
    const [second, third] = [await of(idB), await of(idC)];
    expect(await of(idC)).toBe(third);
    expect(await of(idB)).toBe(second);
    expect(await of(idA)).not.toBe(first);
  });

  it('tells why there is none, and for the next who asks how far it is, while the event loop turns', async () => {
    await expect(maker.of(idB, longMs)).rejects.toMatchObject({ code: 'snapshot-not-found' });
    await makeSmallSnapshot(root, idB, { items: itemsOf(100) });
    expect(await maker.of(idB, 0)).toEqual({ progress: { phase: 'beginning', done: 0, total: 0 } });
    let turns = 0;
    const counting = setInterval(() => turns++, 5);
    const phases = new Set<string>();
    let state = await maker.of(idB, 20);
    while (!('bytes' in state)) {
      phases.add(state.progress.phase);
      expect(state.progress.done).toBeLessThanOrEqual(state.progress.total);
      state = await maker.of(idB, 20);
    }
    clearInterval(counting);
    expect(decodeMap(state.bytes)?.numItems).toBe(100);
    expect(phases).toContain('laying out the map');
    expect(turns).toBeGreaterThan(3);
  });

  it('ends what it makes when it is closed, and leaves nothing', async () => {
    await makeSmallSnapshot(root, idB, { items: itemsOf(400) });
    const waiting = maker.of(idB, longMs);
    const ended = expect(waiting).rejects.toMatchObject({ code: 'interrupted' });
    const isAtWork = (state: MapState): boolean =>
      !('progress' in state && state.progress.phase === 'beginning');
    while (!isAtWork(await maker.of(idB, 20)));
    maker.close();
    await ended;
    expect(readKeptMap(root, idB)).toBeUndefined();
  });
});

it('a maker of maps of a damaged snapshot says so', async () => {
  const path = `${rootPath.snapshot(root, idA)}/${snapshotFile.itemVectors}`;
  chmodSync(path, 0o644);
  truncateSync(path, statSync(path).size - 4);
  writeFileSync(path, '');
  await expect(maker.of(idA, longMs)).rejects.toMatchObject({ code: 'damaged-snapshot' });
});
