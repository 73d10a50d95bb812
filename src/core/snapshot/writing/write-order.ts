import type { Workspace } from '../../compute/workspace.js';
import type { Matrix } from '../../search/exact-batch.js';
import { orderChunks } from '../../search/norm-order.js';
import { orderFiles, orderParts } from '../norm-order.js';
import type { SnapshotDraft } from './write-snapshot.js';

/** Writes the order of `items`, f32 in the workspace; gives back what it allocates there, `orderLayout`. */
export function writeNormOrder(draft: SnapshotDraft, workspace: Workspace, items: Matrix): void {
  const mark = workspace.mark();
  try {
    const chunks = orderChunks(workspace, items);
    for (const part of orderParts) draft.write(orderFiles[part], chunks[part]);
  } finally {
    workspace.release(mark);
  }
}
