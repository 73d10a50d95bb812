import { expect, it } from 'vitest';

/**
 * Whether the test file that runs is a `.faults.test.ts` or an `.integration.test.ts`: it does all of what the file that it
 * imports does a small part of in `npm test`.
 */
export function isFullTest(): boolean {
  return /\.(faults|integration)\.test\.tsx?$/.test(expect.getState().testPath ?? '');
}

type Case = (name: string, ...rest: [run: () => unknown, timeout?: number]) => void;

/** `it` in a full test; in `npm test` the case is not there. */
export function inFullTest(): Case {
  return isFullTest() ? it : () => undefined;
}

/** `it` in `npm test`; the full test does the same and more in other cases. */
export function inSmokeTest(): Case {
  return isFullTest() ? () => undefined : it;
}
