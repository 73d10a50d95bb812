import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { scratchPath } from './scratch-path.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A directory of this run of the tests: what is made once for all files is kept there. */
    readonly runDirectory: string;
  }
}

/** vitest's globalSetup. */
export default function setup(project: TestProject): () => void {
  const runDirectory = mkdtempSync(join(scratchPath, 'segue-tests-'));
  project.provide('runDirectory', runDirectory);
  return () => {
    rmSync(runDirectory, { recursive: true, force: true });
  };
}
