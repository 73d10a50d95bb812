import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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

/** Writes a file of that name into a fresh directory, removed after all tests of the file; gives its path. */
export function temporaryFiles(): (name: string, content: string | Buffer) => string {
  const makeDirectory = temporaryDirectories('file');
  return (name, content) => {
    const path = join(makeDirectory(), name);
    writeFileSync(path, content);
    return path;
  };
}
