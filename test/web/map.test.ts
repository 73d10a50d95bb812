import { describe, expect, it } from 'vitest';
import type { CatalogueMap } from '../../src/core/map/map-format.js';
import {
  around,
  pannedBy,
  toMap,
  toPicture,
  wholeMap,
  zoomedAt,
  type Camera,
} from '../../src/web/map/camera.js';
import { labelledRows } from '../../src/web/map/labels.js';
import { gridOf, pointOf } from '../../src/web/map/point-grid.js';

const size = { width: 800, height: 500 };

/** Seeded, without Node's own. */
function fractions(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
}

function randomMap(numItems: number, seed = 7): CatalogueMap {
  const next = fractions(seed);
  return {
    numItems,
    x: Uint16Array.from({ length: numItems }, () => Math.floor(65_536 * next())),
    y: Uint16Array.from({ length: numItems }, () => Math.floor(65_536 * next())),
    popularity: Uint8Array.from({ length: numItems }, (_, row) => Math.max(0, 255 - row)),
    group: Uint8Array.from({ length: numItems }, (_, row) => (row % 7 === 3 ? 255 : row % 8)),
  };
}

const close = (a: { x: number; y: number }, b: { x: number; y: number }): void => {
  expect(a.x).toBeCloseTo(b.x, 9);
  expect(a.y).toBeCloseTo(b.y, 9);
};

describe('what is seen of a map', () => {
  const camera: Camera = { x: 0.3, y: 0.6, zoom: 7 };

  it('is all of it at first, upright', () => {
    close(toPicture({ x: 0, y: 0 }, wholeMap, size), { x: 150, y: 500 });
    close(toPicture({ x: 1, y: 1 }, wholeMap, size), { x: 650, y: 0 });
  });

  it('leads from the picture to the map and back', () => {
    for (const at of [
      { x: 0, y: 0 },
      { x: 799, y: 3 },
      { x: 400, y: 250 },
    ])
      close(toPicture(toMap(at, camera, size), camera, size), at);
  });

  it('follows a drag, and keeps what is under the pointer when it is enlarged', () => {
    const at = { x: 120, y: 410 };
    const point = toMap(at, camera, size);
    close(toPicture(point, pannedBy(camera, 30, -50, size), size), { x: 150, y: 360 });
    for (const factor of [1.5, 0.7, 3]) close(toPicture(point, zoomedAt(camera, factor, at, size), size), at);
  });

  it('never leaves the map, nor is smaller than it', () => {
    expect(zoomedAt(camera, 1e-9, { x: 5, y: 5 }, size)).toEqual(wholeMap);
    expect(zoomedAt(camera, 1e9, { x: 5, y: 5 }, size).zoom).toBe(400);
    expect(pannedBy(camera, 1e9, 1e9, size)).toMatchObject({ x: 0, y: 1 });
  });

  it('goes to where points are, so near that all are in it', () => {
    const points = [
      { x: 0.7, y: 0.2 },
      { x: 0.72, y: 0.25 },
    ];
    for (const point of points) {
      const { x, y } = toPicture(point, around(points), size);
      expect(x > 20 && x < size.width - 20 && y > 20 && y < size.height - 20).toBe(true);
    }
    expect(around([points[0]!, points[0]!]).zoom).toBeLessThan(100);
  });
});

describe('the point under a pointer', () => {
  it('is the nearest one, as a look at all of them finds it', () => {
    const map = randomMap(500);
    const grid = gridOf(map);
    const next = fractions(3);
    for (let turn = 0; turn < 300; turn++) {
      const [at, radius] = [{ x: next() * 1.1 - 0.05, y: next() * 1.1 - 0.05 }, next() * 0.1];
      let best: number | undefined;
      let least = radius;
      for (let row = 0; row < map.numItems; row++) {
        const point = pointOf(map, row);
        const away = point === undefined ? Infinity : Math.hypot(point.x - at.x, point.y - at.y);
        if (away < least) [best, least] = [row, away];
      }
      expect(grid.nearest(at, radius)).toBe(best);
    }
  });

  it('is found at the edges, and never one without a place', () => {
    const map = { ...randomMap(2), x: Uint16Array.of(0, 65_535), y: Uint16Array.of(0, 65_535) };
    const grid = gridOf({ ...map, group: Uint8Array.of(0, 0) });
    expect(grid.nearest({ x: 0, y: 0 }, 0.01)).toBe(0);
    expect(grid.nearest({ x: 1.004, y: 1 }, 0.01)).toBe(1);
    expect(gridOf({ ...map, group: Uint8Array.of(255, 0) }).nearest({ x: 0, y: 0 }, 0.01)).toBeUndefined();
  });
});

it('the items that are named are the most played that are seen, and no two at one place', () => {
  const map = randomMap(3000);
  const rows = labelledRows(map, wholeMap, size);
  expect(rows[0]).toBe(0);
  expect(rows.length).toBeGreaterThan(10);
  // Names near to the sides stand beside their points.
  const places = rows
    .map((row) => toPicture(pointOf(map, row)!, wholeMap, size))
    .filter(({ x }) => x > 110 && x < size.width - 110);
  places.forEach((one, at) => {
    for (const other of places.slice(at + 1))
      expect(Math.abs(one.x - other.x) > 150 || Math.abs(one.y - other.y) > 26).toBe(true);
  });
  const near = labelledRows(map, { x: 0.5, y: 0.5, zoom: 20 }, size);
  expect(near).not.toEqual(rows);
  expect(labelledRows({ ...map, group: map.group.map(() => 255) }, wholeMap, size)).toEqual([]);
});
