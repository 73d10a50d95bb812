/** Symmetric matrices in kernel memory stand as tiles of their lower triangle: kernels/tiles.ts has the layout. */
import { matrixTileBytes as tileBytes, matrixTileRows as tileSize } from './kernel-exports.js';
import { allocatedBytes } from './workspace.js';

export { tileBytes, tileSize };

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
