/** index/: an inverted file over the item vectors. */
import type { Workspace } from '../../compute/workspace.js';
import { ivfFileChunks } from '../../search/ivf-files.js';
import type { IvfIndex } from '../../search/ivf-index.js';
import { indexFiles } from '../layout.js';
import type { Manifest } from '../manifest.js';
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
