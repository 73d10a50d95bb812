/** index/: an inverted file over the item vectors, and these in the order of their norms. */
import { inScope } from '../../compute/workspace.js';
import type { Workspace } from '../../compute/workspace.js';
import type { Matrix } from '../../search/exact-batch.js';
import { ivfFileChunks } from '../../search/ivf-files.js';
import type { IvfIndex } from '../../search/ivf-index.js';
import { orderChunks } from '../../search/norm-order.js';
import { indexFiles } from '../layout.js';
import type { Manifest } from '../manifest.js';
import { orderFiles, orderParts } from '../norm-order.js';
import type { SnapshotDraft } from './write-snapshot.js';

export function writeIndex(draft: SnapshotDraft, workspace: Workspace, index: IvfIndex): void {
  const chunks = ivfFileChunks(workspace, index);
  for (const [part, name] of Object.entries(indexFiles))
    draft.write(name, chunks[part as keyof typeof indexFiles]);
}

/** Bytes of the index's files of a snapshot. */
export function indexBytes({ files }: Manifest): number {
  return Object.values(indexFiles).reduce((sum, name) => sum + (files[name]?.bytes ?? 0), 0);
}

/** Writes the order of `items`, f32 in the workspace; gives back what it allocates there, `orderLayout`. */
export function writeNormOrder(draft: SnapshotDraft, workspace: Workspace, items: Matrix): void {
  inScope(workspace, () => {
    const chunks = orderChunks(workspace, items);
    for (const part of orderParts) draft.write(orderFiles[part], chunks[part]);
  });
}
