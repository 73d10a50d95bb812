import type { TaskContext } from '../contracts.js';
import { networkFileSystem } from '../files/network-file-system.js';

/** Tells that a root lies where locks and renames are weaker than the promise that rests on them. */
export function warnOfNetwork(root: string, context: TaskContext): void {
  const name = networkFileSystem(root);
  if (name === undefined) return;
  const message = `${root} is on ${name}, a network file system: its locks and renames do not keep what segue promises`;
  context.onProgress({ kind: 'warning', message });
}
