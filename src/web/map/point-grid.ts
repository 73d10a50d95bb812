/** The points of a map by cells of a grid, to find the one under a pointer among a million. */
import { mostPlace, noGroup, type CatalogueMap } from '../../core/map/map-format.js';
import type { Point } from './camera.js';

const cells = 256;

export interface PointGrid {
  /** The row whose point is nearest to a place on the map, at most `radius` away; undefined: none is. */
  nearest(at: Point, radius: number): number | undefined;
}

/** Where an item lies, in the unit square; undefined of one that has no place. */
export function pointOf(map: CatalogueMap, row: number): Point | undefined {
  const group = map.group[row];
  if (group === undefined || group === noGroup) return undefined;
  return { x: (map.x[row] ?? 0) / mostPlace, y: (map.y[row] ?? 0) / mostPlace };
}

export function gridOf(map: CatalogueMap): PointGrid {
  const { numItems, x, y, group } = map;
  const cellOf = (value: number): number =>
    Math.min(cells - 1, Math.floor((value * cells) / (mostPlace + 1)));
  const offsets = new Uint32Array(cells * cells + 1);
  const cellOfRow = (row: number): number => cellOf(y[row] ?? 0) * cells + cellOf(x[row] ?? 0);
  for (let row = 0; row < numItems; row++) if (group[row] !== noGroup) offsets[cellOfRow(row) + 1]! += 1;
  for (let cell = 0; cell < cells * cells; cell++) offsets[cell + 1]! += offsets[cell]!;
  const rows = new Uint32Array(offsets[cells * cells]!);
  const next = offsets.slice(0, cells * cells);
  for (let row = 0; row < numItems; row++) if (group[row] !== noGroup) rows[next[cellOfRow(row)]!++] = row;

  return {
    nearest(at, radius) {
      const [middleX, middleY, reach] = [at.x * mostPlace, at.y * mostPlace, radius * mostPlace];
      const [left, right, low, high] = [
        middleX - reach,
        middleX + reach,
        middleY - reach,
        middleY + reach,
      ].map((value) => cellOf(Math.min(mostPlace, Math.max(0, value)))) as [number, number, number, number];
      let found: number | undefined;
      let best = reach * reach;
      for (let cellY = low; cellY <= high; cellY++) {
        const from = offsets[cellY * cells + left]!;
        const to = offsets[cellY * cells + right + 1]!;
        for (let at = from; at < to; at++) {
          const row = rows[at]!;
          const distance = ((x[row] ?? 0) - middleX) ** 2 + ((y[row] ?? 0) - middleY) ** 2;
          if (distance > best || (distance === best && found !== undefined)) continue;
          best = distance;
          found = row;
        }
      }
      return found;
    },
  };
}
