/** What part of a map is seen: pure, in CSS pixels of the picture and in the unit square of the map, whose y goes up. */

export interface Camera {
  /** The place in the middle of the picture. */
  readonly x: number;
  readonly y: number;
  /** 1: the whole map fits. */
  readonly zoom: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** On the map, or in the picture. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export const wholeMap: Camera = { x: 0.5, y: 0.5, zoom: 1 };
const mostZoom = 400;

/** Pixels that the map's width takes. */
export function sideOf({ width, height }: Size, { zoom }: Camera): number {
  return Math.min(width, height) * zoom;
}

export function toPicture({ x, y }: Point, camera: Camera, size: Size): Point {
  const side = sideOf(size, camera);
  return { x: size.width / 2 + (x - camera.x) * side, y: size.height / 2 - (y - camera.y) * side };
}

export function toMap({ x, y }: Point, camera: Camera, size: Size): Point {
  const side = sideOf(size, camera);
  return { x: camera.x + (x - size.width / 2) / side, y: camera.y - (y - size.height / 2) / side };
}

/** Moves what is seen by so many pixels; the middle stays on the map. */
export function pannedBy(camera: Camera, dx: number, dy: number, size: Size): Camera {
  const side = sideOf(size, camera);
  return within({ ...camera, x: camera.x - dx / side, y: camera.y + dy / side });
}

/** Enlarges by a factor; what is at a place of the picture stays there. */
export function zoomedAt(camera: Camera, factor: number, at: Point, size: Size): Camera {
  const fixed = toMap(at, camera, size);
  const zoom = Math.min(mostZoom, Math.max(1, camera.zoom * factor));
  const by = camera.zoom / zoom;
  return within({ x: fixed.x + (camera.x - fixed.x) * by, y: fixed.y + (camera.y - fixed.y) * by, zoom });
}

/** So near that all of the points are seen, with some room around. */
export function around(points: readonly Point[]): Camera {
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [low, high] = [Math.min(...ys), Math.max(...ys)];
  const extent = Math.max(right - left, high - low, 1 / 64);
  return within({ x: (left + right) / 2, y: (low + high) / 2, zoom: Math.min(mostZoom, 0.6 / extent) });
}

function within({ x, y, zoom }: Camera): Camera {
  const inside = (value: number): number => Math.min(1, Math.max(0, value));
  return zoom <= 1 ? wholeMap : { x: inside(x), y: inside(y), zoom };
}
