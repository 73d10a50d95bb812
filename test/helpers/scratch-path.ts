import { inject } from 'vitest';

/** Where tests keep their files; with the run of the tests all of it goes (run-directory.ts). */
export const scratchPath = inject('runDirectory');
