/** Room on the disk, asked before the work and not after it. */
import { statfsSync } from 'node:fs';
import { AppError } from '../errors.js';

/** Bytes that an ordinary user may still write to the file system that holds `directory`. */
export function freeBytes(directory: string): number {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize;
}

/** Throws 'disk-full' unless `bytes` are free below `directory`. */
export function requireFreeBytes(directory: string, bytes: number): void {
  const free = freeBytes(directory);
  if (free >= bytes) return;
  throw new AppError(
    'disk-full',
    `disk full: ${directory} has ${inMebibytes(free)} free, ${inMebibytes(bytes)} are needed`,
    {
      suggestions: ['free some space, or choose another place by `root`'],
      details: { directory, freeBytes: free, neededBytes: bytes },
    },
  );
}

function inMebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
