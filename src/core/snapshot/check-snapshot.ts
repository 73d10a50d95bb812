/** All that can be checked of a snapshot: its files by size and sha256, then that they can be opened and used. */
import type { TaskContext } from '../contracts.js';
import { sendCanary } from './canary.js';
import type { Manifest } from './manifest.js';
import type { FileIdentities } from './stamp.js';
import { verifyFiles } from './verify.js';

/** Returns what a stamp holds. Throws damaged-snapshot and machine errors. Costs a read of all bytes, and a process. */
export async function checkSnapshot(
  directory: string,
  manifest: Manifest,
  context: TaskContext,
): Promise<FileIdentities> {
  const identities = await verifyFiles(directory, manifest, context);
  await sendCanary(directory, manifest, context);
  return identities;
}
