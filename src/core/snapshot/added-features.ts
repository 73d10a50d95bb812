/** What the vectors of added items are made of: values of their columns, each with a vector. */
import { readNpy } from '../files/npy.js';
import { damagedFile } from './damaged-file.js';
import { addedFiles } from './layout.js';
import { numTrained } from './manifest.js';
import type { OpenSnapshot } from './open-snapshot.js';
import { readArrowFile } from '../tables/arrow-reader.js';

/** A column, and one of its values; of the constant both are empty. */
interface Feature {
  readonly column: string;
  readonly value: string;
}

export interface AddedFeatures {
  readonly features: readonly Feature[];
  /** f32 [features × dim]. */
  readonly vectors: Float32Array;
  /** By added item, from 0 on: compressed sparse rows. */
  readonly indptr: Uint32Array;
  readonly idx: Uint32Array;
  readonly weight: Float32Array;
}

/** undefined where no items were added. AppError 'damaged-snapshot'. */
export async function readAddedFeatures(snapshot: OpenSnapshot): Promise<AddedFeatures | undefined> {
  const { model, inputs } = snapshot.manifest;
  if (model.added === undefined) return undefined;
  const table = await readArrowFile(snapshot.file(addedFiles.table));
  const [columns, values] = [table.strings('column'), table.strings('value')];
  const numAdded = inputs.interactions.items - numTrained(snapshot.manifest);
  const read = <D extends '<f4' | '<u4'>(name: keyof typeof addedFiles, dtype: D, ...shape: number[]) =>
    readNpy(snapshot.file(addedFiles[name]), { dtype, shape }).data;
  const indptr = read('indptr', '<u4', numAdded + 1);
  const idx = read('idx', '<u4', indptr.at(-1) ?? 0);
  if (
    idx.some((feature) => feature >= columns.length) ||
    indptr.some((at, row) => at < (indptr[row - 1] ?? 0))
  )
    throw damagedFile(snapshot.id, addedFiles.idx, `it holds features beyond all ${columns.length}`);
  return {
    features: Array.from({ length: columns.length }, (_, at) => ({
      column: columns.at(at),
      value: values.at(at),
    })),
    vectors: read('vectors', '<f4', columns.length, model.dim),
    ...{ indptr, idx, weight: read('weight', '<f4', idx.length) },
  };
}

/** What a value of an item's columns adds to its score. */
export interface FeaturePart extends Feature {
  readonly contribution: number;
}

/**
 * By value of its columns what a user's vector gives an added item, the largest first, either way; what all items have in common
 * left out. @param at which of the added items
 */
export function partsOfAdded(
  { features, vectors, indptr, idx, weight }: AddedFeatures,
  at: number,
  user: ArrayLike<number>,
  dim: number,
): FeaturePart[] {
  const parts = new Map<string, FeaturePart>();
  for (let e = indptr[at]!; e < indptr[at + 1]!; e++) {
    const { column, value } = features[idx[e]!]!;
    if (column === '') continue;
    let product = 0;
    for (let f = 0; f < dim; f++) product += vectors[idx[e]! * dim + f]! * (user[f] ?? 0);
    const key = JSON.stringify([column, value]);
    const contribution = (parts.get(key)?.contribution ?? 0) + weight[e]! * product;
    parts.set(key, { column, value, contribution });
  }
  return [...parts.values()].sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
}
