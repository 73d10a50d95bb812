/** Points on a canvas in two dimensions, where there is no WebGL: the most played, as many as a frame has time for. */
import type { CatalogueMap } from '../../core/map/map-format.js';
import { toPicture } from './camera.js';
import { pointSize, type Painter } from './scene.js';
import { pointOf } from './point-grid.js';

const mostPoints = 20_000;

/** undefined where the canvas has another context already. */
export function canvasPainter(canvas: HTMLCanvasElement, map: CatalogueMap): Painter | undefined {
  const context = canvas.getContext('2d');
  if (context === null) return undefined;
  return {
    kind: 'canvas',
    paint({ camera, size, ratio, colours, opacity, count }) {
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.clearRect(0, 0, size.width, size.height);
      context.globalAlpha = opacity;
      const styles = colours.map(
        (colour) => `rgb(${colour.map((part) => String(Math.round(255 * part))).join(' ')})`,
      );
      let left = mostPoints;
      const seen: number[] = [];
      for (let row = 0; row < count && left > 0; row++) {
        const point = pointOf(map, row);
        if (point === undefined) continue;
        const { x, y } = toPicture(point, camera, size);
        if (x < -9 || y < -9 || x > size.width + 9 || y > size.height + 9) continue;
        seen.push(row, x, y);
        left--;
      }
      // The most played over the others.
      for (let at = seen.length - 3; at >= 0; at -= 3) {
        const row = seen[at]!;
        context.fillStyle = styles[map.group[row] ?? 0] ?? 'gray';
        context.beginPath();
        context.arc(
          seen[at + 1]!,
          seen[at + 2]!,
          pointSize(camera, map.numItems, map.popularity[row] ?? 0) / 2,
          0,
          2 * Math.PI,
        );
        context.fill();
      }
    },
    close: () => undefined,
  };
}
