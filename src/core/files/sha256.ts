/** sha256 of memory and of files, in lower-case hex. */
import { createHash, type Hash } from 'node:crypto';
import { readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { abortError } from '../errors.js';
import { piecesOf } from './npy.js';
import { closingFile, openRegularFile } from './safe-open.js';

export interface FileDigest {
  readonly bytes: number;
  readonly sha256: string;
}

/** A chunk stays in the core's own cache between its read and its hashing. */
const chunkBytes = 256 << 10;
/** Hashed in 3 ms: as long as the event loop may stand still. */
const turnBytes = 4 << 20;

/** Of text as UTF-8, and of arrays of any size as they lie in memory. */
export function sha256Hex(...chunks: readonly (ArrayBufferView | string)[]): string {
  const hash = createHash('sha256');
  for (const chunk of chunks) {
    if (typeof chunk === 'string') hash.update(chunk);
    else for (const piece of piecesOf(chunk)) hash.update(piece);
  }
  return hash.digest('hex');
}

/** The digest of chunks that are made one after another. */
export function hashChunks(chunks: Iterable<Uint8Array>): FileDigest {
  const hash = createHash('sha256');
  let bytes = 0;
  for (const chunk of chunks) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** Reads the open file from its start to its end, and says every few MiB how many further bytes those were. */
export function hashDescriptor(fd: number, onBytes?: (count: number) => void): FileDigest {
  const hash = createHash('sha256');
  let bytes = 0;
  for (;;) {
    const count = hashRange(hash, fd, bytes, turnBytes);
    if (count > 0) onBytes?.(count);
    bytes += count;
    if (count < turnBytes) return { bytes, sha256: hash.digest('hex') };
  }
}

export interface HashFileOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told the number of further bytes, every few MiB. */
  readonly onBytes?: ((count: number) => void) | undefined;
}

/**
 * Digest of a regular file (never through a link). As fast as sha256 itself, since the kernel reads ahead: reading by
 * the thread pool while this thread hashes was 15 % slower. The event loop turns every few milliseconds.
 */
export async function hashFile(path: string, options: HashFileOptions = {}): Promise<FileDigest> {
  return closingFile(openRegularFile(path), async (fd) => {
    const hash = createHash('sha256');
    let bytes = 0;
    for (;;) {
      if (options.signal?.aborted === true) throw abortError(options.signal);
      const count = hashRange(hash, fd, bytes, turnBytes);
      if (count > 0) options.onBytes?.(count);
      bytes += count;
      if (count < turnBytes) return { bytes, sha256: hash.digest('hex') };
      await setImmediate();
    }
  });
}

/** Hashes up to `most` bytes (a multiple of a chunk) from `start` on; fewer only where the file ends. */
function hashRange(hash: Hash, fd: number, start: number, most: number): number {
  const buffer = Buffer.allocUnsafe(chunkBytes);
  let bytes = 0;
  while (bytes < most) {
    const count = readSync(fd, buffer, 0, Math.min(chunkBytes, most - bytes), start + bytes);
    if (count === 0) break;
    hash.update(count === chunkBytes ? buffer : buffer.subarray(0, count));
    bytes += count;
  }
  return bytes;
}
