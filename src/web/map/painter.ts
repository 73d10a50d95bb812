/** Whatever draws the points of a map into a canvas. */
import type { CatalogueMap } from '../../core/map/map-format.js';
import { canvasPainter } from './canvas-painter.js';
import type { Painter } from './scene.js';
import { webglPainter } from './webgl-painter.js';

/** With WebGL where there is any, else in two dimensions; undefined where the canvas can do neither. */
export function openPainter(
  canvas: HTMLCanvasElement,
  map: CatalogueMap,
  withWebgl: boolean,
): Painter | undefined {
  return (withWebgl ? webglPainter(canvas, map) : undefined) ?? canvasPainter(canvas, map);
}
