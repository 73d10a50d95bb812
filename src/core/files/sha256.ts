/** sha256 of memory and of files, in lower-case hex. */
import { createHash } from 'node:crypto';
import { closeSync, read, readSync } from 'node:fs';
import { promisify } from 'node:util';

import { abortError } from '../errors.js';
import { openRegularFile } from './safe-open.js';

export interface FileDigest {
  readonly bytes: number;
  readonly sha256: string;
}

const chunkBytes = 1 << 20;
const readInto = promisify(read);

export function sha256Hex(...chunks: readonly (Uint8Array | string)[]): string {
  const hash = createHash('sha256');
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
}

/** Reads the open file from its start to its end. */
export function hashDescriptor(fd: number): FileDigest {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(chunkBytes);
  let bytes = 0;
  for (;;) {
    const count = readSync(fd, buffer, 0, chunkBytes, bytes);
    if (count === 0) return { bytes, sha256: hash.digest('hex') };
    hash.update(count === chunkBytes ? buffer : buffer.subarray(0, count));
    bytes += count;
  }
}

export interface HashFileOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told the number of further bytes after every chunk. */
  readonly onBytes?: ((count: number) => void) | undefined;
}

/**
 * Digest of a regular file (never through a link). The thread pool reads the next chunk while this thread hashes the
 * last one, so the speed is that of sha256 alone, and the event loop turns between chunks.
 */
export async function hashFile(path: string, options: HashFileOptions = {}): Promise<FileDigest> {
  const fd = openRegularFile(path);
  try {
    const hash = createHash('sha256');
    let current = Buffer.allocUnsafe(chunkBytes);
    let spare = Buffer.allocUnsafe(chunkBytes);
    let bytes = 0;
    let pending = readInto(fd, current, 0, chunkBytes, 0);
    for (;;) {
      const { bytesRead } = await pending;
      if (options.signal?.aborted === true) throw abortError(options.signal);
      if (bytesRead === 0) return { bytes, sha256: hash.digest('hex') };
      bytes += bytesRead;
      pending = readInto(fd, spare, 0, chunkBytes, bytes);
      // Awaited in the next round; without this, a failure while update() throws would count as unhandled.
      pending.catch(() => undefined);
      hash.update(bytesRead === chunkBytes ? current : current.subarray(0, bytesRead));
      options.onBytes?.(bytesRead);
      [current, spare] = [spare, current];
    }
  } finally {
    closeSync(fd);
  }
}
