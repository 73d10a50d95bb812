import { allocatedBytes } from './workspace.js';

/** Symmetric matrices in kernel memory stand as tiles of their lower triangle: kernels/tiles.ts has the layout. */
export const tileSize = 64;
/** Bytes of a tile, and of a pack: f64 [64 × 64]. */
export const tileBytes = tileSize * tileSize * 8;

/** Rows of tiles that a matrix of n rows has. */
export function tileRows(n: number): number {
  return Math.ceil(n / tileSize);
}

/** Tiles of the lower triangle of a matrix of n rows, its diagonal included. */
export function numTiles(n: number): number {
  return (tileRows(n) * (tileRows(n) + 1)) / 2;
}

/** Bytes of a matrix of n rows: about 4n². */
export function triangleBytes(n: number): number {
  return allocatedBytes(numTiles(n) * tileBytes);
}

/** Place of tile (i, j), j ≤ i, among the tiles. */
export function tileNumber(i: number, j: number): number {
  return (i * (i + 1)) / 2 + j;
}
