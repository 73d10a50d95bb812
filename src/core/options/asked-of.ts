import type { Operation } from './operation.js';
import type * as operations from './operations.js';
import type { Asked } from './option.js';

/** What an operation is asked, by its name: checked and complete. */
export type AskedOf<Name extends keyof typeof operations> =
  (typeof operations)[Name] extends Operation<infer S> ? Asked<S> : never;
