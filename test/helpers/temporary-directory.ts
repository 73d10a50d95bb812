import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach } from 'vitest';

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

/** Makes fresh directories, removed after each test, or (kept) after all tests of the file. */
export function temporaryDirectories(lifetime: 'test' | 'file' = 'test'): () => string {
  const made: string[] = [];
  (lifetime === 'test' ? afterEach : afterAll)(() => {
    for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true });
  });
  return () => {
    const directory = mkdtempSync(join(scratchPath, 'segue-test-'));
    made.push(directory);
    return directory;
  };
}
