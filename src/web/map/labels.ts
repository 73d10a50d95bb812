/** Which items of a map are named: the most played of those that are seen, where their names do not meet. */
import type { CatalogueMap } from '../../core/map/map-format.js';
import { toPicture, type Camera, type Point, type Size } from './camera.js';
import { pointOf } from './point-grid.js';

/** Room that a name takes, in pixels. */
const labelWidth = 150;
const labelHeight = 26;
/** A point so near to the side has its name beside it, on the other side. */
const edge = 110;
const mostLabels = 24;
/** The most played items that are seen are looked at, and no others. */
const mostLookedAt = 4000;

/** Where a name at a point starts: in its middle, but for points near to the sides. */
export function anchorOf(x: number, { width }: Size): 'start' | 'middle' | 'end' {
  return x < edge ? 'start' : x > width - edge ? 'end' : 'middle';
}

function middleOf(at: Point, size: Size): Point {
  const shift = { start: labelWidth / 2, middle: 0, end: -labelWidth / 2 }[anchorOf(at.x, size)];
  return { x: at.x + shift, y: at.y };
}

/** Rows, the most played first. */
export function labelledRows(map: CatalogueMap, camera: Camera, size: Size): number[] {
  const rows: number[] = [];
  const middles: Point[] = [];
  let seen = 0;
  for (let row = 0; row < map.numItems && seen < mostLookedAt && rows.length < mostLabels; row++) {
    const point = pointOf(map, row);
    if (point === undefined) continue;
    const at = toPicture(point, camera, size);
    if (at.x < 0 || at.y < labelHeight || at.x > size.width || at.y > size.height) continue;
    seen++;
    const middle = middleOf(at, size);
    const isFree = middles.every(
      ({ x, y }) => Math.abs(x - middle.x) > labelWidth || Math.abs(y - middle.y) > labelHeight,
    );
    if (!isFree) continue;
    rows.push(row);
    middles.push(middle);
  }
  return rows;
}
