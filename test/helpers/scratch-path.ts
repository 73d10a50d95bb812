import { inject } from 'vitest';
import type {} from './run-directory.js';

/** Where tests keep their files; with the run of the tests all of it goes (run-directory.ts). */
export const scratchPath = inject('runDirectory');
