import { describe, expect, it } from 'vitest';

/**
 * Whether the test file that runs is a `.faults.test.ts` or an `.integration.test.ts`: it does all of what the file that it
 * imports does a small part of in `npm test`.
 */
export function isFullTest(): boolean {
  return /\.(faults|integration)\.test\.tsx?$/.test(expect.getState().testPath ?? '');
}

/** Before a release, and at night (`npm run test:nightly`), what takes long is done in full; in CI it has a share of about a minute. */
export const isNightly = process.env['SEGUE_FAULTS'] === 'release';

/** Declares nothing, whatever it is given: what is not there is not skipped either. */
const nothing: unknown = Object.assign(() => undefined, { each: () => () => undefined });

/** `it` in a full test; in `npm test` the case is not there. */
export function inFullTest(): typeof it {
  return isFullTest() ? it : (nothing as typeof it);
}

/** `describe` in a full test; in `npm test` its cases are not there. */
export function describeInFullTest(): typeof describe {
  return isFullTest() ? describe : (nothing as typeof describe);
}

/** `it` in `npm test`; the full test does the same and more in other cases. */
export function inSmokeTest(): typeof it {
  return isFullTest() ? (nothing as typeof it) : it;
}

/** `describe` in `npm test`, around cases that the full test does not do again. */
export function describeInSmokeTest(): typeof describe {
  return isFullTest() ? (nothing as typeof describe) : describe;
}
