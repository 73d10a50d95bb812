import { AppError } from '../../errors.js';
import type { Frame } from '../frames.js';
import { failedHead } from '../worker-jobs.js';

/** What goes wrong is an answer too. */
export async function answered(answer: () => Frame | Promise<Frame>): Promise<Frame> {
  try {
    return await answer();
  } catch (error) {
    if (error instanceof AppError) return { head: failedHead(error), blobs: [] };
    const failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { head: { failure }, blobs: [] };
  }
}
