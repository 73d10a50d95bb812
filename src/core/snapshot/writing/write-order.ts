import type { Workspace } from '../../compute/workspace.js';
import type { FileDigest } from '../../files/sha256.js';
import type { Matrix } from '../../search/exact-batch.js';
import { orderChunks } from '../../search/product-order.js';
import { orderFiles, orderParts } from '../product-order.js';
import type { SnapshotDraft } from './write-snapshot.js';

/**
 * Writes the order of `items`, f32 in the workspace; gives back what it allocates there, `orderBytes`. Returns the bytes of
 * its files.
 */
export function writeProductOrder(draft: SnapshotDraft, workspace: Workspace, items: Matrix): number {
  const mark = workspace.mark();
  try {
    const chunks = orderChunks(workspace, items);
    return orderParts
      .map((part): FileDigest => draft.write(orderFiles[part], chunks[part]))
      .reduce((sum, { bytes }) => sum + bytes, 0);
  } finally {
    workspace.release(mark);
  }
}
