import type { OpenSnapshot } from '../snapshot/open-snapshot.js';

/** Whether two snapshots' numbers mean the same: they come from one training, or from two that gave the same bytes. */
export function isOneModel(a: OpenSnapshot, b: OpenSnapshot): boolean {
  return a.basis === b.basis || !partDiffers(a, b, 'model/');
}

/** Whether a file below the directory is in one of two snapshots only, or has other bytes. */
export function partDiffers(
  a: OpenSnapshot,
  b: OpenSnapshot,
  directory: 'model/' | 'users/' | 'index/',
): boolean {
  const [filesA, filesB] = [a.manifest.files, b.manifest.files];
  return [...Object.keys(filesA), ...Object.keys(filesB)].some(
    (name) => name.startsWith(directory) && filesA[name]?.sha256 !== filesB[name]?.sha256,
  );
}
