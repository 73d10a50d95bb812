/** All that can be checked of a snapshot: its files by size and sha256, then that they can be opened and used. */
import type { TaskContext } from '../contracts.js';
import { AppError, exitCodes } from '../errors.js';
import { isBundle } from './bundle.js';
import { sendCanary } from './canary.js';
import type { AnyManifest, Manifest } from './manifest.js';
import type { FileIdentities } from './stamp.js';
import { verifyFiles } from './verify.js';

/**
 * Returns what a stamp holds. Throws damaged-snapshot and machine errors. Costs a read of all bytes, and a process;
 * `meanwhile` is run, once the files are verified, while that process works.
 */
export async function checkSnapshot(
  directory: string,
  manifest: Manifest,
  context: TaskContext,
  meanwhile: () => void = () => undefined,
): Promise<FileIdentities> {
  const identities = await verifyFiles(directory, manifest, context);
  const ends = await Promise.allSettled([
    sendCanary(directory, manifest, context),
    new Promise<void>((resolve) => {
      meanwhile();
      resolve();
    }),
  ]);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return identities;
}

export interface SnapshotDamage {
  /** What a stamp holds; of one without damage. */
  readonly identities: FileIdentities;
  /** Every file that is not as it should be, or that cannot be read; empty where all is well. */
  readonly damage: readonly AppError[];
}

/**
 * Whether an error says nothing of a snapshot: the machine kept it from being looked at. A file that the disk does not
 * give back (EIO) cannot be used, and counts as damage.
 */
export function isOfMachine({ exitCode, details }: AppError): boolean {
  return exitCode === exitCodes.machineRefused && details['errno'] !== 'EIO';
}

/** The same, to the end: whatever is wrong is found, not only the first of it. `hashes` are those of VerifyOptions. */
export async function findDamage(
  directory: string,
  manifest: AnyManifest,
  context: TaskContext,
  hashes: Map<string, string>,
): Promise<SnapshotDamage> {
  const damage: AppError[] = [];
  const onDamage = (error: AppError): void => void damage.push(error);
  const identities = await verifyFiles(directory, manifest, context, { onDamage, hashes });
  if (damage.length > 0 || isBundle(manifest)) return { identities, damage };
  try {
    await sendCanary(directory, manifest, context);
  } catch (error) {
    if (!(error instanceof AppError) || context.signal.aborted || error.code === 'interrupted') throw error;
    damage.push(error);
  }
  return { identities, damage };
}
