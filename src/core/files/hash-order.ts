/** What the threads of hash-lanes.ts and hash-worker.ts say to each other. */
import type { FileDigest } from './sha256.js';

/** To a worker: an open descriptor, which is the whole process's. */
export interface HashOrder {
  readonly fd: number;
}

/** From a worker: how many more bytes were hashed; and in the end the digest, or what a system call refused. */
export type HashReport =
  | { readonly bytes: number }
  | { readonly digest: FileDigest }
  | { readonly errno: string | undefined; readonly message: string };
