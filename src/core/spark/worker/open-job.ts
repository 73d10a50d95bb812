import type { Frame } from '../frames.js';

/** A job that is open: what it reads is in memory. */
export interface OpenJob {
  answer(frame: Frame): Promise<Frame>;
  close(): Promise<void>;
}
