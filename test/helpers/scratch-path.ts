import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';

const memory = '/dev/shm';
/** What the tests that run at the same time may take. */
const roomBytes = 4 * 2 ** 30;

/**
 * Where tests keep their files: in memory where there is room, since most of what many of them would wait for are the
 * fsyncs of a disk. (In a container there may be 64 MB of it.)
 */
export const scratchPath = hasRoom(memory) ? memory : tmpdir();

function hasRoom(path: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize > roomBytes;
  } catch {
    return false;
  }
}
