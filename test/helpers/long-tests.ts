import { expect } from 'vitest';

/**
 * Whether the test file that runs is a `.long.test.ts`, which `npm run test:long` runs: it does all of what the file
 * that it imports does a representative part of.
 */
export function isLongTest(): boolean {
  return expect.getState().testPath?.endsWith('.long.test.ts') === true;
}
