import { beforeAll, describe, expect, it } from 'vitest';
import { layOut, landmarkRows } from '#dist/core/map/lay-out.js';
import {
  decodeMap,
  emptyMap,
  encodeMap,
  mostGroups,
  noGroup,
  type CatalogueMap,
} from '#dist/core/map/map-format.js';
import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
import { makeSmallSnapshot } from '../../helpers/small-snapshot.js';
import { idA, listening } from '../../helpers/snapshots.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';
import { cosine, randomRows, type Rows } from '../../helpers/vectors.js';

const temporaryDirectory = temporaryDirectories();

/** A root with a snapshot of these vectors. */
async function rootWith(rows: Rows): Promise<string> {
  const root = temporaryDirectory();
  const items = rows.map((vector, row) => [`i${row}`, ...vector] as const);
  await makeSmallSnapshot(root, idA, { items });
  return root;
}

async function mapOf(
  rows: Rows,
  options: { readonly threads?: number; readonly mostLandmarks?: number } = {},
): Promise<CatalogueMap> {
  const snapshot = await openForReading(await rootWith(rows), idA, listening());
  try {
    return await layOut(snapshot, { threads: 1, ...options }, listening());
  } finally {
    snapshot.close();
  }
}

/** The share of items whose nearest one is among the `among` nearest on the map. */
function keptShare(rows: Rows, { x, y }: CatalogueMap, among: number): number {
  const kept = rows.filter((row, query) => {
    const others = rows.map((_, at) => at).filter((at) => at !== query);
    const near = (at: number): number => cosine(row, rows[at]!);
    const [best] = others.toSorted((a, b) => near(b) - near(a));
    const away = (at: number): number => Math.hypot(x[at]! - x[query]!, y[at]! - y[query]!);
    return others
      .toSorted((a, b) => away(a) - away(b))
      .slice(0, among)
      .includes(best!);
  });
  return kept.length / rows.length;
}

const clustered = randomRows(3, 150, 12, 12);
/** Of all as landmarks, and of a quarter of them: three in four items lie between others. */
let whole: CatalogueMap;
let between: CatalogueMap;
beforeAll(async () => {
  whole = await mapOf(clustered);
  between = await mapOf(clustered, { mostLandmarks: 38 });
});

describe('a map', () => {
  it('has the same bytes at any number of threads, and a second time', async () => {
    expect(await mapOf(clustered, { threads: 3 })).toEqual(whole);
    expect(await mapOf(clustered, { threads: 2, mostLandmarks: 38 })).toEqual(between);
  });

  it('keeps items together that are alike, as no plane through the vectors does', () => {
    expect(keptShare(clustered, whole, 10)).toBeGreaterThan(0.85);
    expect(keptShare(clustered, between, 20)).toBeGreaterThan(0.7);
  });

  it('fills its square on one scale, and colours what is alike alike', () => {
    const { x, y, group } = whole;
    const extents = [x, y].map((values) => [Math.min(...values), Math.max(...values)] as const);
    const widths = extents.map(([low, high]) => high - low);
    expect(Math.max(...widths)).toBeGreaterThan(60_000);
    expect(Math.min(...widths)).toBeGreaterThan(15_000);
    expect(group[0]).toBe(0);
    expect(new Set(group).size).toBe(mostGroups);
    // Of an item and its nearest one.
    const same = clustered.filter((row, at) => {
      const near = (other: number): number => (other === at ? -2 : cosine(row, clustered[other]!));
      const best = clustered.reduce((most, _, other) => (near(other) > near(most) ? other : most), 0);
      return group[best] === group[at];
    });
    expect(same.length / clustered.length).toBeGreaterThan(0.85);
  });

  it('of one item, of few, and of equal ones is made', async () => {
    const one = await mapOf([[3, 4]]);
    expect(one).toEqual({
      ...emptyMap(1),
      x: Uint16Array.of(32768),
      y: Uint16Array.of(32768),
      group: Uint8Array.of(0),
    });
    for (const n of [2, 3, 4, 5, 12]) {
      const { x, y, group } = await mapOf(randomRows(n, n, 3));
      expect(new Set(Array.from(x, (value, row) => `${value} ${y[row]!}`)).size, String(n)).toBe(n);
      expect([...group].every((number) => number < mostGroups)).toBe(true);
    }
    const equal = await mapOf(Array.from({ length: 40 }, () => [1, 2, 3]));
    expect(new Set(equal.x)).toEqual(new Set([32768]));
    const halves = await mapOf(Array.from({ length: 60 }, (_, row) => (row % 2 === 0 ? [1, 0] : [0, 1])));
    expect([...halves.group].every((number, row) => number === halves.group[row % 2])).toBe(true);
  });

  it('of one dimension has two ends', async () => {
    const { x } = await mapOf(Array.from({ length: 30 }, (_, row) => [row % 2 === 0 ? 1 + row : -1 - row]));
    const [even, odd] = [0, 1].map((side) => [...x].filter((_, row) => row % 2 === side));
    expect(Math.max(...even!) < Math.min(...odd!) || Math.max(...odd!) < Math.min(...even!)).toBe(true);
  });

  it('leaves items out whose vector is zero', async () => {
    const rows = clustered.slice(0, 60).map((row, at) => (at % 5 === 0 ? row.map(() => 0) : row));
    for (const mostLandmarks of [1000, 20]) {
      const { group } = await mapOf(rows, { mostLandmarks });
      expect([...group].every((number, at) => (number === noGroup) === (at % 5 === 0))).toBe(true);
    }
    const none = await mapOf([
      [0, 0],
      [0, 0],
    ]);
    expect(none).toEqual(emptyMap(2));
  });

  it('is refused to a model without vectors', async () => {
    const snapshot = await openForReading(await rootWith([[1, 2]]), idA, listening());
    const { manifest } = snapshot;
    const model = { ...manifest.model, name: 'popularity', scorer: 'constant' as const };
    const asConstant = { ...snapshot, manifest: { ...manifest, model } };
    await expect(layOut(asConstant, { threads: 1 }, listening())).rejects.toMatchObject({
      code: 'missing-part',
    });
    snapshot.close();
  });

  it('ends when it is aborted, and says how far it is', async () => {
    const snapshot = await openForReading(await rootWith(clustered), idA, listening());
    const ending = new AbortController();
    const context = listening(ending.signal);
    const onProgress: typeof context.onProgress = (progress) => {
      context.onProgress(progress);
      if (progress.kind === 'step' && progress.done === 5) ending.abort();
    };
    const made = layOut(snapshot, { threads: 1 }, { signal: ending.signal, onProgress });
    await expect(made).rejects.toMatchObject({ code: 'interrupted' });
    expect(context.told).toHaveLength(6);
    snapshot.close();
  });
});

it('landmarks are all items, or the most played and others at even distances', () => {
  expect(landmarkRows(3, 10)).toEqual(Uint32Array.of(0, 1, 2));
  expect(landmarkRows(100, 8)).toEqual(Uint32Array.of(0, 1, 2, 3, 4, 28, 52, 76));
  for (const n of [10, 11, 1000, 999_983]) {
    const rows = landmarkRows(n, 10);
    expect(rows).toHaveLength(10);
    expect([...rows].every((row, at) => row < n && (at === 0 || row > rows[at - 1]!))).toBe(true);
  }
});

describe('the bytes of a map', () => {
  it('are those of docs/reference/map.md', () => {
    const map = {
      numItems: 2,
      x: Uint16Array.of(1, 0x0203),
      y: Uint16Array.of(65_535, 0),
      popularity: Uint8Array.of(255, 7),
      group: Uint8Array.of(0, noGroup),
    };
    const bytes = encodeMap(map);
    expect(Buffer.from(bytes).toString('hex')).toBe(
      '53454755454d4150' + '01000000' + '02000000' + '01000302' + 'ffff0000' + 'ff07' + '00ff',
    );
    expect(decodeMap(bytes)).toEqual(map);
    // At any place in memory.
    const moved = new Uint8Array(bytes.length + 1);
    moved.set(bytes, 1);
    expect(decodeMap(moved.subarray(1))).toEqual(map);
  });

  it('are no others', () => {
    const bytes = encodeMap(emptyMap(3));
    expect(decodeMap(bytes)).toEqual(emptyMap(3));
    for (let length = 0; length < bytes.length; length++)
      expect(decodeMap(bytes.subarray(0, length))).toBeUndefined();
    for (let at = 0; at < 16; at++)
      expect(decodeMap(bytes.map((byte, place) => (place === at ? byte ^ 1 : byte)))).toBeUndefined();
  });
});
