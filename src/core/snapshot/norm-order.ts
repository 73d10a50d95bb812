/** The part of index/ from which one person's recommendations are found: the items in the order of their norms. */
import { closing } from '../closers.js';
import { openWorkspace } from '../compute/workspace.js';
import { allocateFactors, factorBytes } from '../compute/factors.js';
import { hashChunks } from '../files/sha256.js';
import { orderLayout, orderChunks, orderEncoding, type OrderPaths } from '../search/norm-order.js';
import { openVectorFile } from '../compute/vector-file.js';
import { damagedFile } from './damaged-file.js';
import { snapshotFile, type SingleFile } from './layout.js';
import type { Manifest } from './manifest.js';

/** A file for each part. */
export const orderFiles = {
  rows: snapshotFile.orderRows,
  codes: snapshotFile.orderCodes,
  bounds: snapshotFile.orderBounds,
} as const;

/** What it consists of. */
export const orderParts = Object.keys(orderFiles) as (keyof typeof orderFiles)[];

/** Its files. */
export const normOrderFiles: readonly SingleFile[] = Object.values(orderFiles);

/** Whether the snapshot has an order that this version reads. Without it, all vectors are scanned. */
export function hasNormOrder({ index }: Pick<Manifest, 'index'>): boolean {
  return index?.item.options['order'] === orderEncoding;
}

export function normOrderPaths(path: (name: SingleFile) => string): OrderPaths {
  return { rows: path(orderFiles.rows), codes: path(orderFiles.codes), bounds: path(orderFiles.bounds) };
}

/** Bytes of its files in a snapshot; 0 without them. */
export function normOrderBytes({ files }: Pick<Manifest, 'files'>): number {
  return normOrderFiles.reduce((sum, name) => sum + (files[name]?.bytes ?? 0), 0);
}

/**
 * Makes the order anew from the item vectors: its files must have the very bytes, since one that is wrong would leave
 * items out without any sign of it. Throws damaged-snapshot, naming the file.
 */
export function checkNormOrder(manifest: Manifest, path: (name: SingleFile) => string): void {
  closing(openVectorFile(path(snapshotFile.itemVectors)), (vectors) => {
    const { numRows, paddedDim } = vectors;
    const workspace = openWorkspace(factorBytes(numRows, paddedDim) + orderLayout(numRows, paddedDim).bytes);
    const { address } = allocateFactors(workspace, numRows, paddedDim);
    vectors.readAllInto(workspace, address);
    const chunks = orderChunks(workspace, { address, numRows, paddedDim });
    for (const part of orderParts) {
      const name = orderFiles[part];
      if (hashChunks(chunks[part]).sha256 !== manifest.files[name]?.sha256) {
        throw damagedFile(manifest.id, name, 'it is not the order of the item vectors');
      }
    }
  });
}
