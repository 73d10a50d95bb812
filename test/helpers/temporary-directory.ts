import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach } from 'vitest';
import { scratchPath } from './scratch-path.js';

/** Makes fresh directories, removed after each test, or (kept) after all tests of the file. */
export function temporaryDirectories(lifetime: 'test' | 'file' = 'test'): () => string {
  const made: string[] = [];
  (lifetime === 'test' ? afterEach : afterAll)(() => {
    for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true });
  });
  return () => {
    const directory = mkdtempSync(join(scratchPath, 'test-'));
    made.push(directory);
    return directory;
  };
}
