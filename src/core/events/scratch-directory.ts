/** A private directory for what reading needs on disk for a while: spooled input, DuckDB's spill files. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { machineError } from '../errors.js';

/** Runs `work` with a new directory under the system's temporary one (TMPDIR) and removes it whatever happens. */
export async function withScratchDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  let directory: string;
  try {
    directory = await mkdtemp(join(tmpdir(), 'segue-'));
  } catch (error) {
    throw machineError(error, `make a temporary directory in ${tmpdir()}`);
  }
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
