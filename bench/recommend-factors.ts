/**
 * Factors to recommend from, for bench/recommend.ts: users.npy f32 [users × dim] and item-factors.npy f32 [items × dim] beside
 * train-indptr.npy and train-item.npy, what each user has heard, in one folder.
 */
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openPool } from '#dist/core/compute/pool.js';
import type { Factors } from '#dist/core/compute/factors.js';
import { npyHeader, readNpy } from '#dist/core/files/npy.js';
import { transpose } from '#dist/core/numeric/csr.js';
import { historyFile, snapshotFile } from '#dist/core/snapshot/layout.js';
import { resolveAlsOptions } from '#dist/core/models/als/als-options.js';
import { alsMemory, alsShape, trainAls } from '#dist/core/models/als/train-als.js';
import { plantedSizes, writePlantedPairs } from './planted-pairs.js';
import { readPairs } from './read-pairs.js';

/** Trains on the planted pairs of a size, a few epochs; what is there already is used again. */
export async function plantedFactors(
  folder: string,
  size: keyof typeof plantedSizes,
  dim: number,
): Promise<void> {
  if (existsSync(join(folder, 'item-factors.npy'))) return;
  mkdirSync(folder, { recursive: true });
  writePlantedPairs(folder, plantedSizes[size], 1);
  const byUser = readPairs(folder);
  const { items } = plantedSizes[size];
  const options = resolveAlsOptions({
    ...{ factors: dim, epochs: 6, objective: 'hu', reg: 10, init: 'svd', cgSteps: 2, seed: 42 },
  });
  const memory = alsMemory(alsShape(byUser, items), options.factors);
  const pool = openPool({ threads: 2, ...memory, signal: new AbortController().signal });
  const write = (name: string, side: Factors): void => {
    const data = new Float32Array(side.numRows * dim);
    for (let row = 0; row < side.numRows; row++)
      data.set(pool.workspace.f32(side.address + row * side.dim * 4, dim), row * dim);
    const header = npyHeader('<f4', [side.numRows, dim]);
    writeFileSync(join(folder, `${name}.npy`), Buffer.concat([header, new Uint8Array(data.buffer)]));
  };
  const afterEpoch = (
    { epoch }: { readonly epoch: number },
    sides: { readonly users: Factors; readonly items: Factors },
  ): Promise<boolean> => {
    if (epoch === options.epochs) {
      write('users', sides.users);
      write('item-factors', sides.items);
    }
    return Promise.resolve(true);
  };
  const rows = { byUser, byItem: transpose(byUser, items) };
  await trainAls(pool, rows, options, () => performance.now() / 1000, { afterEpoch });
  await pool.close();
}

/** Those of the latest snapshot below a root, with users: as `segue train` made it. */
export function snapshotFactors(folder: string, root: string): void {
  mkdirSync(folder, { recursive: true });
  const copy = (from: string, to: string): void => {
    copyFileSync(join(root, 'latest', from), join(folder, `${to}.npy`));
  };
  copy(snapshotFile.userVectors, 'users');
  copy(snapshotFile.itemVectors, 'item-factors');
  copy(historyFile('indptr'), 'train-indptr');
  copy(historyFile('item'), 'train-item');
}

export interface RecommendData {
  readonly users: { readonly shape: readonly number[]; readonly data: Float32Array };
  readonly items: { readonly shape: readonly number[]; readonly data: Float32Array };
  readonly indptr: Uint32Array;
  readonly item: Uint32Array;
}

export function readFactors(folder: string): RecommendData {
  const rows = (name: string): Uint32Array =>
    readNpy(join(folder, `${name}.npy`), { dtype: '<u4', shape: [undefined] }).data;
  const matrix = (name: string): RecommendData['users'] =>
    readNpy(join(folder, `${name}.npy`), { dtype: '<f4', shape: [undefined, undefined] });
  return {
    users: matrix('users'),
    items: matrix('item-factors'),
    indptr: rows('train-indptr'),
    item: rows('train-item'),
  };
}
