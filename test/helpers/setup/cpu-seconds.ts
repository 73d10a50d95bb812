/** What a file costs this process and the ones it started, for the reporter (reporters/cpu-budgets.ts). */
import { afterAll } from 'vitest';
import { cpuSeconds } from '../processor-time.js';

declare module 'vitest' {
  interface TaskMeta {
    /** Of a file: the seconds of processor time of its process while it was imported and run, and of its children that ended. */
    cpuSeconds?: number;
  }
}

const before = cpuSeconds();

// The first hook that is registered is the last one that runs.
// eslint-disable-next-line no-empty-pattern -- vitest wants a pattern there
afterAll(({}, file) => {
  file.meta.cpuSeconds = cpuSeconds() - before;
});
