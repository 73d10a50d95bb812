/** Reading by offset until there is enough: one read may return less than it was asked for. */
import { readSync } from 'node:fs';

/** A read of 2^31 bytes or more is refused by Node, and cut short by Linux. */
const maxReadBytes = 2 ** 30;

/**
 * Fills `target` from `position` of the open file on, of any size. Returns how many bytes there were: less than
 * target.length only where the file ends. Throws errno errors.
 */
export function readFully(fd: number, target: Uint8Array, position: number): number {
  let done = 0;
  while (done < target.length) {
    const length = Math.min(target.length - done, maxReadBytes);
    const got = readSync(fd, target, done, length, position + done);
    if (got === 0) break;
    done += got;
  }
  return done;
}
