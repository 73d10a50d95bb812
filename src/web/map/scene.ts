/** What is drawn of a map's points, and how large they are. */
import type { Camera, Size } from './camera.js';

export interface Scene {
  readonly camera: Camera;
  /** In CSS pixels. */
  readonly size: Size;
  /** Pixels of the canvas for one of CSS. */
  readonly ratio: number;
  /** By group: red, green and blue of 0 … 1. */
  readonly colours: readonly (readonly [number, number, number])[];
  /** 0 … 1: less than 1 where something else is to be seen before the points. */
  readonly opacity: number;
  /** So many of the most played items, and no others: all, but fewer while the picture moves. */
  readonly count: number;
}

export interface Painter {
  readonly kind: 'webgl' | 'canvas';
  paint(scene: Scene): void;
  close(): void;
}

/** The diameter of a point in CSS pixels. @param popularity 0 … 255 */
export function pointSize({ zoom }: Camera, numItems: number, popularity: number): number {
  return baseSize(zoom, numItems) * (0.6 + (1.4 * popularity) / 255);
}

/** Of many items points are small, and grow as the map does, but slower. */
export function baseSize(zoom: number, numItems: number): number {
  const dense = 5 - 0.8 * Math.max(0, Math.log10(Math.max(1, numItems)) - 2);
  return Math.min(9, dense * Math.sqrt(Math.sqrt(zoom)));
}
