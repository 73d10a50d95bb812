import { setImmediate } from 'node:timers/promises';
import type { Crew } from './job.js';
import { rangeRunner } from './run-range.js';
import type { Workspace } from './workspace.js';

/**
 * The calling thread itself: no worker is started and nothing has to be shared. The event loop turns between ranges, so
 * that signals and progress are served.
 */
export function callingThread({ kernels, memory }: Workspace, scratch: number): Crew {
  const runRange = rangeRunner(kernels, memory.buffer, scratch);
  return {
    async run(job, signal) {
      const results = new Float64Array(Math.max(0, job.bounds.length - 1));
      for (let range = 0; range < results.length; range++) {
        results[range] = runRange(job, range);
        await setImmediate();
        if (signal.aborted) break;
      }
      return results;
    },
    close: () => Promise.resolve(),
  };
}
