import { snapshotFile } from '../snapshot/layout.js';
import type { SnapshotFile } from '../snapshot/layout.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';

const modelFiles = [
  snapshotFile.itemVectors,
  snapshotFile.inputVectors,
  snapshotFile.similarity,
  snapshotFile.scores,
] as const;

/** Whether two snapshots' numbers mean the same: they come from one training, or from two that gave the same bytes. */
export function isOneModel(a: OpenSnapshot, b: OpenSnapshot): boolean {
  return a.basis === b.basis || modelFiles.every((name) => sameFile(a, b, name));
}

/** Whether both have the file with the same bytes, or neither has it. */
export function sameFile(a: OpenSnapshot, b: OpenSnapshot, name: SnapshotFile): boolean {
  return a.manifest.files[name]?.sha256 === b.manifest.files[name]?.sha256;
}
