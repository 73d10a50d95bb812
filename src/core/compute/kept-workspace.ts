import { openWorkspace, type Workspace } from './workspace.js';

/**
 * Memory for one calculation after the other, none of which begins before the last one ended: opening a workspace takes a
 * millisecond, most small calculations a tenth of one.
 */
export class KeptWorkspace {
  #workspace: Workspace | undefined;
  #bytes = 0;
  #start = 0;

  /**
   * At least so many bytes (sum of `allocatedBytes`), until it is taken again; what the last calculation left in them stands
   * there. Errors as `openWorkspace`.
   */
  take(bytes: number): Workspace {
    const kept = this.#workspace;
    if (kept !== undefined && bytes <= this.#bytes) {
      kept.release(this.#start);
      return kept;
    }
    // Twice what it was, up to a size that is not worth saving, so that it seldom grows.
    this.#bytes = Math.max(bytes, Math.min(2 * this.#bytes, 2 ** 24));
    const opened = openWorkspace(this.#bytes);
    this.#workspace = opened;
    this.#start = opened.mark();
    return opened;
  }
}
