import { expect, it } from 'vitest';

/**
 * Whether the test file that runs is a `.long.test.ts`, which `npm run test:long` runs: it does all of what the file
 * that it imports does a representative part of.
 */
export function isLongTest(): boolean {
  return expect.getState().testPath?.endsWith('.long.test.ts') === true;
}

/** `it` in a `.long.test.ts`; in a short one the case is not there. */
export function inLongTest(): (name: string, ...rest: [run: () => unknown, timeout?: number]) => void {
  return isLongTest() ? it : () => undefined;
}
