import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openPool } from '#dist/core/compute/pool.js';
import { openExactSearch } from '#dist/core/search/exact-search.js';
import { allocateIvfRows, buildIvf, defaultLists, ivfPoolSizes } from '#dist/core/search/ivf-build.js';
import { ivfFileChunks, type IvfPaths } from '#dist/core/search/ivf-files.js';
import { wholeGap } from '#dist/core/search/ivf-index.js';
import { openIvfSearch } from '#dist/core/search/ivf-search.js';
import type { NeighbourSearch } from '#dist/core/search/neighbour-search.js';
import { openVectorFile } from '#dist/core/compute/vector-file.js';
import { writeVectors, type Rows } from './vectors.js';

export interface IvfBuildOptions {
  readonly lists?: number;
  readonly targetRecall?: number;
  readonly seed?: number;
  readonly threads?: number;
}

/** Builds over `rows` and writes the files into `folder`. */
export async function buildIvfFiles(
  folder: string,
  rows: Rows,
  options: IvfBuildOptions = {},
  name = 'index',
) {
  const { lists = defaultLists(rows.length), targetRecall = 0.95, seed = 42, threads = 1 } = options;
  const path = (part: string) => join(folder, `${name}.${part}.npy`);
  const file = openVectorFile(writeVectors(path('vectors'), rows));
  const sizes = ivfPoolSizes(file.numRows, file.paddedDim, lists);
  const pool = openPool({ threads, ...sizes, signal: new AbortController().signal });
  try {
    const matrix = allocateIvfRows(pool, file.numRows, file.paddedDim);
    file.readAllInto(pool.workspace, matrix.address);
    const { index, tuning } = await buildIvf(pool, matrix, { lists, targetRecall, seed }, () => {});
    const paths: Record<string, string> = { vectors: path('vectors') };
    for (const [part, chunks] of Object.entries(ivfFileChunks(pool.workspace, index))) {
      paths[part] = path(part);
      const copies: Buffer[] = [];
      for (const chunk of chunks) copies.push(Buffer.from(chunk));
      writeFileSync(path(part), Buffer.concat(copies));
    }
    return {
      ...tuning,
      numLists: index.numLists,
      numRegions: index.numRegions,
      rows: [...pool.workspace.u32(index.rows, index.numListed)],
      offsets: [...pool.workspace.u32(index.offsets, index.numLists + 1)],
      paths: paths as unknown as IvfPaths,
    };
  } finally {
    await pool.close();
    file.close();
  }
}

/** The bytes of every file of an index. */
export function ivfBytesOf(paths: IvfPaths): Record<string, Buffer> {
  return Object.fromEntries(
    Object.entries(paths).map(([part, path]) => [part, readFileSync(path as string)]),
  );
}

/** A search that reads everything, unless it is told what. */
export function searchAll(
  paths: IvfPaths,
  options: { maxK?: number; inMemory?: boolean } = {},
): NeighbourSearch {
  const { maxK = 1000, inMemory = false } = options;
  return openIvfSearch(paths, { probes: () => ({ gap: wholeGap, lists: 2 ** 31 }), maxK, inMemory });
}

export function exactOf(paths: IvfPaths, maxK = 1000): NeighbourSearch {
  return openExactSearch(openVectorFile(paths.vectors), { measure: 'cosine', maxK, inMemory: true });
}
