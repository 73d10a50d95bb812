/** `itemVectors`: vectors of items that came from elsewhere, such as of their audio. */
import { closing } from '../../closers.js';
import type { StringColumn, TaskContext } from '../../contracts.js';
import { AppError } from '../../errors.js';
import { bytesOf } from '../../files/npy.js';
import { sha256Hex } from '../../files/sha256.js';
import { readIds } from '../../interchange/foreign-ids.js';
import { requireIds } from '../../interchange/load-vectors.js';
import { openForeignVectors } from '../../interchange/open-vectors.js';
import { badFile } from '../../interchange/vector-rows.js';
import type { VectorsOfItems } from '../../models/features/item-features.js';
import { rowFinder } from '../../tables/row-finder.js';

/** More of them would take minutes to learn from: every two of them meet in every item. */
const mostDims = 256;

/**
 * Vectors by row of `ids`. AppErrors: of `openForeignVectors`; 'bad-usage' where no ids are given; 'bad-input-file' where
 * nothing has one, or a number is not finite.
 */
export async function readItemVectors(
  {
    itemVectors,
    itemIds,
  }: { readonly itemVectors?: string | undefined; readonly itemIds?: string | undefined },
  ids: StringColumn,
  context: TaskContext,
): Promise<{ readonly vectors: VectorsOfItems | undefined; readonly sha256?: string }> {
  if (itemVectors === undefined) return { vectors: undefined };
  const choice = { id: undefined, vector: undefined, count: undefined };
  const rows = await openForeignVectors(itemVectors, undefined, choice, context);
  return closing(rows, async () => {
    const { dim, numRows } = rows;
    if (dim > mostDims) {
      throw badFile(itemVectors, `has vectors of ${dim} dimensions, and ${mostDims} are the most`, [
        `keep the first ${mostDims} principal components`,
      ]);
    }
    const values = new Float32Array(numRows * dim);
    const beside = await rows.read((from, block) => values.set(block, from * dim));
    const at = values.findIndex((value) => !Number.isFinite(value));
    if (at >= 0) throw badFile(itemVectors, `holds ${values[at]} in row ${Math.floor(at / dim) + 1}`);
    const own = itemIds === undefined ? beside.ids : readIds(itemIds, 'count').ids;
    if (own === undefined) {
      throw new AppError('bad-usage', `${itemVectors} has vectors and no ids`, {
        suggestions: ['name the file that has them, in the order of the vectors: `itemIds` FILE'],
      });
    }
    requireIds(itemIds ?? itemVectors, own, numRows, itemVectors);
    const find = rowFinder(own);
    const rowOf = Array.from({ length: ids.length }, (_, row) => find(ids, row));
    if (rowOf.every((row) => row === undefined))
      throw badFile(itemIds ?? itemVectors, 'has the id of no item of the snapshot, nor of the file');
    return {
      vectors: {
        ...{ name: 'itemVectors', dim },
        of: (row: number) => {
          const found = rowOf[row];
          return found === undefined ? undefined : values.subarray(found * dim, (found + 1) * dim);
        },
      },
      sha256: sha256Hex(own.bytes, own.offsets, bytesOf(values)),
    };
  });
}
